package dev.sallyport.suites.conformance;

import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Running;
import dev.sallyport.testkit.Ports;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Real MCP servers to put the proxy in front of. */
public final class TestServers {

    private TestServers() {}

    /** A server that runs, and where. */
    public record Listening(URI url, Running process) implements AutoCloseable {
        @Override
        public void close() {
            process.close();
        }
    }

    /** Our own server of revision 2025-11-25 that has all that the suite asks for: every check passes. */
    static Listening complete() {
        var port = Ports.free();
        return listening(
                "conformance-server",
                port,
                Node.command("conformance-server.mjs"),
                Map.of("PORT", String.valueOf(port)));
    }

    /** The same server over HTTP+SSE, the transport of 2024-11-05: the address of its stream. */
    static Listening completeOverSse() {
        var port = Ports.free();
        var server = listening(
                "conformance-server-sse",
                port,
                Node.command("conformance-server.mjs", "sse"),
                Map.of("PORT", String.valueOf(port)));
        return new Listening(URI.create("http://127.0.0.1:" + port + "/sse"), server.process());
    }

    /** The same server over stdio: its words for a list in YAML. */
    static String completeAsCommand() {
        return yaml(Node.command("conformance-server.mjs", "stdio"));
    }

    /** Our own server of revision 2026-07-28 alone that has as much of what the suite asks for. */
    static Listening completeModern() {
        var port = Ports.free();
        return listening(
                "conformance-server-modern",
                port,
                Node.command("modern-server.mjs", "complete"),
                Map.of("PORT", String.valueOf(port)));
    }

    /** {@code server-everything}, Streamable HTTP with sessions, revision 2025-11-25. */
    public static Listening everything() {
        var port = Ports.free();
        return listening(
                "server-everything",
                port,
                Node.command("node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"),
                Map.of("PORT", String.valueOf(port)));
    }

    /** Our own server on the TypeScript SDK v2 that speaks 2026-07-28 and refuses what came before. */
    public static Listening modernOnly() {
        var port = Ports.free();
        return listening(
                "modern-server", port, Node.command("modern-server.mjs"), Map.of("PORT", String.valueOf(port)));
    }

    /** A command that speaks 2026-07-28 and nothing before: its words for a list in YAML. */
    public static String modernCommand() {
        return yaml(Node.command("modern-server.mjs", "stdio"));
    }

    /** Such a server with the tools of {@link #modernOnly()}, all that the conformance suite asks for, and a task. */
    public static Listening modernOfAllKinds() {
        var port = Ports.free();
        return listening(
                "modern-server-all",
                port,
                Node.command("modern-server.mjs", "complete", "plain", "tasks"),
                Map.of("PORT", String.valueOf(port)));
    }

    /** The same as a command. */
    public static String modernCommandOfAllKinds() {
        return yaml(Node.command("modern-server.mjs", "stdio", "complete", "plain", "tasks"));
    }

    /** A command with what the conformance suite asks for. */
    public static String completeModernCommand() {
        return yaml(Node.command("modern-server.mjs", "stdio", "complete"));
    }

    /** {@code server-everything} over HTTP+SSE, the transport of 2024-11-05: the address of its stream. */
    public static Listening everythingOverSse() {
        var port = Ports.free();
        var process = Running.start(
                        "server-everything-sse",
                        Node.command("node_modules/@modelcontextprotocol/server-everything/dist/index.js", "sse"),
                        Map.of("PORT", String.valueOf(port)))
                .listening(port);
        return new Listening(URI.create("http://127.0.0.1:" + port + "/sse"), process);
    }

    /** {@code server-everything} over stdio: its words for a list in YAML. */
    public static String everythingAsCommand() {
        return yaml(everythingOverStdio());
    }

    /** {@code server-everything} over stdio, as a command. */
    public static List<String> everythingOverStdio() {
        return Node.command("node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio");
    }

    /** {@code server-filesystem} over stdio, for this folder, as a command. */
    public static List<String> filesystem(java.nio.file.Path folder) {
        return Node.command("node_modules/@modelcontextprotocol/server-filesystem/dist/index.js", folder.toString());
    }

    /** The same: its words for a list in YAML. */
    public static String filesystemAsCommand(java.nio.file.Path folder) {
        return yaml(filesystem(folder));
    }

    /**
     * {@code server-memory} over stdio: its words for a list in YAML. Every process keeps its memory in a file of its own
     * below this folder; by itself the server would keep one file for whoever starts it.
     */
    public static String memoryAsCommand(java.nio.file.Path folder) {
        var own = "MEMORY_FILE_PATH=$(mktemp -d \"$0/XXXXXXXX\")/memory.jsonl; export MEMORY_FILE_PATH; exec \"$@\"";
        var server = Node.command("node_modules/@modelcontextprotocol/server-memory/dist/index.js");
        return yaml(Stream.concat(Stream.of("sh", "-c", own, folder.toString()), server.stream())
                .toList());
    }

    /** {@code server-everything} over stdio behind {@code mcp-proxy}, which speaks 2026-07-28 as well. */
    public static Listening everythingInBothEras() {
        var port = Ports.free();
        var proxy = Node.command(
                "node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs",
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--");
        var server = Node.command("node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio");
        return listening(
                "mcp-proxy",
                port,
                Stream.concat(proxy.stream(), server.stream()).toList(),
                Map.of());
    }

    private static String yaml(List<String> command) {
        return command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(", "));
    }

    private static Listening listening(String name, int port, List<String> command, Map<String, String> environment) {
        var process = Running.start(name, command, environment).listening(port);
        return new Listening(URI.create("http://127.0.0.1:" + port + "/mcp"), process);
    }
}
