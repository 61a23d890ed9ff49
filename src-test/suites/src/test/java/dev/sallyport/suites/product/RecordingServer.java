package dev.sallyport.suites.product;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP server that counts: what reached it, with which headers. It answers {@code initialize}, lists and calls as an
 * honest server would; a test can replace its answers by hostile ones.
 */
public final class RecordingServer implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TOOLS = """
            {"tools":[{"name":"list_things","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
             {"name":"delete_thing","inputSchema":{"type":"object"},"annotations":{"destructiveHint":true}}]}
            """.replace("\n", "");

    /** One request as it arrived. Header names in lower case. */
    public record Received(String method, String path, Map<String, List<String>> headers, String body) {
        public Optional<String> header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                    .findFirst();
        }
    }

    /** What it answers. */
    public record Reply(int status, Map<String, String> headers, String body) {}

    private final HttpServer server;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile UnaryOperator<Reply> change = UnaryOperator.identity();

    private RecordingServer(HttpServer server) {
        this.server = server;
    }

    public static RecordingServer start() {
        try {
            var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var server = new RecordingServer(http);
            http.createContext("/", server::answer);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/mcp");
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    /** Forgets what arrived and is honest again. */
    public void reset() {
        received.clear();
        change = UnaryOperator.identity();
    }

    /** From now on its honest answers are changed like this. */
    public void answers(UnaryOperator<Reply> hostile) {
        change = hostile;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var headers = exchange.getRequestHeaders().entrySet().stream()
                    .collect(Collectors.toMap(
                            entry -> entry.getKey().toLowerCase(Locale.ROOT),
                            entry -> List.copyOf(entry.getValue()),
                            (one, _) -> one,
                            TreeMap::new));
            var request = new Received(
                    exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
            received.add(request);
            var reply = change.apply(honest(request));
            reply.headers().forEach(exchange.getResponseHeaders()::add);
            var bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private static Reply honest(Received request) {
        if (!request.method().equals("POST")) {
            return new Reply(405, Map.of(), "");
        }
        var message = JSON.readTree(request.body());
        if (!message.has("id")) {
            return new Reply(202, Map.of(), "");
        }
        var headers = new TreeMap<>(Map.of("Content-Type", "application/json"));
        var result = result(message);
        if (message.path("method").asString("").equals("initialize")) {
            headers.put("Mcp-Session-Id", "upstream-session-1");
        }
        return new Reply(
                200, headers, "{\"jsonrpc\":\"2.0\",\"id\":" + message.path("id") + ",\"result\":" + result + "}");
    }

    private static String result(JsonNode message) {
        return switch (message.path("method").asString("")) {
            case "initialize" ->
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"recording\",\"version\":\"1\"}}";
            case "tools/list" -> TOOLS;
            case "tools/call" ->
                "{\"content\":[{\"type\":\"text\",\"text\":"
                        + JSON.writeValueAsString(
                                "did " + message.path("params").path("name").asString("") + " with "
                                        + message.path("params").path("arguments"))
                        + "}]}";
            default -> "{}";
        };
    }
}
