package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Running;
import dev.sallyport.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Stands before a real MCP server and writes down every message that reaches it ({@code node/witness.mjs}). */
final class Witness implements AutoCloseable {

    private final Path log;
    private final int port;
    private final Optional<Running> process;

    private Witness(Path log, int port, Optional<Running> process) {
        this.log = log;
        this.port = port;
        this.process = process;
    }

    /** Before a server over Streamable HTTP. */
    static Witness before(Path log, URI server) {
        var port = Ports.free();
        var command = Node.command("witness.mjs", log.toString(), "http", String.valueOf(port), server.toString());
        return new Witness(
                log,
                port,
                Optional.of(Running.start("witness-" + port, command, Map.of()).listening(port)));
    }

    /** Before a command, which {@link #command} wraps. */
    static Witness of(Path log) {
        return new Witness(log, 0, Optional.empty());
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port + "/mcp");
    }

    /** The words of a command behind it, for a list in YAML. */
    String command(List<String> server) {
        return Stream.concat(Node.command("witness.mjs", log.toString(), "stdio").stream(), server.stream())
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(", "));
    }

    /** All that reached the server. */
    String seen() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on its tools are described in other words. */
    void change() {
        try {
            Files.writeString(changed(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void changeBack() {
        try {
            Files.deleteIfExists(changed());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path changed() {
        return log.resolveSibling(log.getFileName() + ".change");
    }

    @Override
    public void close() {
        process.ifPresent(Running::close);
    }
}
