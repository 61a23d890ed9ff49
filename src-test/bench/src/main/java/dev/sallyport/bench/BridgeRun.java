package dev.sallyport.bench;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.stdio.StdioServer;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.upstream.StreamableServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a translation costs: one client, one call at a time, to servers that it can speak to and servers that it cannot, all behind one proxy and measured in turn. The servers do the same work; CPU time is the proxy's alone.
 */
final class BridgeRun {

    private static final String CALL = """
            {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%s"}}}""".replace("%s", "shed ".repeat(30).strip());

    /** The same call of a client of 2026-07-28, which says in each request what the other said once. */
    private static final String STATELESS_CALL = CALL.replace("\"name\":\"echo\"", """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":\
            {"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}},"name":"echo\"""");

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"bench","version":"1"}}}""";

    private final Scene scene;
    private final Path home;
    private final PrintStream progress;
    private final Map<String, Sample> samples = new LinkedHashMap<>();

    /** Micros of CPU, and milliseconds that each call took. */
    private static final class Sample {
        private long cpuMicros;
        private final List<Double> millis = new ArrayList<>();
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
            upstreams.put("direct", "url: \"" + direct.url() + '"');
            upstreams.put("older", "url: \"" + direct.url() + '"');
            upstreams.put("modern", "url: \"" + modern.url() + '"');
            upstreams.put("sse", "sse: \"" + old.url() + '"');
            upstreams.put(
                    "command",
                    StdioServer.command().stream()
                            .map(word -> "'" + word + "'")
                            .collect(Collectors.joining(", ", "command: [", "]")));
            return new BridgeRun(scene, home, progress).measure(upstreams, quick);
        }
    }

    private String measure(Map<String, String> upstreams, boolean quick) throws IOException {
        var port = Ports.free();
        try (var server =
                Server.start(subject(port, upstreams), ready(port), home.resolve("target/bench-servers.log"))) {
            var calls = new LinkedHashMap<String, ByteBuffer>();
            for (var name : upstreams.keySet()) {
                calls.put(name, name.equals("older") ? stateless(port, name) : session(port, name));
            }
            rounds(server, port, calls, 1, quick ? 1_000 : 4_000);
            samples.clear();
            rounds(server, port, calls, quick ? 2 : 5, quick ? 500 : 2_000);
        }
        return table();
    }

    private Subject subject(int port, Map<String, String> upstreams) {
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
    private static ByteBuffer ready(int port) {
        return bytes("GET /.well-known/oauth-protected-resource/direct/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\n\r\n");
    }

    /** The call that is repeated, in a session of its own. */
    private ByteBuffer session(int port, String name) throws IOException {
        var url = "http://127.0.0.1:" + port + "/" + name + "/mcp";
        var token = scene.token(url, name + ":all");
        var begun = post(url, token, INITIALIZE, Map.of());
        var session = begun.headers()
                .firstValue("mcp-session-id")
                .orElseThrow(() -> new IOException(name + " did not begin a session: " + begun.body()));
        post(
                url,
                token,
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                Map.of("Mcp-Session-Id", session));
        return bytes("POST /" + name + "/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer " + token
                + "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
                + "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session + "\r\nContent-Length: "
                + CALL.length()
                + "\r\n\r\n" + CALL);
    }

    private ByteBuffer stateless(int port, String name) {
        var url = "http://127.0.0.1:" + port + "/" + name + "/mcp";
        return bytes("POST /" + name + "/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer "
                + scene.token(url, name + ":all")
                + "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
                + "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\nContent-Length: "
                + STATELESS_CALL.length()
                + "\r\n\r\n" + STATELESS_CALL);
    }

    private static HttpResponse<String> post(String url, String token, String body, Map<String, String> more)
            throws IOException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(url))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json, text/event-stream")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            more.forEach(request::header);
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void rounds(Server server, int port, Map<String, ByteBuffer> calls, int count, int each)
            throws IOException {
        for (var round = 1; round <= count; round++) {
            progress.println("Round " + round + " of " + count + ": " + each + " calls to each of " + calls.size());
            for (var call : calls.entrySet()) {
                var sample = samples.computeIfAbsent(call.getKey(), _ -> new Sample());
                var before = server.ownCpuMicros();
                try (var connection = new OneConnection(port)) {
                    for (var at = 0; at < each; at++) {
                        var start = System.nanoTime();
                        if (connection.status(call.getValue()) != 200) {
                            throw new IOException(call.getKey() + ": an answer was no 200");
                        }
                        sample.millis.add((System.nanoTime() - start) / 1e6);
                    }
                }
                sample.cpuMicros += server.ownCpuMicros() - before;
            }
        }
    }

    private String table() {
        var text = new StringBuilder("""
                | client | server | CPU µs/call | p50 ms | p99 ms |
                | --- | --- | --- | --- | --- |
                """);
        var titles = Map.of(
                "direct", "2025-11-25 | Streamable HTTP, 2025-11-25: bytes pass",
                "older", "2026-07-28 | Streamable HTTP, 2025-11-25: translated",
                "modern", "2025-11-25 | Streamable HTTP, 2026-07-28: translated",
                "sse", "2025-11-25 | HTTP+SSE: bridged",
                "command", "2025-11-25 | command: bridged");
        samples.forEach((name, sample) -> text.append("| ")
                .append(titles.get(name))
                .append(" | ")
                .append(Report.number((double) sample.cpuMicros / sample.millis.size(), 1))
                .append(" | ")
                .append(Report.number(quantile(sample, 0.5), 2))
                .append(" | ")
                .append(Report.number(quantile(sample, 0.99), 2))
                .append(" |\n"));
        return text.toString();
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
