package dev.sallyport.suites.product;

import dev.sallyport.testkit.Ports;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.KeycloakSetup;
import dev.sallyport.testkit.notes.BearerTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The packaged proxy, a Keycloak with two realms, and a door between the two: realm {@code mcp} has our extension and is
 * where people sign in; realm {@code provider}, as Keycloak comes, is the service at which they have accounts. It rotates
 * refresh tokens and takes none twice. Clients and browsers reach it through {@link #provider()}.
 */
public final class TwoRealms implements AutoCloseable {

    private static final String PROVIDER = "provider";
    private static final String OTHER = "other-provider";
    private static final Duration START = Duration.ofMinutes(2);
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final int port = Ports.free();
    private final int managementPort = Ports.free();
    private final KeycloakServer keycloak;
    private final Door door;
    private final Path folder;
    private Optional<Running> gate = Optional.empty();

    private TwoRealms(String name) throws IOException {
        this.name = name;
        folder = Repository.scratch("two-realms-" + name);
        forget(folder);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("proxy-secret"), KeycloakSetup.PROXY_SECRET);
        keycloak = KeycloakServer.start(KeycloakSetup.standard()
                .withPublicUrl(publicUrl().toString())
                .withEnvironment("SALLYPORT_REALMS", "mcp"));
        door = Door.before(keycloak.port());
    }

    /** Both realms; the proxy follows with {@link #open}. */
    public static TwoRealms start(String name) {
        try {
            var realms = new TwoRealms(name);
            realms.makeRealms();
            return realms;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void makeRealms() {
        keycloak.admin().createRealm("mcp");
        makeProvider(PROVIDER);
        makeProvider(OTHER);
    }

    private void makeProvider(String realm) {
        var provider = JSON.createObjectNode()
                .put("realm", realm)
                .put("enabled", true)
                .put("sslRequired", "none")
                .put("displayName", "Notes & More")
                .put("revokeRefreshToken", true)
                .put("refreshTokenMaxReuse", 0)
                .put("eventsEnabled", true);
        var kept = provider.putArray("enabledEventTypes");
        List.of("LOGIN", "CODE_TO_TOKEN", "REFRESH_TOKEN", "REFRESH_TOKEN_ERROR")
                .forEach(kept::add);
        provider.putObject("attributes").put("frontendUrl", door.url());
        keycloak.admin().importRealm(provider.toString());
    }

    /** A confidential client of the provider's, registered by hand; its secret is its name. */
    public void clientAtProvider(String clientId, UnaryOperator<String> redirectUri) {
        clientAtProvider(clientId, redirectUri, Duration.ofMinutes(5));
    }

    /** The same, whose access tokens live for so long. */
    private void clientAtProvider(String clientId, UnaryOperator<String> redirectUri, Duration life) {
        var client = JSON.createObjectNode()
                .put("clientId", clientId)
                .put("secret", clientId)
                .put("standardFlowEnabled", true);
        client.putObject("attributes").put("access.token.lifespan", Long.toString(life.toSeconds()));
        client.putArray("redirectUris").add(redirectUri.apply(publicUrl().toString()));
        keycloak.admin().createClient(PROVIDER, client.toString());
    }

    /** The provider registers whoever asks (RFC 7591): as Keycloak comes, it does so for hosts and scopes that it trusts only. */
    public void registrationAtProvider() {
        var policies = keycloak.admin()
                .get("/" + PROVIDER + "/components?type=org.keycloak.services.clientregistration.policy"
                        + ".ClientRegistrationPolicy");
        for (var policy : policies) {
            if (policy.path("subType").asString().equals("anonymous")
                    && Set.of("trusted-hosts", "allowed-client-templates", "scope")
                            .contains(policy.path("providerId").asString())) {
                keycloak.admin()
                        .delete("/" + PROVIDER + "/components/"
                                + policy.path("id").asString());
            }
        }
    }

    /** Somebody who has an account at the provider only, {@code <name>-there}. */
    public void personThere(String username) {
        keycloak.admin().createUser(PROVIDER, there(username), there(username));
    }

    /** Somebody who can sign in at our realm, and at the provider as {@code <name>-there}; the password is the name. */
    public void person(String username) {
        keycloak.admin().createUser("mcp", username, username);
        personThere(username);
    }

    /** What a person is called at the provider. */
    public static String there(String username) {
        return username + "-there";
    }

    /** People may sign in at our realm through the provider, which gives tokens for twelve seconds that Keycloak keeps. */
    public void signInThroughProvider() {
        clientAtProvider("keycloak", url -> url + "/realms/mcp/broker/there/endpoint", Duration.ofSeconds(12));
        var broker = JSON.createObjectNode()
                .put("alias", "there")
                .put("displayName", "Notes & More")
                .put("providerId", "oidc")
                .put("enabled", true)
                .put("storeToken", true);
        var endpoints = issuer() + "/protocol/openid-connect";
        broker.putObject("config")
                .put("issuer", issuer().toString())
                .put("authorizationUrl", endpoints + "/auth")
                .put("tokenUrl", endpoints + "/token")
                .put("userInfoUrl", endpoints + "/userinfo")
                .put("clientId", "keycloak")
                .put("clientSecret", "keycloak")
                .put("clientAuthMethod", "client_secret_post")
                .put("validateSignature", "false")
                .put("defaultScope", "openid profile email")
                .put("pkceEnabled", "true")
                .put("pkceMethod", "S256");
        keycloak.admin().post("/mcp/identity-provider/instances", broker.toString());
    }

    /** Sets an attribute of a client of our realm. */
    public void attribute(String clientId, String name, String value) {
        var client = (ObjectNode) keycloak.admin().client("mcp", clientId);
        client.withObject("attributes").put(name, value);
        keycloak.admin().put("/mcp/clients/" + client.path("id").asString(), client.toString());
    }

    /** The provider ends all that this person's account there has allowed. */
    public void endAtProvider(String username) {
        var users = keycloak.admin().get("/" + PROVIDER + "/users?exact=true&username=" + there(username));
        keycloak.admin().logout(PROVIDER, users.get(0).path("id").asString());
    }

    /** Events of this type at the provider, such as {@code REFRESH_TOKEN}, so far. */
    public int atProvider(String type) {
        return keycloak.admin()
                .get("/" + PROVIDER + "/events?max=10000&type=" + type)
                .size();
    }

    /** Asks the provider whose access token this is; empty if it is nobody's any more. */
    public Optional<String> accountOf(String token) {
        // Not through the door: it is between the proxy and the provider.
        var answer = Http.get(
                URI.create(keycloak.url() + "/realms/" + PROVIDER + "/protocol/openid-connect/userinfo"),
                "Authorization",
                "Bearer " + token);
        return answer.status() == 200
                ? Optional.of(answer.json().path("preferred_username").asString())
                : Optional.empty();
    }

    /** A guard for an MCP server that trusts the provider. */
    public BearerTokens guard() {
        return new BearerTokens(issuer(), this::accountOf);
    }

    public URI issuer() {
        return URI.create(door.url() + "/realms/" + PROVIDER);
    }

    /** A provider that nobody has an account at. */
    public URI otherIssuer() {
        return URI.create(door.url() + "/realms/" + OTHER);
    }

    public Door provider() {
        return door;
    }

    public KeycloakServer keycloak() {
        return keycloak;
    }

    public URI publicUrl() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The address of this MCP server. */
    public URI server(String server) {
        return publicUrl().resolve("/" + server + "/mcp");
    }

    /** A file beside the configuration, which names it by its name. */
    public void file(String file, String content) {
        write(file, content);
    }

    /**
     * Starts the proxy.
     *
     * @param servers the YAML below {@code servers}
     */
    public void open(String servers) {
        open("", servers);
    }

    /**
     * The same.
     *
     * @param more the YAML of further settings, beside {@code servers}
     */
    public void open(String more, String servers) {
        write(
                "sallyport.yaml",
                "publicUrl: " + publicUrl() + "\nlisten: { host: 127.0.0.1, port: " + port + " }\nmanagement: { port: "
                        + managementPort + " }\nstate: " + folder.resolve("state") + "\naudit: { file: "
                        + folder.resolve("audit.jsonl") + " }\nauthorizationServer: { keycloak: \"" + keycloak.url()
                        + "\", realm: mcp, clientSecret: { file: proxy-secret } }\n" + more
                        + "\nservers:\n" + servers.indent(2));
        restart();
    }

    /** Ends the proxy, if it runs, and starts it with what it has stored. */
    public void restart() {
        gate.ifPresent(Running::close);
        var started = Running.start(
                "two-realms-" + name,
                Gate.command(),
                Map.of("SALLYPORT_CONFIG", folder.resolve("sallyport.yaml").toString()));
        gate = Optional.of(started);
        Await.until(START, "the proxy to be ready", () -> {
            if (!started.alive()) {
                throw new AssertionError("the proxy ended:\n" + started.output());
            }
            return Ports.accepts(managementPort)
                    && Http.get(URI.create("http://127.0.0.1:" + managementPort + "/health/ready"))
                                    .status()
                            == 200;
        });
    }

    /** Ends the proxy as its operator would, and waits for it. */
    public void end() {
        gate.ifPresent(Running::close);
        gate = Optional.empty();
    }

    public boolean running() {
        return gate.isPresent();
    }

    /** The process of the proxy, while there is one. */
    public Running process() {
        return gate.orElseThrow();
    }

    /** What its management port shows there. */
    public String management(String path) {
        return Http.get(URI.create("http://127.0.0.1:" + managementPort + path)).body();
    }

    /** The audit events so far. */
    public List<JsonNode> audit() {
        try {
            return Files.readAllLines(folder.resolve("audit.jsonl")).stream()
                    .map(JSON::readTree)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the proxy has printed since its last start, and all that it wrote. */
    public String everythingWritten() {
        var text = new StringBuilder(gate.map(Running::output).orElse(""));
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void write(String file, String content) {
        try {
            Files.writeString(folder.resolve(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void forget(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() {
        gate.ifPresent(Running::close);
        door.close();
        keycloak.close();
    }
}
