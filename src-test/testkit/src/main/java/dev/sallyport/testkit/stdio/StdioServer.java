package dev.sallyport.testkit.stdio;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MCP server of revision 2025-11-25 over standard streams, with one tool for each way in which a server can behave or
 * misbehave. Runs as a process of its own: {@link #command} is how.
 */
public final class StdioServer {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    private final List<String> received = new ArrayList<>();
    private final Map<String, JsonNode> asked = new HashMap<>();
    private int nextAsked = 1;

    private StdioServer() {}

    /** The command that runs it, with the Java and those classes of this very process that it needs. */
    public static List<String> command() {
        var classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> entry.contains("testkit") || entry.contains("jackson"))
                .collect(Collectors.joining(File.pathSeparator));
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classes,
                StdioServer.class.getName());
    }

    public static void main(String[] arguments) throws IOException {
        System.err.println("ready, and API_KEY is " + System.getenv().getOrDefault("API_KEY", "nothing"));
        var server = new StdioServer();
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            server.received.add(line);
            server.take(JSON.readTree(line));
        }
    }

    private void take(JsonNode message) throws IOException {
        if (!message.has("method")) {
            var call = asked.remove(message.path("id").asString());
            if (call != null) {
                text(
                        call,
                        message.path(message.has("result") ? "result" : "error").toString());
            }
            return;
        }
        if (message.has("id")) {
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
                        "{\"tools\":[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"pid\",\"inputSchema\":{\"type\":\"object\"}}]}");
            case "tools/call" -> tool(message, message.at("/params/name").asString());
            case "ping", "resources/subscribe", "resources/unsubscribe", "logging/setLevel" -> result(message, "{}");
            default ->
                line("{\"jsonrpc\":\"2.0\",\"id\":" + message.path("id")
                        + ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
        }
    }

    private void tool(JsonNode call, String name) throws IOException {
        var argument = call.at("/params/arguments/text").asString();
        switch (name) {
            case "echo" -> text(call, argument);
            case "pid" -> text(call, Long.toString(ProcessHandle.current().pid()));
            case "env" -> text(call, System.getenv().getOrDefault(argument, "(not set)"));
            case "environment" -> text(call, String.join(",", System.getenv().keySet()));
            case "file" -> text(call, Files.readString(Path.of(System.getenv(argument))));
            case "directory" -> text(call, System.getProperty("user.dir"));
            case "never" -> {}
            case "received" -> text(call, String.join("\n", received));
            case "progress" -> {
                var token = call.at("/params/_meta/progressToken");
                line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token
                        + ",\"progress\":1,\"total\":2}}");
                text(call, "done");
            }
            case "notify" -> {
                line("{\"jsonrpc\":\"2.0\",\"method\":\"" + argument + "\",\"params\":" + parameters(call) + "}");
                text(call, "done");
            }
            case "ask" -> {
                var id = "ask-" + nextAsked++;
                asked.put(id, call);
                line("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"method\":\"" + argument + "\",\"params\":"
                        + parameters(call) + "}");
            }
            case "die" -> System.exit(3);
            case "noise" -> noise(call, argument);
            case "huge" -> huge(call, Integer.parseInt(argument));
            case "stderr" -> {
                System.err.println(argument);
                text(call, "done");
            }
            case "child" -> {
                var child = new ProcessBuilder("sh", "-c", "trap '' TERM; (trap '' TERM; sleep 600) & echo $!; wait")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                text(call, child.pid() + " " + child.inputReader().readLine());
            }
            default ->
                line("{\"jsonrpc\":\"2.0\",\"id\":" + call.path("id")
                        + ",\"error\":{\"code\":-32602,\"message\":\"Unknown tool\"}}");
        }
    }

    private static String parameters(JsonNode call) {
        var params = call.at("/params/arguments/params");
        return params.isMissingNode() ? "{}" : params.toString();
    }

    /** Everything that is no message, or an answer to nobody, and then the answer, twice. */
    private void noise(JsonNode call, String argument) throws IOException {
        line("this is no JSON");
        line("{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":{\"to\":\"nobody\"}}");
        line("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{\"to\":\"nobody\"}}");
        line("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"to nobody\"}}");
        line(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":424242,\"progress\":1}}");
        line("[]");
        line("{}");
        line("[1,2,3]");
        line("{\"jsonrpc\":\"2.0\",\"id\":{\"a\":1},\"method\":\"elicitation/create\"}");
        line("{\"half\":");
        out.write(new byte[] {(byte) 0xff, (byte) 0xfe, '{', '\n', '\n', '\r', '\n'});
        text(call, argument);
        text(call, "a second answer");
    }

    private void huge(JsonNode call, int bytes) throws IOException {
        out.write("{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"".getBytes(StandardCharsets.UTF_8));
        var chunk = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
        for (var left = bytes; left > 0; left -= chunk.length) {
            out.write(chunk, 0, Math.min(left, chunk.length));
        }
        line("\"}]},\"jsonrpc\":\"2.0\",\"id\":" + call.path("id") + "}");
    }

    private void text(JsonNode call, String text) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        result.putArray("content").addObject().put("type", "text").put("text", text);
        result(call, result.toString());
    }

    private void result(JsonNode call, String result) throws IOException {
        line("{\"result\":" + result + ",\"jsonrpc\":\"2.0\",\"id\":" + call.path("id") + "}");
    }

    private void line(String json) throws IOException {
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
