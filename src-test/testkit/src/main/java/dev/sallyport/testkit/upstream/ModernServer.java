package dev.sallyport.testkit.upstream;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP server of 2026-07-28 and of nothing else: it takes no request that does not say by itself, in {@code _meta} and
 * in headers, what that revision demands, and refuses {@code initialize}.
 */
public final class ModernServer implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String META = "/params/_meta/io.modelcontextprotocol~1";
    private static final String VERSION = "2026-07-28";

    private final Map<String, Wire> listening = new ConcurrentHashMap<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final ScriptedServer http = ScriptedServer.start(this::answer);

    private ModernServer() {}

    public static ModernServer start() {
        return new ModernServer();
    }

    public URI url() {
        return http.url("/mcp");
    }

    /** All requests so far. */
    public List<Received> received() {
        return http.received();
    }

    /** Counted down when a call of {@code never} was cancelled, by its stream being closed. */
    public CountDownLatch cancelled() {
        return cancelled;
    }

    /** How many streams of changes are open. */
    public int listening() {
        return listening.size();
    }

    /** Tells everybody who listens. */
    public void changed(String method, String params) throws IOException {
        for (var each : listening.entrySet()) {
            each.getValue()
                    .event("{\"jsonrpc\":\"2.0\",\"method\":\"" + method
                            + "\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + each.getKey()
                            + "}"
                            + (params.isEmpty() ? "" : "," + params) + "}}");
        }
    }

    @Override
    public void close() {
        http.close();
    }

    /** Answers one request, wherever it came in. */
    public void answer(Received request, Wire wire) throws IOException {
        if (!request.method().equals("POST")) {
            wire.answer(405, "text/plain", "");
            return;
        }
        var message = JSON.readTree(request.body());
        var method = message.path("method").asString();
        var id = message.path("id").toString();
        var version = message.at(META + "protocolVersion").asString();
        if (version.isEmpty()
                || !request.header("mcp-protocol-version").orElse("").equals(version)
                || !request.header("mcp-method").orElse("").equals(method)) {
            error(wire, 400, id, -32020, "Header mismatch");
        } else if (!version.equals(VERSION)) {
            error(wire, 400, id, -32022, "Unsupported protocol version");
        } else if (!message.at(META + "clientCapabilities").isObject()) {
            error(wire, 400, id, -32602, "clientCapabilities are missing");
        } else {
            request(request, message, method, id, wire);
        }
    }

    private void request(Received request, JsonNode message, String method, String id, Wire wire) throws IOException {
        switch (method) {
            case "server/discover" -> result(wire, id, """
                    "supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},\
                    "logging":{},"extensions":{"io.modelcontextprotocol/tasks":{}}},"ttlMs":1000,"cacheScope":"public",\
                    "_meta":{"io.modelcontextprotocol/serverInfo":{"name":"modern","version":"3"}},"instructions":"Be modern.\"""");
            case "tools/list" -> result(wire, id, """
                    "ttlMs":5000,"cacheScope":"private","tools":[\
                    {"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string","x-mcp-header":"Text"}}}},\
                    {"name":"broken","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"no header"}}}}]""");
            case "tools/call" -> tool(request, message, id, wire);
            case "subscriptions/listen" -> listen(message, id, wire);
            default -> error(wire, 404, id, -32601, "Method not found");
        }
    }

    private void tool(Received request, JsonNode message, String id, Wire wire) throws IOException {
        var name = message.at("/params/name").asString();
        var text = message.at("/params/arguments/text").asString();
        if (!request.header("mcp-name").orElse("").equals(name)) {
            error(wire, 400, id, -32020, "Mcp-Name");
            return;
        }
        switch (name) {
            case "echo" -> {
                if (decoded(request.header("mcp-param-text").orElse("")).equals(text)) {
                    text(wire, id, text);
                } else {
                    error(wire, 400, id, -32020, "Mcp-Param-Text");
                }
            }
            case "about" -> text(wire, id, message.at("/params/_meta").toString());
            case "ask" -> ask(message, id, wire);
            case "progress" -> {
                wire.events();
                wire.event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                        + message.at("/params/_meta/progressToken") + ",\"progress\":1}}");
                wire.event(
                        "{\"jsonrpc\":\"2.0\",\"id\":" + id
                                + ",\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}}");
                wire.end();
            }
            case "never" -> {
                wire.events().chunk(": hold on\n\n");
                wire.awaitHangUp();
                cancelled.countDown();
            }
            case "break" -> {
                wire.events().chunk("data: {\"half\":");
                throw new IOException("in the middle");
            }
            case "noise" -> noise(id, text, wire);
            case "huge" -> {
                wire.events();
                wire.chunk("data: {\"jsonrpc\":\"2.0\",\"id\":" + id
                        + ",\"result\":{\"resultType\":\"complete\",\"text\":\"");
                var part = "x".repeat(1 << 20);
                for (var left = Integer.parseInt(text); left > 0; left -= part.length()) {
                    wire.chunk(part);
                }
                wire.chunk("\"}}\n\n").end();
            }
            case "odd" ->
                wire.json(200, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"resultType\":\"surprise\"}}");
            case "wrong" ->
                wire.json(200, "{\"jsonrpc\":\"2.0\",\"id\":4711,\"result\":{\"resultType\":\"complete\"}}");
            case "demand" -> error(wire, 400, id, -32021, "Missing required client capability");
            default -> error(wire, 200, id, -32602, "Unknown tool");
        }
    }

    /** Wants a name, and then, by the state that came back, says it. {@code text} is how it asks. */
    private static void ask(JsonNode message, String id, Wire wire) throws IOException {
        var answer = message.at("/params/inputResponses/who");
        if (answer.isMissingNode()) {
            var url = message.at("/params/arguments/text").asString().equals("url");
            wire.json(
                    200,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id
                            + ",\"result\":{\"resultType\":\"input_required\",\"requestState\":\"state of "
                            + message.at("/params/arguments/text").asString()
                            + "\",\"inputRequests\":{\"who\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\""
                            + (url ? "url\",\"url\":\"https://example.com/x\"" : "form\"")
                            + ",\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}}}}}");
        } else {
            text(
                    wire,
                    id,
                    answer.toString().replace("\"", "'") + " with "
                            + message.at("/params/requestState").asString());
        }
    }

    /** Everything that is no message, answers to nobody, a request, which this revision does not have, and two answers. */
    private static void noise(String id, String text, Wire wire) throws IOException {
        wire.events();
        wire.event("this is no JSON");
        wire.event("{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":{\"to\":\"nobody\"}}");
        wire.event("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"to\":\"nobody\"}}");
        wire.event("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"to nobody\"}}");
        wire.event("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"elicitation/create\",\"params\":{}}");
        wire.event("[1,2,3]");
        wire.event("{\"half\":");
        wire.chunk(new byte[] {'d', 'a', 't', 'a', ':', (byte) 0xff, (byte) 0xfe, '{', '\n', '\n'});
        for (var answer : new String[] {text, "a second answer"}) {
            wire.event("{\"jsonrpc\":\"2.0\",\"id\":" + id
                    + ",\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"" + answer
                    + "\"}]}}");
        }
        wire.end();
    }

    private void listen(JsonNode message, String id, Wire wire) throws IOException {
        wire.events();
        wire.event(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":{"
                        + "\"io.modelcontextprotocol/subscriptionId\":" + id + "},\"notifications\":"
                        + message.at("/params/notifications") + "}}");
        listening.put(id, wire);
        wire.awaitHangUp();
        listening.remove(id, wire);
    }

    private static String decoded(String header) {
        return header.startsWith("=?base64?")
                ? new String(
                        Base64.getDecoder().decode(header.substring(9, header.length() - 2)), StandardCharsets.UTF_8)
                : header;
    }

    private static void text(Wire wire, String id, String text) throws IOException {
        result(wire, id, "\"content\":[{\"type\":\"text\",\"text\":" + JSON.writeValueAsString(text) + "}]");
    }

    private static void result(Wire wire, String id, String members) throws IOException {
        wire.json(
                200,
                "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"resultType\":\"complete\"," + members + "}}");
    }

    private static void error(Wire wire, int status, String id, int code, String text) throws IOException {
        wire.json(
                status,
                "{\"jsonrpc\":\"2.0\",\"id\":" + (id.isEmpty() ? "null" : id) + ",\"error\":{\"code\":" + code
                        + ",\"message\":\"" + text + "\"}}");
    }
}
