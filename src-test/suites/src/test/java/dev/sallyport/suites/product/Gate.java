package dev.sallyport.suites.product;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The packaged proxy with a configuration file of its own and without Keycloak: its tokens come from a
 * {@link TestAuthorizationServer}, so that a test can mint any token.
 */
public final class Gate implements AutoCloseable {

    /** The canary: what MCP servers get as {@code X-Api-Key}, and nobody else may ever see. */
    public static final String API_KEY = "canary-" + UUID.randomUUID();

    private static final Duration START = Duration.ofSeconds(60);

    private final Running process;
    private final URI url;
    private final int managementPort;
    private final Path folder;
    private final TestAuthorizationServer authorizationServer;

    private Gate(
            Running process, URI url, int managementPort, Path folder, TestAuthorizationServer authorizationServer) {
        this.process = process;
        this.url = url;
        this.managementPort = managementPort;
        this.folder = folder;
        this.authorizationServer = authorizationServer;
    }

    /**
     * Starts the proxy in front of these MCP servers, by name.
     *
     * @param permissions the YAML below {@code permissions}, the same for each server
     */
    public static Gate before(Map<String, URI> servers, String permissions) {
        var upstreams = new TreeMap<String, String>();
        servers.forEach(
                (name, url) -> upstreams.put(
                        name,
                        "upstream: { url: \"" + url
                                + "\" }\n    credential: { type: shared, header: \"X-Api-Key: {value}\", value: { file: api-key } }"));
        return beforeUpstreams(upstreams, permissions);
    }

    /**
     * The same with {@code upstream}, and {@code credential} if there is one, as YAML says them, by name.
     *
     * @param permissions the YAML below {@code permissions}, the same for each server
     */
    public static Gate beforeUpstreams(Map<String, String> servers, String permissions) {
        return beforeUpstreams(servers, permissions, "{ file: audit.jsonl }");
    }

    /** The same with another {@code audit}, as YAML says it; paths in it count from {@link #folder}. */
    public static Gate beforeUpstreams(Map<String, String> servers, String permissions, String audit) {
        var authorizationServer = TestAuthorizationServer.start();
        var port = Ports.free();
        var management = Ports.free();
        var url = URI.create("http://127.0.0.1:" + port);
        var name = "gate-" + port;
        var folder = Repository.scratch(name);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("api-key"), API_KEY);
            var config = Files.writeString(
                    folder.resolve("sallyport.yaml"),
                    "publicUrl: " + url + "\nlisten: { host: 127.0.0.1, port: " + port + " }\nmanagement: { port: "
                            + management + " }\nstate: " + folder.resolve("state") + "\naudit: " + audit
                            + "\nservers:\n"
                            + servers(servers, permissions, authorizationServer));
            var process = Running.start(name, command(), environment(config));
            var gate = new Gate(process, url, management, folder, authorizationServer);
            gate.awaitReady();
            return gate;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String servers(
            Map<String, String> servers, String permissions, TestAuthorizationServer authorizationServer) {
        var text = new StringBuilder();
        new TreeMap<>(servers)
                .forEach((name, upstream) -> text.append("  " + name + ":\n    title: " + name
                        + "\n    " + upstream + "\n    authorizationServer: { issuer: \"" + authorizationServer.issuer()
                        + "\", jwks: \"" + authorizationServer.jwks()
                        + "\" }\n    permissions:\n" + permissions.indent(6)));
        return text.toString();
    }

    static List<String> command() {
        var jar = Repository.file("proxy/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException("build the proxy first: ./mvnw package -pl proxy -am -DskipTests");
        }
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        return List.of(java.toString(), "-Xmx256m", "-jar", jar.toString());
    }

    private static Map<String, String> environment(Path config) {
        return Map.of("SALLYPORT_CONFIG", config.toString());
    }

    private void awaitReady() {
        Await.until(START, "the proxy to be ready", () -> {
            if (!process.alive()) {
                throw new AssertionError("the proxy ended:\n" + process.output());
            }
            return Ports.accepts(managementPort)
                    && Http.get(management("/health/ready")).status() == 200;
        });
    }

    /** The resource: where clients reach this server. */
    public URI server(String name) {
        return url.resolve("/" + name + "/mcp");
    }

    public URI url() {
        return url;
    }

    public URI management(String path) {
        return URI.create("http://127.0.0.1:" + managementPort + path);
    }

    public TestAuthorizationServer authorizationServer() {
        return authorizationServer;
    }

    /** A sound token for this server with these permission sets. */
    public String token(String server, String... scopes) {
        return authorizationServer.mint(server(server).toString(), scopes);
    }

    /** Posts a JSON-RPC message as a client does. */
    public Answer post(String server, String token, String message, String... headers) {
        return post(server, token, message.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Posts these bytes as if they were one. */
    public Answer post(String server, String token, byte[] message, String... headers) {
        return Http.send(Http.request(server(server), headers)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(message)));
    }

    /** The audit events so far, one JSON object each. */
    public List<String> audit() {
        try {
            return Files.readAllLines(folder.resolve("audit.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the configuration stands. */
    public Path folder() {
        return folder;
    }

    /** All that the process has printed, and all that it wrote except the file that holds the key to begin with. */
    public String everythingWritten() {
        var text = new StringBuilder(process.output());
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().equals("api-key")) {
                    text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    public Running process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
        authorizationServer.close();
    }
}
