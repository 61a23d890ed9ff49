package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.Node;
import dev.sallyport.testkit.client.Http;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP client as a process that takes commands and says what happens, one JSON object a line ({@code node/driver.mjs}).
 * What it says is taken in order: a client that wants a browser where the test expects none fails the test.
 */
final class NodeClient implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final LinkedBlockingQueue<JsonNode> said = new LinkedBlockingQueue<>();

    private NodeClient(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::listen);
    }

    static NodeClient start(String script, String... arguments) {
        try {
            return new NodeClient(new ProcessBuilder(Node.command(script, arguments))
                    .directory(Node.file("").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a step that may need the person. */
    void begin(String command, Map<String, ?> parameters) {
        try {
            var line = JSON.writeValueAsString(union(Map.of("do", command), parameters)) + "\n";
            var in = process.outputWriter();
            in.write(line);
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the client sends the browser. */
    URI authorizationUrl() {
        var message = next();
        if (!message.path("event").asString("").equals("authorize")) {
            throw new AssertionError("expected a wish for the browser, got " + message);
        }
        return URI.create(message.path("url").asString());
    }

    /** A page that the client wants to show its person, in the middle of a step. */
    PageWanted pageWanted() {
        var message = next();
        if (!message.path("event").asString("").equals("open")) {
            throw new AssertionError("expected a wish to open a page, got " + message);
        }
        return new PageWanted(
                message.path("mode").asString(),
                URI.create(message.path("url").asString()),
                message.path("message").asString(),
                URI.create(message.path("back").asString()));
    }

    /** How the step that was begun ended: a result or an error. */
    Outcome end() {
        var message = next();
        while (message.path("event").asString("").equals("callback")) {
            message = next();
        }
        if (!message.has("done")) {
            throw new AssertionError("expected the end of a step, got " + message);
        }
        return new Outcome(message.path("result"), message.path("error"));
    }

    /** A step that needs no person. */
    Outcome run(String command, Map<String, ?> parameters) {
        begin(command, parameters);
        return end();
    }

    JsonNode run(String command) {
        return run(command, Map.of()).result();
    }

    List<String> tools() {
        return StreamSupport.stream(run("listTools").spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    Outcome call(String tool, Map<String, ?> arguments) {
        return run("callTool", Map.of("name", tool, "arguments", arguments));
    }

    @Override
    public void close() {
        begin("close", Map.of());
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JsonNode next() {
        try {
            var message = said.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (message == null) {
                throw new AssertionError("the client said nothing for " + PATIENCE);
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void listen() {
        try (BufferedReader lines = process.inputReader()) {
            lines.lines()
                    .filter(line -> line.startsWith("{"))
                    .map(JSON::readTree)
                    .forEach(said::add);
        } catch (IOException | UncheckedIOException e) {
            said.add(JSON.valueToTree(Map.of("event", "broken", "why", String.valueOf(e))));
        }
        said.add(JSON.valueToTree(Map.of("event", "ended")));
    }

    private static Map<String, Object> union(Map<String, ?> one, Map<String, ?> other) {
        var all = new java.util.LinkedHashMap<String, Object>(one);
        all.putAll(other);
        return all;
    }

    /** The client waits until its person answers: they opened the page, or they did not want to. */
    record PageWanted(String mode, URI url, String message, URI back) {

        void opened() {
            Http.get(URI.create(back + "?action=accept"));
        }

        void declined() {
            Http.get(URI.create(back + "?action=decline"));
        }
    }

    /** The end of a step. */
    record Outcome(JsonNode answer, JsonNode error) {

        /** What came out; an error fails the test. */
        JsonNode result() {
            if (failed()) {
                throw new AssertionError("the client failed: " + error);
            }
            return answer;
        }

        boolean failed() {
            return !error.isMissingNode();
        }

        String text() {
            return result().path("text").asString();
        }
    }
}
