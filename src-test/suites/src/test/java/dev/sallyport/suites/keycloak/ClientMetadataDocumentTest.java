package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientMetadataDocumentTest {
    private static final String CALLBACK = "http://127.0.0.1:33418/callback";

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final Map<String, Served> served = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer web = start();

    private record Served(int status, String contentType, String body) {}

    @AfterAll
    void stop() {
        web.stop(0);
        realm.close();
    }

    @Test
    void the_metadata_says_that_documents_are_read() {
        var metadata =
                realm.get("/.well-known/oauth-authorization-server", Map.of()).json();

        assertThat(metadata.path("client_id_metadata_document_supported").asBoolean())
                .isTrue();
    }

    @Test
    void a_document_is_all_the_registration_there_is() {
        var id = serve(document("\"client_name\": \"Example\", \"unknown_field\": {\"a\": 1}"));

        var answer = authorize(id, CALLBACK);

        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.headers().get("Location")).contains("/protocol/openid-connect/auth?");
        var client = SharedKeycloak.server().admin().client(realm.name(), id);
        assertThat(client.path("name").asString()).isEqualTo("Example");
        assertThat(client.path("publicClient").asBoolean()).isTrue();
        assertThat(client.path("consentRequired").asBoolean()).isTrue();
    }

    @Test
    void a_document_is_fetched_once_while_it_is_fresh() {
        var id = serve(document("\"client_name\": \"Once\""));
        authorize(id, CALLBACK);
        var before = requests.get();

        authorize(id, CALLBACK);
        authorize(id, "http://127.0.0.1:9/callback");

        assertThat(requests.get()).isEqualTo(before);
    }

    @Test
    void a_redirect_that_the_document_does_not_list_is_a_page() {
        var id = serve(document("\"client_name\": \"Example\""));

        var answer = authorize(id, "https://evil.test/callback");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.headers()).doesNotContainKey("Location");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "{\"redirect_uris\": [\"https://a.test/cb\"]}",
                "{\"client_id\": \"https://somebody.else/client.json\", \"redirect_uris\": [\"https://a.test/cb\"]}",
                "{\"client_id\": \"SELF/\", \"redirect_uris\": [\"https://a.test/cb\"]}",
                "{\"client_id\": \"SELF\", \"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"]}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/*\"]}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"javascript:alert(1)\"]}",
                "{\"client_id\": \"SELF\"}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"], \"client_secret\": \"x\"}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"],"
                        + " \"token_endpoint_auth_method\": \"client_secret_basic\"}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"],"
                        + " \"token_endpoint_auth_method\": \"private_key_jwt\"}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"],"
                        + " \"token_endpoint_auth_method\": \"private_key_jwt\", \"jwks_uri\": \"https://10.0.0.1/jwks\"}",
                "{\"client_id\": \"SELF\", \"redirect_uris\": [\"https://a.test/cb\"],"
                        + " \"jwks\": {\"keys\": [{\"kty\": \"EC\", \"d\": \"private\"}]}}",
            })
    void a_wrong_document_makes_no_client(String body) {
        var id = serve(body);

        var answer = authorize(id, "https://a.test/cb");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.headers()).doesNotContainKey("Location");
        assertThat(SharedKeycloak.server().admin().hasClient(realm.name(), id)).isFalse();
    }

    @Test
    void a_huge_document_is_not_read_to_its_end() {
        var id = serve(document("\"client_name\": \"" + "x".repeat(20_000) + "\""));

        assertThat(authorize(id, CALLBACK).status()).isEqualTo(400);
    }

    @Test
    void a_redirect_of_the_document_is_not_followed() {
        var real = serve(document("\"client_name\": \"Real\""));
        var id = url();
        served.put(path(id), new Served(302, real, ""));

        assertThat(authorize(id, CALLBACK).status()).isEqualTo(400);
    }

    @Test
    void only_json_is_a_document() {
        var id = url();
        served.put(
                path(id),
                new Served(200, "text/html", document("\"client_name\": \"x\"").replace("SELF", id)));

        assertThat(authorize(id, CALLBACK).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://10.0.0.1/client.json",
                "https://169.254.169.254/latest/meta-data",
                "https://2130706433/client.json",
                "https://[::ffff:10.0.0.1]/client.json",
                "https://localhost.evil@10.0.0.1/client.json",
                "https://no-such-name.invalid/client.json",
                "http://example.com/client.json",
            })
    void nothing_is_fetched_from_where_only_we_can_reach(String id) {
        var answer = TestRealm.send("GET", authorizeUrl(id, CALLBACK), "", Map.of("Accept", "application/json"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void a_client_that_signs_is_believed_by_its_key_alone() throws GeneralSecurityException {
        var key = key();
        var other = key();
        var id = serve(document("\"token_endpoint_auth_method\": \"private_key_jwt\", \"jwks\": " + jwks(key)));
        authorize(id, CALLBACK);

        assertThat(token(id, assertion(id, key))).isEqualTo("invalid_grant");
        assertThat(token(id, assertion(id, other))).isEqualTo("invalid_client");
        assertThat(token(id, "")).isNotEqualTo("invalid_grant");
    }

    @Test
    void keys_elsewhere_come_through_the_same_guard() throws GeneralSecurityException {
        var key = key();
        var keys = serve(jwks(key));
        var id = serve(document("\"token_endpoint_auth_method\": \"private_key_jwt\", \"jwks_uri\": \"" + keys + "\""));
        authorize(id, CALLBACK);

        assertThat(token(id, assertion(id, key))).isEqualTo("invalid_grant");
    }

    @Test
    void a_document_does_not_take_a_client_over_that_was_made_by_hand() {
        var id = serve(document("\"client_name\": \"Attacker\""));
        SharedKeycloak.server()
                .admin()
                .createClient(
                        realm.name(),
                        "{\"clientId\": \"" + id + "\", \"name\": \"By hand\", \"publicClient\": true,"
                                + " \"redirectUris\": [\"https://hand.test/cb\"]}");

        var answer = authorize(id, CALLBACK);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(SharedKeycloak.server()
                        .admin()
                        .client(realm.name(), id)
                        .path("name")
                        .asString())
                .isEqualTo("By hand");
    }

    @Test
    void while_the_document_is_down_what_was_known_is_used() {
        var id = serve(document("\"client_name\": \"Known\""));
        authorize(id, CALLBACK);
        expire(id);
        served.put(path(id), new Served(503, "text/plain", ""));

        assertThat(authorize(id, CALLBACK).status()).isEqualTo(303);
    }

    @Test
    void a_document_that_turned_wrong_starts_no_new_login() {
        var id = serve(document("\"client_name\": \"Known\""));
        authorize(id, CALLBACK);
        expire(id);
        served.put(path(id), new Served(404, "text/plain", ""));

        assertThat(authorize(id, CALLBACK).status()).isEqualTo(400);
    }

    @Test
    void a_changed_document_counts_when_the_old_one_has_expired() {
        var id = serve(document("\"client_name\": \"Old\""));
        authorize(id, CALLBACK);
        expire(id);
        served.put(
                path(id),
                new Served(
                        200,
                        "application/json",
                        document("\"client_name\": \"New\"").replace("SELF", id).replace("/callback", "/new")));

        assertThat(authorize(id, "http://127.0.0.1:33418/new").status()).isEqualTo(303);
        assertThat(authorize(id, CALLBACK).status()).isEqualTo(400);
    }

    private void expire(String id) {
        var client = SharedKeycloak.server().admin().client(realm.name(), id);
        var json = client.toString()
                .replaceAll(
                        "\"sallyport.document.expires\":\"\\d+\"",
                        "\"sallyport.document.expires\":\"" + (System.currentTimeMillis() / 1000 - 60) + "\"");
        SharedKeycloak.server()
                .admin()
                .put("/" + realm.name() + "/clients/" + client.path("id").asString(), json);
    }

    private static String document(String more) {
        return "{\"client_id\": \"SELF\", \"redirect_uris\": [\"" + CALLBACK + "\"], " + more + "}";
    }

    private String serve(String body) {
        var id = url();
        served.put(path(id), new Served(200, "application/json", body.replace("SELF", id)));
        return id;
    }

    private String url() {
        return "http://127.0.0.1:" + web.getAddress().getPort() + "/" + UUID.randomUUID() + "/client.json";
    }

    private static String path(String url) {
        return java.net.URI.create(url).getPath();
    }

    private HttpServer start() {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.start();
            return server;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            var found = served.getOrDefault(exchange.getRequestURI().getPath(), new Served(404, "text/plain", ""));
            if (found.status() == 302) {
                exchange.getResponseHeaders().add("Location", found.contentType());
            } else {
                exchange.getResponseHeaders().add("Content-Type", found.contentType());
            }
            var bytes = found.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(found.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private TestRealm.Answer authorize(String id, String redirectUri) {
        return TestRealm.send("GET", authorizeUrl(id, redirectUri), "", Map.of("Accept", "text/html"));
    }

    private String authorizeUrl(String id, String redirectUri) {
        return realm.url("/sallyport/authorize?response_type=code&scope=notes:read&resource=https://gate.test/notes/mcp"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&client_id="
                + URLEncoder.encode(id, StandardCharsets.UTF_8) + "&redirect_uri="
                + URLEncoder.encode(redirectUri, StandardCharsets.UTF_8));
    }

    private String token(String id, String assertion) {
        var fields = new java.util.HashMap<>(
                Map.of("grant_type", "authorization_code", "code", "x", "redirect_uri", CALLBACK, "client_id", id));
        if (!assertion.isEmpty()) {
            fields.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            fields.put("client_assertion", assertion);
        }
        return realm.form("/protocol/openid-connect/token", fields, Map.of())
                .json()
                .path("error")
                .asString();
    }

    private static KeyPair key() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static String jwks(KeyPair key) {
        var point = ((ECPublicKey) key.getPublic()).getW();
        return "{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"use\": \"sig\", \"alg\": \"ES256\", \"kid\": \"k1\","
                + " \"x\": \"" + coordinate(point.getAffineX()) + "\", \"y\": \"" + coordinate(point.getAffineY())
                + "\"}]}";
    }

    private static String coordinate(java.math.BigInteger number) {
        var bytes = number.toByteArray();
        var fixed = new byte[32];
        var from = Math.max(0, bytes.length - 32);
        System.arraycopy(bytes, from, fixed, 32 - (bytes.length - from), bytes.length - from);
        return encode(Arrays.copyOf(fixed, 32));
    }

    private String assertion(String id, KeyPair key) throws GeneralSecurityException {
        var now = System.currentTimeMillis() / 1000;
        var head = encode("{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
        var body = encode(("{\"iss\":\"" + id + "\",\"sub\":\"" + id + "\",\"aud\":\"" + realm.url("") + "\",\"jti\":\""
                        + UUID.randomUUID() + "\",\"iat\":" + now + ",\"exp\":" + (now + 30) + "}")
                .getBytes(StandardCharsets.UTF_8));
        var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key.getPrivate());
        signature.update((head + "." + body).getBytes(StandardCharsets.US_ASCII));
        return head + "." + body + "." + encode(signature.sign());
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
