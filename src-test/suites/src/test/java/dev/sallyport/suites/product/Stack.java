package dev.sallyport.suites.product;

import dev.sallyport.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole product as {@code ./sallyport up} starts it: Keycloak with the extension, the proxy, the demo MCP server
 * "Team notes". Started once for all tests that ask for it and stopped by {@code ./sallyport down}. For the inner loop,
 * {@code -Dsallyport.state=DIR} uses the stack that runs there and leaves it running.
 */
public final class Stack implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration STOP = Duration.ofMinutes(1);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path state;
    private final boolean ours;
    private final JsonNode status;

    private Stack(Path state, boolean ours) {
        this.state = state;
        this.ours = ours;
        this.status = JSON.readTree(read("status.json"));
    }

    private static Stack start() {
        var running = System.getProperty("sallyport.state", "");
        if (!running.isEmpty()) {
            return new Stack(Path.of(running), false);
        }
        var state = Repository.scratch("stack");
        forget(state);
        launch(START, "up", "--detach", "--state", state.toString(), "--port", String.valueOf(Ports.free()));
        return new Stack(state, true);
    }

    /**
     * A second one, with these MCP servers instead of the demo server.
     *
     * @param servers the YAML below {@code servers}
     */
    public static Stack with(String name, String servers) {
        var state = Repository.scratch("stack-" + name);
        forget(state);
        var port = String.valueOf(Ports.free());
        var config = Repository.scratch("stack-" + name + ".yaml");
        try {
            // Addresses are those that `up` chooses: it tells the proxy by the environment.
            Files.writeString(
                    config,
                    "publicUrl: http://127.0.0.1:" + port
                            + "\nauthorizationServer: { keycloak: http://127.0.0.1:1, realm: mcp }\nservers:\n"
                            + servers.indent(2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        launch(START, "up", "--detach", "--state", state.toString(), "--port", port, "--config", config.toString());
        return new Stack(state, true);
    }

    /** What {@code ./sallyport up} makes of these words. */
    public static Stack of(String name, List<String> words) {
        var state = Repository.scratch("stack-" + name);
        forget(state);
        var port = String.valueOf(Ports.free());
        var command =
                Stream.concat(Stream.of("up", "--detach", "--state", state.toString(), "--port", port), words.stream());
        launch(START, command.toArray(String[]::new));
        return new Stack(state, true);
    }

    /** From nothing: what an earlier run left, its registrations above all, counts against the limits of this one. */
    private static void forget(Path state) {
        if (!Files.exists(state)) {
            return;
        }
        try (var files = Files.walk(state)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What another command of the launcher says of this stack; an exit code other than 0 fails the test. */
    public String says(String... words) {
        return launch(
                STOP,
                Stream.concat(Stream.of(words), Stream.of("--state", state.toString()))
                        .toArray(String[]::new));
    }

    private static String launch(Duration patience, String... arguments) {
        var command = Stream.concat(Stream.of(Repository.file("sallyport").toString()), Stream.of(arguments))
                .toList();
        var run = Running.start("sallyport-" + arguments[0], command, Map.of());
        var code = run.end(patience);
        if (code != 0) {
            // In one line: of a message, a build's summary shows no more.
            throw new AssertionError(arguments[0] + " ended with " + code + ": "
                    + run.output().strip().replace("\n", " | ") + " (" + String.join(" ", command) + ")");
        }
        return run.output();
    }

    /** The origin that clients and browsers use. */
    public URI publicUrl() {
        return URI.create(status.path("publicUrl").asString());
    }

    /** What a person pastes into a client: the address of the first server, which without a file is the only one. */
    public URI notes() {
        return URI.create(status.path("servers").path(0).path("url").asString());
    }

    /** The address of this MCP server, as `up` and `status` tell it. */
    public URI server(String name) {
        return StreamSupport.stream(status.path("servers").spliterator(), false)
                .filter(server -> server.path("name").asString().equals(name))
                .map(server -> URI.create(server.path("url").asString()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("up names no server " + name + ": " + status.path("servers")));
    }

    /** Its parts by name, and the process of each. */
    public Map<String, Long> processes() {
        return status.path("processes").properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, part -> part.getValue().asLong()));
    }

    public URI managementUrl() {
        return URI.create(status.path("managementUrl").asString());
    }

    /** A demo user and the password. */
    public record User(String username, String password) {}

    public List<User> users() {
        return StreamSupport.stream(status.path("users").spliterator(), false)
                .map(user -> new User(
                        user.path("username").asString(), user.path("password").asString()))
                .toList();
    }

    /** The key without which the demo server does nothing; only the proxy may ever hold it. */
    public String apiKey() {
        return read("demo-api-key").strip();
    }

    /** The logs of all parts. */
    public String logs() {
        try (var files = Files.list(state.resolve("logs"))) {
            var text = new StringBuilder();
            for (var file : files.sorted().toList()) {
                text.append(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (ours) {
            launch(STOP, "down", "--state", state.toString());
        }
    }

    private String read(String name) {
        try {
            return Files.readString(state.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives test methods and constructors the stack. */
    public static final class Extension implements ParameterResolver {

        private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(Stack.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Stack.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot().getStore(OURS).computeIfAbsent("stack", _ -> Stack.start(), Stack.class);
        }
    }
}
