package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The stdio transport: a process of our own, a line for each message. Never through a shell. */
final class CommandTalk implements ServerTalk {

    private final Process process;
    private final BufferedReader lines;

    CommandTalk(List<String> command) throws IOException {
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        this.lines = process.inputReader(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<JsonText> send(String message) throws IOException {
        var id = JsonText.strict(message.getBytes(StandardCharsets.UTF_8))
                .member("id")
                .map(JsonText::json)
                .map(Integer::valueOf);
        var in = process.getOutputStream();
        in.write((message + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        return id.isEmpty() ? Optional.empty() : Optional.of(await(id.get()));
    }

    private JsonText await(int id) throws IOException {
        var reading = new FutureTask<>(() -> read(id));
        Thread.ofVirtual().start(reading);
        try {
            return reading.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new Unusable("the command did not answer within " + PATIENCE.toSeconds() + " seconds");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private JsonText read(int id) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("{")) {
                var answer = ServerTalk.answer(line, id);
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
        }
        throw new Unusable("the command ended without an answer");
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
