package dev.sallyport.testkit.stdio;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP server of 2026-07-28 alone over standard streams: one tool for each way in which it can behave or misbehave. Its
 * argument says what it does with {@code initialize}: {@code refuse} it, {@code ignore} it, or {@code end}.
 */
public final class ModernStdioServer {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String META = "/params/_meta/io.modelcontextprotocol~1";
    private static final String VERSION = "2026-07-28";

    private final OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    private String asksLater = "0";
    private final Map<String, JsonNode> listening = new HashMap<>();
    private final List<String> cancelled = new ArrayList<>();
    private final String initialize;

    private ModernStdioServer(String initialize) {
        this.initialize = initialize;
    }

    /** The command that runs it, with what it does with {@code initialize}. */
    public static List<String> command(String initialize) {
        var words = new ArrayList<>(StdioServer.command());
        words.removeLast();
        words.add(ModernStdioServer.class.getName());
        words.add(initialize);
        return words;
    }

    public static void main(String[] arguments) throws IOException {
        var server = new ModernStdioServer(arguments[0]);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            server.take(JSON.readTree(line));
        }
    }

    private void take(JsonNode message) throws IOException {
        var method = message.path("method").asString();
        var id = message.path("id").toString();
        if (method.equals("notifications/cancelled")) {
            var ended = message.at("/params/requestId").toString();
            cancelled.add(listening.remove(ended) == null ? "call" : "subscription");
        } else if (message.path("id").isMissingNode() || method.isEmpty()) {
            // Of clients of this revision nothing else comes, and nobody should send it.
            System.exit(9);
        } else if (method.equals("initialize")) {
            initialize(id);
        } else if (!message.at(META + "protocolVersion").asString().equals(VERSION)) {
            unsupported(id);
        } else if (!message.at(META + "clientCapabilities").isObject()) {
            error(id, -32602, "clientCapabilities are missing");
        } else {
            request(message, method, id);
        }
    }

    private void initialize(String id) throws IOException {
        switch (initialize) {
            case "refuse" -> unsupported(id);
            case "end" -> System.exit(4);
            default -> {
                // Says nothing.
            }
        }
    }

    private void unsupported(String id) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id
                + ",\"error\":{\"code\":-32022,\"message\":\"Unsupported protocol version\","
                + "\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"?\"}}}");
    }

    private void request(JsonNode message, String method, String id) throws IOException {
        switch (method) {
            case "server/discover" -> result(id, """
                    "supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},\
                    "logging":{}},"ttlMs":1000,"cacheScope":"public",\
                    "_meta":{"io.modelcontextprotocol/serverInfo":{"name":"modern pipe","version":"3"}},"instructions":"Be modern.\"""");
            case "tools/list" -> result(id, """
                    "ttlMs":5000,"cacheScope":"private","tools":[{"name":"echo","inputSchema":{"type":"object",\
                    "properties":{"text":{"type":"string","x-mcp-header":"no header"}}}}]""");
            case "tools/call" -> tool(message, id);
            case "subscriptions/listen" -> {
                listening.put(id, message.at("/params/notifications"));
                say(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":{"
                                + "\"io.modelcontextprotocol/subscriptionId\":" + id + "},\"notifications\":"
                                + message.at("/params/notifications") + "}}");
            }
            default -> error(id, -32601, "Method not found");
        }
    }

    private void tool(JsonNode message, String id) throws IOException {
        var text = message.at("/params/arguments/text").asString();
        switch (message.at("/params/name").asString()) {
            case "echo" -> text(id, text);
            case "pid" -> text(id, Long.toString(ProcessHandle.current().pid()));
            case "env" -> text(id, System.getenv().getOrDefault(text, "(not set)"));
            case "about" -> text(id, message.at("/params/_meta").toString());
            case "cancelled" -> text(id, String.join(" ", cancelled));
            case "listening" -> text(id, listening.values().toString());
            case "ask" -> ask(message, id, text);
            case "ask-later" -> {
                if (message.at("/params/inputResponses/who").isMissingNode()) {
                    asksLater = id;
                } else {
                    ask(message, id, text);
                }
            }
            case "ask-now" -> {
                ask(message, asksLater, text);
                text(id, "asked");
            }
            case "never" -> {
                // Nobody gets an answer.
            }
            case "progress" -> {
                say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                        + message.at("/params/_meta/progressToken") + ",\"progress\":1}}");
                say(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"error\",\"data\":\"mind\"}}");
                text(id, "done");
            }
            case "change" -> {
                for (var each : listening.keySet()) {
                    changed("notifications/tools/list_changed", each, "");
                    changed("notifications/resources/updated", each, ",\"uri\":\"notes://1\"");
                }
                changed("notifications/resources/updated", "4711", ",\"uri\":\"notes://of-nobody\"");
                text(id, "changed");
            }
            case "noise" -> noise(id, text);
            case "odd" -> say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"resultType\":\"surprise\"}}");
            case "huge" -> huge(id, Integer.parseInt(text));
            case "die" -> System.exit(3);
            default -> error(id, -32602, "Unknown tool");
        }
    }

    /** Wants a name, and then, by the state that came back, says it. */
    private void ask(JsonNode message, String id, String text) throws IOException {
        var answer = message.at("/params/inputResponses/who");
        if (answer.isMissingNode()) {
            say("{\"jsonrpc\":\"2.0\",\"id\":" + id
                    + ",\"result\":{\"resultType\":\"input_required\",\"requestState\":\"state of " + text
                    + "\",\"inputRequests\":{\"who\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\","
                    + "\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}}}}}");
        } else {
            text(
                    id,
                    answer.toString().replace("\"", "'") + " with "
                            + message.at("/params/requestState").asString());
        }
    }

    /** Everything that is no message, answers to nobody, a request, which this revision does not have, and two answers. */
    private void noise(String id, String text) throws IOException {
        say("this is no JSON");
        say("[1,2,3]");
        say("{\"half\":");
        say("{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":{\"to\":\"nobody\"}}");
        say("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"to\":\"nobody\"}}");
        say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"elicitation/create\",\"params\":{}}");
        out.write(new byte[] {(byte) 0xff, (byte) 0xfe, '{', '\n'});
        text(id, text);
        text(id, "a second answer");
    }

    private void huge(String id, int size) throws IOException {
        out.write("{\"jsonrpc\":\"2.0\",\"result\":{\"text\":\"".getBytes(StandardCharsets.UTF_8));
        var part = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        for (var left = size; left > 0; left -= part.length) {
            out.write(part);
        }
        say("\"},\"id\":" + id + "}");
    }

    private void changed(String method, String subscription, String params) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"method\":\"" + method
                + "\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + subscription + "}" + params
                + "}}");
    }

    private void text(String id, String text) throws IOException {
        result(id, "\"content\":[{\"type\":\"text\",\"text\":" + JSON.writeValueAsString(text) + "}]");
    }

    private void result(String id, String members) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"resultType\":\"complete\"," + members + "}}");
    }

    private void error(String id, int code, String text) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + text + "\"}}");
    }

    private void say(String message) throws IOException {
        out.write(message.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
        out.flush();
    }
}
