package dev.sallyport.bench;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.stdio.StdioServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Many event streams that are open and silent, before one command that serves everybody: half of them GET streams of sessions
 * of 2025-11-25, half {@code subscriptions/listen} of 2026-07-28. In the end the server says one thing, and each stream has to
 * bring it. The proxy runs with the options that it is delivered with, so its heap bounds them, too.
 */
final class IdleStreams {

    /** As many as one person may have of the one kind and the other, and some room. */
    private static final int OF_ONE_PERSON = 90;

    /** Beside the streams: the JVM's own files, the server's pipes, calls. */
    private static final int OTHER_FILES = 1_000;

    private static final byte[] CHANGED = HttpBytes.lower("notifications/tools/list_changed");

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"bench","version":"1"}}}""";

    private static final String LISTEN = """
            {"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},\
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private static final String NOTIFY = """
            {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"notify",\
            "arguments":{"text":"notifications/tools/list_changed"}}}""";

    private static final Pattern SESSION = Pattern.compile("(?i)\r\nmcp-session-id: *(\\S+)");

    private final Scene scene;
    private final Path home;
    private final PrintStream progress;
    private final int port = Ports.free();
    private final List<OneConnection> streams = new ArrayList<>();
    private final List<String> tokens = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(16 * 1024);

    private IdleStreams(Scene scene, Path home, PrintStream progress) {
        this.scene = scene;
        this.home = home;
        this.progress = progress;
    }

    /** Memory of the proxy's process, and what of its heap is in use after a collection. */
    private record Memory(long pssKib, long heapKib) {
        String since(Memory before, int count) {
            return Report.number((double) (pssKib - before.pssKib) / count, 1) + " | "
                    + Report.number((double) (heapKib - before.heapKib) / count, 1) + " | "
                    + Report.number(pssKib / 1024.0, 0) + " | " + Report.number(heapKib / 1024.0, 0);
        }
    }

    /** @return a table in Markdown, or a sentence if this machine cannot hold so many */
    static String run(int count, Path home, PrintStream progress) throws IOException {
        var files = Machine.openFiles();
        if (files < count + OTHER_FILES) {
            return "Not measured: " + count + " streams need " + (count + OTHER_FILES)
                    + " open files in one process, and this machine allows " + files + ".\n";
        }
        try (var scene = Scene.set()) {
            return new IdleStreams(scene, home, progress).measure(count);
        }
    }

    private String measure(int count) throws IOException {
        try (var server = Server.start(subject(), ready(), home.resolve("target/bench-servers.log"))) {
            hold("Warming up", 100, true);
            hold("Warming up", 100, false);
            closeAll();
            var empty = memory(server);
            hold("GET streams of sessions", count / 2, true);
            var half = memory(server);
            hold("subscriptions/listen", count - count / 2, false);
            var all = memory(server);
            progress.println("One change for all");
            try (var one = new OneConnection(port)) {
                var call = post(
                        token(0), NOTIFY, "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session(one, 0));
                if (one.status(call) != 200) {
                    throw new IOException("the server was not made to say that its tools have changed");
                }
            }
            for (var stream : streams) {
                stream.until(CHANGED);
            }
            return """
                    | streams open | KiB of memory for each | KiB of heap for each | memory in all, MiB | heap in use, MiB |
                    | --- | --- | --- | --- | --- |
                    """
                    + "| " + count / 2 + " GET streams of 2025-11-25 | " + half.since(empty, count / 2) + " |\n| and "
                    + (count - count / 2) + " `subscriptions/listen` | " + all.since(half, count - count / 2)
                    + " |\n\nOne change of the server's tools reached each of " + streams.size() + " streams.\n";
        } finally {
            closeAll();
        }
    }

    private void hold(String what, int count, boolean legacy) throws IOException {
        for (var at = 0; at < count; at++) {
            if (at % 1_000 == 0) {
                progress.println(what + ": " + at + " of " + count);
            }
            var person = streams.size() / OF_ONE_PERSON;
            var stream = new OneConnection(port, scratch);
            streams.add(stream);
            var status =
                    stream.openStream(legacy ? listenWithSession(stream, person) : post(token(person), LISTEN, """
                            MCP-Protocol-Version: 2026-07-28\r
                            Mcp-Method: subscriptions/listen"""));
            if (status != 200) {
                throw new IOException("stream " + at + " was answered with " + status);
            }
        }
    }

    private ByteBuffer listenWithSession(OneConnection connection, int person) throws IOException {
        return bytes("GET /shared/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer "
                + token(person)
                + "\r\nAccept: text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: "
                + session(connection, person) + "\r\n\r\n");
    }

    private String session(OneConnection connection, int person) throws IOException {
        var head = connection.head(post(token(person), INITIALIZE, "X-Of: bench"));
        var found = SESSION.matcher(head);
        if (!found.find()) {
            throw new IOException("no session began: " + head);
        }
        return found.group(1);
    }

    private ByteBuffer post(String token, String body, String headers) {
        return bytes("POST /shared/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer " + token
                + "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
                + headers.strip() + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private String token(int person) {
        while (tokens.size() <= person) {
            tokens.add(
                    scene.token("http://127.0.0.1:" + port + "/shared/mcp", "shared:all", "person-" + tokens.size()));
        }
        return tokens.get(person);
    }

    private Memory memory(Server server) throws IOException {
        var heap = server.liveHeapKib();
        return new Memory(server.ownMemoryKib(), heap);
    }

    private Subject subject() {
        var yaml = Template.fill("bridge.yaml", Map.of("port", "" + port, "management", "" + Ports.free()))
                + Template.fill(
                        "bridged-server.yaml",
                        Map.of(
                                "name",
                                "shared",
                                "upstream",
                                StdioServer.command().stream()
                                        .map(word -> "'" + word + "'")
                                        .collect(Collectors.joining(", ", "command: [", "], process: shared")),
                                "issuer",
                                scene.issuer(),
                                "jwks",
                                scene.jwks()));
        return BridgeRun.subject(port, scene.file("idle-" + port + "/sallyport.yaml", yaml), home);
    }

    private ByteBuffer ready() {
        return bytes("GET /.well-known/oauth-protected-resource/shared/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\n\r\n");
    }

    private void closeAll() throws IOException {
        for (var stream : streams) {
            stream.close();
        }
        streams.clear();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
