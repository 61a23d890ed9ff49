package dev.sallyport.testkit.upstream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an MCP server of revision 2025-11-25 says in one session, with one tool for each way in which a server can behave
 * or misbehave, whatever carries its messages.
 */
public final class Tools {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Out out;
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final Map<String, JsonNode> asked = new HashMap<>();
    private int nextAsked = 1;

    /** Where the server says something: whole messages, or what it takes for one. */
    @FunctionalInterface
    public interface Out {
        void say(byte[] message) throws IOException;
    }

    public Tools(Out out) {
        this.out = out;
    }

    /** All messages so far. */
    public List<String> received() {
        return received;
    }

    /** Does what one message asks for. */
    public synchronized void take(String text) throws IOException {
        received.add(text);
        var message = JSON.readTree(text);
        if (!message.has("method")) {
            var call = asked.remove(message.path("id").asString());
            if (call != null) {
                text(
                        call,
                        message.path(message.has("result") ? "result" : "error").toString());
            }
        } else if (message.has("id")) {
            request(message, message.path("method").asString());
        }
    }

    private void request(JsonNode message, String method) throws IOException {
        switch (method) {
            case "initialize" -> result(message, """
                        {"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},\
                        "logging":{},"tasks":{}},"serverInfo":{"name":"stdio","version":"1"},"instructions":"Be kind."}""");
            case "tools/list" ->
                result(
                        message,
                        "{\"tools\":[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                                + "{\"text\":{\"type\":\"string\",\"x-mcp-header\":\"Text\"}}}},{\"name\":\"pid\",\"inputSchema\":{\"type\":\"object\"}}]}");
            case "tools/call" -> tool(message, message.at("/params/name").asString());
            case "ping", "resources/subscribe", "resources/unsubscribe", "logging/setLevel" -> result(message, "{}");
            default ->
                say("{\"jsonrpc\":\"2.0\",\"id\":" + message.path("id")
                        + ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
        }
    }

    private void tool(JsonNode call, String name) throws IOException {
        var argument = call.at("/params/arguments/text").asString();
        switch (name) {
            case "echo" -> text(call, argument);
            case "never" -> {}
            case "received" -> text(call, String.join("\n", received));
            case "progress" -> {
                var token = call.at("/params/_meta/progressToken");
                say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token
                        + ",\"progress\":1,\"total\":2}}");
                text(call, "done");
            }
            case "notify" -> {
                say("{\"jsonrpc\":\"2.0\",\"method\":\"" + argument + "\",\"params\":" + parameters(call) + "}");
                text(call, "done");
            }
            case "ask" -> {
                var id = "ask-" + nextAsked++;
                asked.put(id, call);
                say("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"method\":\"" + argument + "\",\"params\":"
                        + parameters(call) + "}");
            }
            case "noise" -> noise(call, argument);
            case "huge" -> huge(call, Integer.parseInt(argument));
            default ->
                say("{\"jsonrpc\":\"2.0\",\"id\":" + call.path("id")
                        + ",\"error\":{\"code\":-32602,\"message\":\"Unknown tool\"}}");
        }
    }

    private static String parameters(JsonNode call) {
        var params = call.at("/params/arguments/params");
        return params.isMissingNode() ? "{}" : params.toString();
    }

    /** Everything that is no message, or an answer to nobody, and then the answer, twice. */
    private void noise(JsonNode call, String argument) throws IOException {
        say("this is no JSON");
        say("{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":{\"to\":\"nobody\"}}");
        say("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{\"to\":\"nobody\"}}");
        say("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"to nobody\"}}");
        say(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":424242,\"progress\":1}}");
        say("[]");
        say("{}");
        say("[1,2,3]");
        say("{\"jsonrpc\":\"2.0\",\"id\":{\"a\":1},\"method\":\"elicitation/create\"}");
        say("{\"half\":");
        out.say(new byte[] {(byte) 0xff, (byte) 0xfe, '{'});
        text(call, argument);
        text(call, "a second answer");
    }

    private void huge(JsonNode call, int bytes) throws IOException {
        var before = "{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"".getBytes(StandardCharsets.UTF_8);
        var after = ("\"}]},\"jsonrpc\":\"2.0\",\"id\":" + call.path("id") + "}").getBytes(StandardCharsets.UTF_8);
        var message = new byte[before.length + bytes + after.length];
        Arrays.fill(message, (byte) 'x');
        System.arraycopy(before, 0, message, 0, before.length);
        System.arraycopy(after, 0, message, before.length + bytes, after.length);
        out.say(message);
    }

    private void text(JsonNode call, String text) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        result.putArray("content").addObject().put("type", "text").put("text", text);
        result(call, result.toString());
    }

    private void result(JsonNode call, String result) throws IOException {
        say("{\"result\":" + result + ",\"jsonrpc\":\"2.0\",\"id\":" + call.path("id") + "}");
    }

    private void say(String json) throws IOException {
        out.say(json.getBytes(StandardCharsets.UTF_8));
    }
}
