package dev.sallyport.testkit.scenario;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** A command: a process that carries lines between its standard streams and this server. */
final class LineServer implements ServerSide {

    private final boolean modern;
    private final ServerSocket socket;
    /** Of requests of 2026-07-28 that wait: what they ask, for answers owe more to some. */
    private final Map<JsonNode, String> asked = new ConcurrentHashMap<>();

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerPart part = ServerPart.idle();
    private volatile Socket latest = new Socket();

    /** @param modern whether it speaks 2026-07-28, and nothing else */
    LineServer(boolean modern) {
        this.modern = modern;
        try {
            socket = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    @Override
    public String upstream() {
        return "command: [/bin/bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/" + socket.getLocalPort()
                + " 4<&0; cat <&4 >&3 & cat <&3 4<&- & wait -n; kill $(jobs -p)'], process: user";
    }

    /** Those of the part before have nothing to do any more, and there is room for so many of them only. */
    @Override
    public void begin(ServerPart next) {
        part = next;
        asked.clear();
        hangUp();
    }

    private void accept() {
        try {
            while (true) {
                var process = socket.accept();
                open.add(process);
                var its = part;
                Thread.ofVirtual().start(() -> serve(process, its));
            }
        } catch (IOException _) {
            // Closed: the tests are over.
        }
    }

    private void serve(Socket process, ServerPart its) {
        try (process;
                var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            latest = process;
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var message = Words.JSON.readTree(line);
                if (message.path("method").asString().equals(modern ? "initialize" : "server/discover")) {
                    // Which era it is of is asked in passing, and is no part of any scenario.
                    write(process, unknown(message));
                } else if (modern) {
                    asked.put(message.path("id"), message.path("method").asString());
                    its.take(process, Modern.plainRequest(message)).ifPresent(answer -> write(process, said(answer)));
                } else {
                    its.take(process, message).ifPresent(answer -> write(process, answer));
                }
            }
        } catch (IOException _) {
            // Either side hung up.
        } finally {
            open.remove(process);
            its.arrivals().happened(ServerPart.END);
        }
    }

    private static JsonNode unknown(JsonNode request) {
        var answer = Words.JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", request.path("id"));
        answer.putObject("error").put("code", -32601).put("message", "Method not found");
        return answer;
    }

    @Override
    public void send(JsonNode message) {
        write(latest, said(message));
    }

    private JsonNode said(JsonNode message) {
        return modern && !message.has("method")
                ? Modern.answer(message, asked.getOrDefault(message.path("id"), ""))
                : message;
    }

    private static void write(Socket process, JsonNode message) {
        try {
            synchronized (process) {
                process.getOutputStream().write((message + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hangUp();
    }

    private void hangUp() {
        try {
            for (var each : open) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
