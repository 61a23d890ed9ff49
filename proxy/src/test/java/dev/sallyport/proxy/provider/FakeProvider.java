package dev.sallyport.proxy.provider;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * An MCP server ({@code /mcp}) and the OAuth provider that it names, on loopback. It checks PKCE and the resource, rotates
 * refresh tokens, and takes none a second time. A test plays the browser: {@link #agree} stands for login and consent.
 */
public final class FakeProvider implements AutoCloseable {

    private static final Pattern SUB = Pattern.compile("\"sub\":\"([^\"]*)\"");

    private static final String ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, String> refreshTokens = new ConcurrentHashMap<>();
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean down;
    private volatile int expiresIn = 3600;
    private volatile String tokenPath = "/token";
    private volatile String named = "";
    private volatile String audience = "";
    private volatile String error = "invalid_grant";

    private FakeProvider(HttpServer server) {
        this.server = server;
    }

    public static FakeProvider start() {
        try {
            var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var provider = new FakeProvider(http);
            http.createContext("/", provider::answer);
            http.setExecutor(provider.threads);
            http.start();
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public URI mcp() {
        return URI.create(issuer() + "/mcp");
    }

    /** Every token request and revocation so far: the grant type, or {@code revoke}. */
    public List<String> requests() {
        return requests;
    }

    public Set<String> revoked() {
        return revoked;
    }

    public void down(boolean now) {
        down = now;
    }

    /** The life of the access tokens to come, in seconds. */
    public void expiresIn(int seconds) {
        expiresIn = seconds;
    }

    /** The audience that tokens are exchanged for. */
    public void exchangesFor(String expected) {
        audience = expected;
    }

    /** What it says when it gives nothing. */
    public void refusesWith(String code) {
        error = code;
    }

    /** From now on its metadata names another token endpoint. */
    public void moveTokenEndpoint() {
        tokenPath = "/elsewhere";
    }

    /** From now on the MCP server names this resource as its own. */
    public void nameResource(String resource) {
        named = resource;
    }

    /** Ends all refresh tokens, as a person does at their provider's page. */
    public void forgetEverybody() {
        refreshTokens.clear();
    }

    /** What a person who agrees is sent back with: code, state and iss. */
    public Map<String, String> agree(URI authorization, String person) {
        var asked = form(authorization.getRawQuery());
        asked.put("person", person);
        var code = "code-" + count.incrementAndGet();
        codes.put(code, asked);
        return Map.of("code", code, "state", asked.getOrDefault("state", ""), "iss", issuer());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (path.equals("/mcp")) {
                exchange.getResponseHeaders()
                        .set(
                                "WWW-Authenticate",
                                "Bearer resource_metadata=\"" + issuer()
                                        + "/.well-known/oauth-protected-resource/mcp\"");
                send(exchange, 401, "{}");
            } else if (path.equals("/.well-known/oauth-protected-resource/mcp")) {
                var resource = named.isEmpty() ? mcp().toString() : named;
                send(
                        exchange,
                        200,
                        "{\"resource\":\"" + resource + "\",\"authorization_servers\":[\"" + issuer() + "\"]}");
            } else if (path.equals("/.well-known/oauth-authorization-server")) {
                send(exchange, 200, metadata());
            } else if (path.equals("/register")) {
                requests.add("register");
                send(exchange, 201, "{\"client_id\":\"client-of-ours\"}");
            } else if (down) {
                requests.add("down");
                send(exchange, 503, "{}");
            } else if (path.equals("/token")) {
                token(exchange, form(body));
            } else if (path.equals("/revoke")) {
                requests.add("revoke");
                var token = form(body).getOrDefault("token", "");
                revoked.add(token);
                refreshTokens.remove(token);
                send(exchange, 200, "");
            } else {
                send(exchange, 404, "{}");
            }
        }
    }

    private String metadata() {
        return "{\"issuer\":\"" + issuer() + "\",\"authorization_endpoint\":\"" + issuer()
                + "/authorize\",\"token_endpoint\":\"" + issuer() + tokenPath + "\",\"revocation_endpoint\":\""
                + issuer()
                + "/revoke\",\"registration_endpoint\":\"" + issuer()
                + "/register\",\"code_challenge_methods_supported\":[\"S256\"],"
                + "\"authorization_response_iss_parameter_supported\":true}";
    }

    private void token(HttpExchange exchange, Map<String, String> form) throws IOException {
        var grant = form.getOrDefault("grant_type", "");
        requests.add(grant);
        var person = switch (grant) {
            case "authorization_code" -> redeemed(form);
            case "refresh_token" -> {
                var found = refreshTokens.remove(form.getOrDefault("refresh_token", ""));
                yield found == null ? "" : found;
            }
            case "client_credentials" -> "machine";
            case "urn:ietf:params:oauth:grant-type:token-exchange" -> exchanged(form);
            case "urn:ietf:params:oauth:grant-type:jwt-bearer" -> asserted(form);
            default -> "";
        };
        if (person.isEmpty()) {
            send(exchange, 400, "{\"error\":\"" + error + "\"}");
            return;
        }
        if (form.getOrDefault("requested_token_type", "").equals(ID_JAG)) {
            send(
                    exchange,
                    200,
                    "{\"access_token\":\"head." + person + ".sign\",\"token_type\":\"N_A\",\"issued_token_type\":\""
                            + ID_JAG + "\",\"expires_in\":300}");
            return;
        }
        var number = count.incrementAndGet();
        var refresh = "refresh-of-" + person + "-" + number;
        refreshTokens.put(refresh, person);
        send(
                exchange,
                200,
                "{\"access_token\":\"access-of-" + person + "-" + number
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":" + expiresIn + ",\"refresh_token\":\"" + refresh
                        + "\"}");
    }

    /** RFC 8693 section 2.1: for {@code mcp-token-of-<person>} or a JWT, and for the audience that is expected. */
    private String exchanged(Map<String, String> form) {
        return "urn:ietf:params:oauth:token-type:access_token".equals(form.get("subject_token_type"))
                        && audience.equals(form.getOrDefault("audience", ""))
                ? person(form.getOrDefault("subject_token", ""))
                : "";
    }

    private static String person(String token) {
        if (token.startsWith("mcp-token-of-")) {
            return token.substring("mcp-token-of-".length());
        }
        var parts = token.split("\\.", -1);
        var claims =
                parts.length == 3 ? new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8) : "";
        var sub = SUB.matcher(claims);
        return sub.find() ? sub.group(1) : "";
    }

    /** RFC 7523 section 2.1: for the identity assertion that it made itself. */
    private static String asserted(Map<String, String> form) {
        var parts = form.getOrDefault("assertion", "").split("\\.", -1);
        return parts.length == 3 && parts[0].equals("head") && parts[2].equals("sign") ? parts[1] : "";
    }

    private String redeemed(Map<String, String> form) {
        var asked = codes.remove(form.getOrDefault("code", ""));
        return asked != null
                        && challenge(form.getOrDefault("code_verifier", "")).equals(asked.get("code_challenge"))
                        && "S256".equals(asked.get("code_challenge_method"))
                        && mcp().toString().equals(asked.get("resource"))
                        && mcp().toString().equals(form.get("resource"))
                        && form.getOrDefault("redirect_uri", "-").equals(asked.get("redirect_uri"))
                ? asked.getOrDefault("person", "")
                : "";
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> form(String text) {
        var form = new HashMap<String, String>();
        for (var pair : text.split("&", -1)) {
            var parts = pair.split("=", 2);
            form.put(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    parts.length == 2 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "");
        }
        return form;
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
