package dev.sallyport.testkit.stdio;

import dev.sallyport.testkit.upstream.Tools;
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
import java.util.List;
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
    private final Tools tools = new Tools(this::say);

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
            server.take(line);
        }
    }

    /** What only a process can do; the rest is the same for all servers. */
    private void take(String line) throws IOException {
        var message = JSON.readTree(line);
        if (!message.path("method").asString().equals("tools/call")) {
            tools.take(line);
            return;
        }
        var argument = message.at("/params/arguments/text").asString();
        switch (message.at("/params/name").asString()) {
            case "pid" -> text(message, Long.toString(ProcessHandle.current().pid()));
            case "env" -> text(message, System.getenv().getOrDefault(argument, "(not set)"));
            case "environment" -> text(message, String.join(",", System.getenv().keySet()));
            case "file" -> text(message, Files.readString(Path.of(System.getenv(argument))));
            case "directory" -> text(message, System.getProperty("user.dir"));
            case "die" -> System.exit(3);
            case "stderr" -> {
                System.err.println(argument);
                text(message, "done");
            }
            case "child" -> {
                var child = new ProcessBuilder("sh", "-c", "trap '' TERM; (trap '' TERM; sleep 600) & echo $!; wait")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                text(message, child.pid() + " " + child.inputReader().readLine());
            }
            default -> tools.take(line);
        }
    }

    private void text(JsonNode call, String text) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        result.putArray("content").addObject().put("type", "text").put("text", text);
        say(("{\"result\":" + result + ",\"jsonrpc\":\"2.0\",\"id\":" + call.path("id") + "}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private void say(byte[] message) throws IOException {
        out.write(message);
        out.write('\n');
        out.flush();
    }
}
