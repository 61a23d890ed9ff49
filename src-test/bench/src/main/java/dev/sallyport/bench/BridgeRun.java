package dev.sallyport.bench;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.stdio.ModernStdioServer;
import dev.sallyport.testkit.stdio.StdioServer;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.upstream.StreamableServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a translation costs: one client of each era, one call at a time, to servers that it can speak to and servers that it cannot, all behind one proxy and measured in turn. The servers do the same work; CPU time is the proxy's alone.
 */
final class BridgeRun {

    private static final String TEXT = "shed ".repeat(30).strip();

    private static final String CALL = """
            {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%s"}}}""".replace("%s", TEXT);

    /** The same call of a client of 2026-07-28, which says in each request what the others said once. */
    private static final String STATELESS_CALL = CALL.replace("\"name\":\"echo\"", """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":\
            {"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}},"name":"echo\"""");

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"%s","capabilities":{},\
            "clientInfo":{"name":"bench","version":"1"}}}""";

    private static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

    /** What stands in each answer to {@link #CALL}, and nowhere else. */
    private static final byte[] ANSWER = HttpBytes.lower("\"id\":7");

    private static final Pattern SESSION = Pattern.compile("(?i)\r\nmcp-session-id: *(\\S+)");
    private static final Pattern ENDPOINT = Pattern.compile("data: (\\S+)");

    private final Scene scene;
    private final Path home;
    private final PrintStream progress;
    private final int port = Ports.free();
    private final Map<String, String> tokens = new HashMap<>();
    private final Map<Cell, Sample> samples = new LinkedHashMap<>();

    /** A revision that a client speaks. */
    private enum Era {
        MODERN("2026-07-28"),
        SESSIONS("2025-11-25"),
        STREAM("2024-11-05, HTTP+SSE");

        private final String title;

        Era(String title) {
            this.title = title;
        }
    }

    /** A client and a server. */
    private record Cell(Era client, String server) {}

    /** Micros of CPU, and milliseconds that each call took. */
    private static final class Sample {
        private long cpuMicros;
        private final List<Double> millis = new ArrayList<>();
    }

    /** A client that has begun, and makes the same call again and again. */
    private static final class Caller {
        private final int port;
        private final ByteBuffer request;
        private final Optional<OneConnection> stream;

        /** @param stream by which answers come, if not by that of the request */
        private Caller(int port, ByteBuffer request, Optional<OneConnection> stream) {
            this.port = port;
            this.request = request;
            this.stream = stream;
        }

        /** On one connection, which is new, for those that say nothing for a minute are closed. */
        void call(int times, Sample sample) throws IOException {
            try (var posts = new OneConnection(port)) {
                for (var at = 0; at < times; at++) {
                    var start = System.nanoTime();
                    var status = posts.status(request);
                    if (status != (stream.isPresent() ? 202 : 200)) {
                        throw new IOException("a request was answered with " + status);
                    }
                    if (stream.isPresent()) {
                        stream.get().past(ANSWER);
                    }
                    sample.millis.add((System.nanoTime() - start) / 1e6);
                }
            }
        }

        void close() throws IOException {
            if (stream.isPresent()) {
                stream.get().close();
            }
        }
    }

    private BridgeRun(Scene scene, Path home, PrintStream progress) {
        this.scene = scene;
        this.home = home;
        this.progress = progress;
    }

    /** @return a table in Markdown */
    static String run(boolean quick, Path home, PrintStream progress) throws IOException {
        try (var scene = Scene.set();
                var direct = StreamableServer.start();
                var old = SseServer.start();
                var modern = ModernServer.start()) {
            var upstreams = new LinkedHashMap<String, String>();
            upstreams.put("streamable", "url: \"" + direct.url() + '"');
            upstreams.put("modern", "url: \"" + modern.url() + '"');
            upstreams.put("sse", "sse: \"" + old.url() + '"');
            upstreams.put("command", command(StdioServer.command()));
            upstreams.put("modern-command", command(ModernStdioServer.command("refuse")));
            return new BridgeRun(scene, home, progress).measure(upstreams, quick);
        }
    }

    private static String command(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(", ", "command: [", "]"));
    }

    private String measure(Map<String, String> upstreams, boolean quick) throws IOException {
        try (var server = Server.start(subject(upstreams), ready(), home.resolve("target/bench-servers.log"))) {
            var callers = new LinkedHashMap<Cell, Caller>();
            try {
                for (var era : Era.values()) {
                    for (var name : upstreams.keySet()) {
                        callers.put(new Cell(era, name), caller(era, name));
                    }
                }
                rounds(server, callers, 1, quick ? 500 : 3_000);
                samples.clear();
                rounds(server, callers, quick ? 2 : 5, quick ? 250 : 1_000);
            } finally {
                for (var caller : callers.values()) {
                    caller.close();
                }
            }
        }
        return table();
    }

    private Subject subject(Map<String, String> upstreams) {
        var yaml = new StringBuilder(
                Template.fill("bridge.yaml", Map.of("port", "" + port, "management", "" + Ports.free())));
        upstreams.forEach((name, upstream) -> yaml.append(Template.fill(
                "bridged-server.yaml",
                Map.of("name", name, "upstream", upstream, "issuer", scene.issuer(), "jwks", scene.jwks()))));
        return subject(port, scene.file("bridge-" + port + "/sallyport.yaml", yaml.toString()), home);
    }

    /** The proxy as it is delivered, with this configuration. */
    static Subject subject(int port, Path config, Path home) {
        return new Subject(
                "Sallyport",
                Subject.Job.DECIDE,
                port,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + home.resolve("deploy/proxy.jvm"),
                        "-jar",
                        home.resolve("proxy/target/quarkus-app/quarkus-run.jar").toString()),
                Map.of("SALLYPORT_CONFIG", config.toString()));
    }

    /** What is answered with 200 as soon as anything is. */
    private ByteBuffer ready() {
        return bytes("GET /.well-known/oauth-protected-resource/modern/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\n\r\n");
    }

    private Caller caller(Era era, String name) throws IOException {
        return switch (era) {
            case MODERN ->
                new Caller(
                        port,
                        post(name, "/" + name + "/mcp", STATELESS_CALL, """
                    MCP-Protocol-Version: 2026-07-28\r
                    Mcp-Method: tools/call\r
                    Mcp-Name: echo\r
                    Mcp-Param-Text: %s\r
                    """.replace("%s", TEXT)),
                        Optional.empty());
            case SESSIONS -> inSession(name);
            case STREAM -> byStream(name);
        };
    }

    private Caller inSession(String name) throws IOException {
        var path = "/" + name + "/mcp";
        try (var connection = new OneConnection(port)) {
            var head = connection.head(post(name, path, INITIALIZE.replace("%s", "2025-11-25"), ""));
            var session = SESSION.matcher(head);
            if (!session.find()) {
                throw new IOException(name + " did not begin a session: " + head);
            }
            var more = "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session.group(1) + "\r\n";
            connection.status(post(name, path, INITIALIZED, more));
            return new Caller(port, post(name, path, CALL, more), Optional.empty());
        }
    }

    /** Says everything by POST, and hears everything on the one stream. */
    private Caller byStream(String name) throws IOException {
        var stream = new OneConnection(port);
        stream.openStream(bytes("GET /" + name + "/mcp/sse HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nAuthorization: Bearer " + token(name) + "\r\nAccept: text/event-stream\r\n\r\n"));
        var said = stream.past(HttpBytes.lower("event: endpoint\ndata: /"));
        var endpoint = ENDPOINT.matcher(said);
        if (!endpoint.find()) {
            throw new IOException(name + " names no address: " + said);
        }
        try (var posts = new OneConnection(port)) {
            posts.status(post(name, endpoint.group(1), INITIALIZE.replace("%s", "2024-11-05"), ""));
            stream.past(HttpBytes.lower("\"id\":0"));
            posts.status(post(name, endpoint.group(1), INITIALIZED, ""));
        }
        return new Caller(port, post(name, endpoint.group(1), CALL, ""), Optional.of(stream));
    }

    private ByteBuffer post(String name, String path, String body, String more) {
        return bytes(
                "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer " + token(name)
                        + "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n" + more
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private String token(String name) {
        return tokens.computeIfAbsent(
                name, _ -> scene.token("http://127.0.0.1:" + port + "/" + name + "/mcp", name + ":all"));
    }

    private void rounds(Server server, Map<Cell, Caller> callers, int count, int each) throws IOException {
        for (var round = 1; round <= count; round++) {
            progress.println(
                    "Round " + round + " of " + count + ": " + each + " calls in each of " + callers.size() + " pairs");
            for (var caller : callers.entrySet()) {
                var sample = samples.computeIfAbsent(caller.getKey(), _ -> new Sample());
                var before = server.ownCpuMicros();
                try {
                    caller.getValue().call(each, sample);
                } catch (IOException e) {
                    throw new IOException(caller.getKey() + ": " + e.getMessage(), e);
                }
                sample.cpuMicros += server.ownCpuMicros() - before;
            }
        }
    }

    private String table() {
        var text = new StringBuilder("""
                | client | server | | CPU µs/call | p50 ms | p99 ms |
                | --- | --- | --- | --- | --- | --- |
                """);
        var titles = Map.of(
                "streamable", "Streamable HTTP, 2025-11-25",
                "modern", "Streamable HTTP, 2026-07-28",
                "sse", "HTTP+SSE, 2024-11-05",
                "command", "command, 2025-11-25",
                "modern-command", "command, 2026-07-28");
        samples.forEach((cell, sample) -> text.append("| ")
                .append(cell.client().title)
                .append(" | ")
                .append(titles.get(cell.server()))
                .append(" | ")
                .append(how(cell))
                .append(" | ")
                .append(Report.number((double) sample.cpuMicros / sample.millis.size(), 0))
                .append(" | ")
                .append(Report.number(quantile(sample, 0.5), 2))
                .append(" | ")
                .append(Report.number(quantile(sample, 0.99), 2))
                .append(" |\n"));
        return text.toString();
    }

    private static String how(Cell cell) {
        var same = cell.client() == Era.MODERN
                ? List.of("modern", "modern-command")
                : cell.client() == Era.SESSIONS ? List.of("streamable") : List.of();
        return same.contains(cell.server()) ? "as it is" : "translated";
    }

    private static double quantile(Sample sample, double quantile) {
        return Figures.quantile(
                sample.millis.stream().mapToDouble(Double::doubleValue).toArray(), quantile);
    }

    private static ByteBuffer bytes(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
