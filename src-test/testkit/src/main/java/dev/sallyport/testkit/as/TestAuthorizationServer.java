package dev.sallyport.testkit.as;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An authorization server on loopback, laid out as Keycloak is (realm {@code mcp}): it publishes metadata and keys, and
 * mints whatever token a test asks for. It has no login and no clients.
 */
public final class TestAuthorizationServer implements AutoCloseable {

    private static final String REALM = "/realms/mcp";

    /** How it answers when asked for metadata or keys. */
    public enum Mood {
        SOUND,
        /** 503 to everything. */
        DOWN,
        /** 200 with something that is not JSON. */
        NONSENSE,
        /** 200 with more than any key set has. */
        ENDLESS,
        /** 302 to another place on this server that has keys. */
        REDIRECT
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final String issuer;
    private final List<SigningKey> keys = new CopyOnWriteArrayList<>();
    private final AtomicInteger keyRequests = new AtomicInteger();
    private volatile Mood mood = Mood.SOUND;
    private volatile Optional<String> keySet = Optional.empty();

    private TestAuthorizationServer(HttpServer server, Optional<String> issuer) {
        this.server = server;
        this.issuer = issuer.orElse("http://127.0.0.1:" + server.getAddress().getPort() + REALM);
    }

    /** Its issuer is its own address, {@code /realms/mcp}. It has an RS256 key. */
    public static TestAuthorizationServer start() {
        return start(Optional.empty());
    }

    /** As if it stood behind another origin: tokens and metadata name this issuer. */
    public static TestAuthorizationServer startAs(String issuer) {
        return start(Optional.of(issuer));
    }

    private static TestAuthorizationServer start(Optional<String> issuer) {
        try {
            var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var server = new TestAuthorizationServer(http, issuer);
            server.keys.add(SigningKey.generate(SigningKey.Algorithm.RS256));
            http.createContext("/", server::answer);
            http.setExecutor(server.threads);
            http.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String issuer() {
        return issuer;
    }

    /** Where it listens: {@code http://127.0.0.1:port}, what the configuration calls {@code keycloak}. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public URI jwks() {
        return url().resolve(REALM + "/protocol/openid-connect/certs");
    }

    /** The key that signs from now on: the one added last. */
    public SigningKey key() {
        return keys.getLast();
    }

    /** Publishes one more key and signs with it from now on. */
    public SigningKey add(SigningKey key) {
        keys.add(key);
        return key;
    }

    public SigningKey add(SigningKey.Algorithm algorithm) {
        return add(SigningKey.generate(algorithm));
    }

    /** Replaces all keys by a new one of the same algorithm. */
    public SigningKey rotate() {
        var next = SigningKey.generate(key().algorithm());
        keys.add(next);
        keys.removeIf(key -> key != next);
        return next;
    }

    /** Publishes this text instead of the keys. */
    public void publish(String jwks) {
        keySet = Optional.of(jwks);
    }

    public void mood(Mood next) {
        mood = next;
    }

    /** How often the key set was asked for. */
    public int keyRequests() {
        return keyRequests.get();
    }

    /** A sound token for this resource: current, without scopes, ready to be changed. */
    public TestToken token(String resource) {
        return new TestToken(key(), issuer, resource, Instant.now());
    }

    /** A sound token for this resource with these scopes. */
    public String mint(String resource, String... scopes) {
        return token(resource).scope(scopes).sign();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (path.endsWith("/certs")) {
                keyRequests.incrementAndGet();
            }
            switch (mood) {
                case SOUND -> document(exchange, path);
                case DOWN -> send(exchange, 503, "text/plain", "down");
                case NONSENSE -> send(exchange, 200, "application/json", "<html>not what you think</html>");
                case ENDLESS -> send(exchange, 200, "application/json", "{\"keys\":[" + " ".repeat(4_000_000));
                case REDIRECT -> {
                    if (path.startsWith("/moved")) {
                        document(exchange, path.substring("/moved".length()));
                    } else {
                        exchange.getResponseHeaders().set("Location", url() + "/moved" + path);
                        exchange.sendResponseHeaders(302, -1);
                    }
                }
            }
        }
    }

    private void document(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case REALM + "/protocol/openid-connect/certs" ->
                send(exchange, 200, "application/json", keySet.orElseGet(this::keySet));
            case REALM + "/.well-known/openid-configuration",
                    "/.well-known/openid-configuration" + REALM,
                    REALM + "/.well-known/oauth-authorization-server",
                    "/.well-known/oauth-authorization-server" + REALM ->
                send(exchange, 200, "application/json", Json.write(metadata()));
            default -> send(exchange, 404, "application/json", "{}");
        }
    }

    private String keySet() {
        return Json.write(Map.of("keys", keys.stream().map(SigningKey::jwk).toList()));
    }

    private Map<String, Object> metadata() {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("issuer", issuer);
        metadata.put("jwks_uri", jwks().toString());
        metadata.put("authorization_endpoint", issuer + "/sallyport/authorize");
        metadata.put("token_endpoint", issuer + "/protocol/openid-connect/token");
        metadata.put("registration_endpoint", issuer + "/clients-registrations/mcp");
        metadata.put("response_types_supported", List.of("code"));
        metadata.put("code_challenge_methods_supported", List.of("S256"));
        return metadata;
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
