package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistrationTest {
    private static final String PUBLIC =
            "{\"redirect_uris\": [\"http://127.0.0.1:33418/callback\"], \"token_endpoint_auth_method\": \"none\"}";

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());

    @AfterAll
    void remove() {
        realm.close();
    }

    /** As the SDKs, mcp-remote, Inspector and VS Code send it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                {"redirect_uris": ["http://localhost:3334/oauth/callback"], "token_endpoint_auth_method": "none",
                 "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
                 "client_name": "MCP CLI Proxy", "client_uri": "https://github.com/modelcontextprotocol/mcp-cli",
                 "software_id": "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d", "software_version": "0.15.1",
                 "scope": "openid notes:read nonsense", "application_type": "native"}
                """,
                """
                {"redirect_uris": ["http://127.0.0.1", "http://127.0.0.1:33418/", "https://vscode.dev/redirect",
                  "http://127.0.0.1:33418"],
                 "client_name": "Visual Studio Code", "client_uri": "https://code.visualstudio.com",
                 "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
                 "response_types": ["code"], "token_endpoint_auth_method": "none"}
                """,
                """
                {"redirect_uris": ["cursor://anysphere.cursor-retrieval/oauth/user-notes/callback"],
                 "token_endpoint_auth_method": "none", "client_name": "Cursor", "resource": "https://gate.test/notes/mcp"}
                """,
            })
    void a_real_client_gets_through(String metadata) {
        var answer = register(metadata);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.headers().get("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.json().path("token_endpoint_auth_method").asString()).isEqualTo("none");
        assertThat(answer.json().has("client_secret")).isFalse();
        assertThat(answer.json().has("scope")).isFalse();
        assertThat(texts(answer.json().path("grant_types"))).containsExactly("authorization_code", "refresh_token");
    }

    @Test
    void the_redirect_uris_are_told_back_as_they_were_sent() {
        var answer = register(PUBLIC);

        assertThat(texts(answer.json().path("redirect_uris"))).containsExactly("http://127.0.0.1:33418/callback");
    }

    @Test
    void a_registered_client_is_made_to_ask_for_everything() {
        var id = register(PUBLIC).json().path("client_id").asString();

        var client = SharedKeycloak.server().admin().client(realm.name(), id);

        assertThat(client.path("consentRequired").asBoolean()).isTrue();
        assertThat(client.path("fullScopeAllowed").asBoolean()).isFalse();
        assertThat(client.path("directAccessGrantsEnabled").asBoolean()).isFalse();
        assertThat(client.path("serviceAccountsEnabled").asBoolean()).isFalse();
        assertThat(client.path("implicitFlowEnabled").asBoolean()).isFalse();
        assertThat(texts(client.path("defaultClientScopes"))).containsExactly("basic");
        assertThat(client.path("attributes").path("pkce.code.challenge.method").asString())
                .isEqualTo("S256");
    }

    @ParameterizedTest
    @ValueSource(ints = {33418, 1, 65535})
    void a_loopback_client_may_come_back_on_any_port(int port) {
        for (var host : List.of("127.0.0.1", "localhost", "[::1]")) {
            var id = register(PUBLIC.replace("127.0.0.1", host))
                    .json()
                    .path("client_id")
                    .asString();

            var page = authorize(id, "http://" + host + ":" + port + "/callback");

            assertThat(page.status()).as(host).isEqualTo(200);
            assertThat(page.body()).as(host).contains("name=\"password\"");
        }
    }

    @Test
    void loopback_uris_without_a_path_work_as_vs_code_sends_them() {
        var id = register("{\"redirect_uris\": [\"http://127.0.0.1\", \"http://127.0.0.1/\"],"
                        + " \"token_endpoint_auth_method\": \"none\"}")
                .json()
                .path("client_id")
                .asString();

        assertThat(authorize(id, "http://127.0.0.1:33418/").body()).contains("name=\"password\"");
        assertThat(authorize(id, "http://127.0.0.1:33418").body()).contains("name=\"password\"");
    }

    @Test
    void another_path_or_host_on_the_loopback_is_another_redirect() {
        var id = register(PUBLIC).json().path("client_id").asString();

        assertThat(authorize(id, "http://127.0.0.1:33418/other").status()).isEqualTo(400);
        assertThat(authorize(id, "http://localhost:33418/callback").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.test/*,            invalid_redirect_uri",
        "*,                              invalid_redirect_uri",
        "http://evil.test/callback,      invalid_redirect_uri",
        "javascript:alert(1),            invalid_redirect_uri",
        "https://a@evil.test/,           invalid_redirect_uri",
        "https://a.test/#x,              invalid_redirect_uri",
        "/relative,                      invalid_redirect_uri",
    })
    void a_bad_redirect_uri_is_refused_as_rfc_7591_says(String uri, String error) {
        var answer = register("{\"redirect_uris\": [\"" + uri + "\"], \"token_endpoint_auth_method\": \"none\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo(error);
        assertThat(answer.json().path("error_description").asString())
                .isNotEmpty()
                .doesNotContain("evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"redirect_uris\": [\"https://a.test/\"], \"redirect_uris\": [\"https://b.test/\"]}",
                "{\"redirect_uris\": [\"https://a.test/\"], \"grant_types\": [\"client_credentials\"]}",
                "{\"redirect_uris\": [\"https://a.test/\"], \"token_endpoint_auth_method\": \"private_key_jwt\","
                        + " \"jwks_uri\": \"http://169.254.169.254/latest/meta-data\"}",
            })
    void bad_metadata_is_refused_as_rfc_7591_says(String body) {
        var answer = TestRealm.send(
                "POST", realm.url("/clients-registrations/mcp"), body, Map.of("Content-Type", "application/json"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client_metadata");
    }

    @Test
    void a_web_page_may_register_and_then_call_the_token_endpoint() {
        var origin = "https://inspector.example";

        var answer = register(
                "{\"redirect_uris\": [\"https://app.example/cb\"], \"token_endpoint_auth_method\": \"none\"}",
                Map.of("Origin", origin));
        var token = realm.form(
                "/protocol/openid-connect/token",
                Map.of(
                        "grant_type", "authorization_code",
                        "client_id", answer.json().path("client_id").asString(),
                        "code", "x"),
                Map.of("Origin", origin));

        assertThat(answer.headers()).containsEntry("Access-Control-Allow-Origin", origin);
        assertThat(token.status()).isEqualTo(400);
        assertThat(token.json().path("error").asString()).isEqualTo("invalid_grant");
        assertThat(token.headers()).containsEntry("Access-Control-Allow-Origin", origin);
    }

    @Test
    void a_preflight_is_answered() {
        var answer = TestRealm.send(
                "OPTIONS",
                realm.url("/clients-registrations/mcp"),
                "",
                Map.of("Origin", "https://inspector.example", "Access-Control-Request-Method", "POST"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers().get("Access-Control-Allow-Methods")).contains("POST");
    }

    @Test
    void a_secret_is_given_when_asked_for_and_checked_exactly_as_registered() {
        var client = register("{\"redirect_uris\": [\"https://app.example/cb\"],"
                        + " \"token_endpoint_auth_method\": \"client_secret_basic\"}")
                .json();
        var id = client.path("client_id").asString();
        var secret = client.path("client_secret").asString();

        assertThat(secret).hasSizeGreaterThan(40);
        assertThat(client.path("client_secret_expires_at").asInt()).isZero();
        assertThat(token(Map.of(), basic(id, secret))).isEqualTo("invalid_grant");
        assertThat(token(Map.of("client_id", id, "client_secret", secret), Map.of()))
                .isEqualTo("unauthorized_client");
        assertThat(token(Map.of("client_id", id), Map.of())).isEqualTo("unauthorized_client");
        assertThat(token(Map.of(), basic(id, "wrong"))).isEqualTo("unauthorized_client");
    }

    @Test
    void a_client_reads_changes_and_deletes_itself_with_its_own_token() {
        var client = register(PUBLIC).json();
        var uri = client.path("registration_client_uri").asString();
        var own = Map.of(
                "Authorization",
                "Bearer " + client.path("registration_access_token").asString());

        var read = TestRealm.send("GET", uri, "", own);
        var changed = TestRealm.send("PUT", uri, PUBLIC.replace("/callback", "/other"), own);
        var deleted = TestRealm.send("DELETE", uri, "", own);
        var gone = TestRealm.send("GET", uri, "", own);

        assertThat(read.status()).isEqualTo(200);
        assertThat(texts(changed.json().path("redirect_uris"))).containsExactly("http://127.0.0.1:33418/other");
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(gone.status()).isEqualTo(401);
    }

    @Test
    void a_token_of_one_client_is_nothing_for_another() {
        var one = register(PUBLIC).json();
        var other = register(PUBLIC).json();

        var answer = TestRealm.send(
                "GET",
                one.path("registration_client_uri").asString(),
                "",
                Map.of(
                        "Authorization",
                        "Bearer " + other.path("registration_access_token").asString()));

        assertThat(answer.status()).isEqualTo(401);
    }

    /** There it could give itself wildcards, the password grant and a service account. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "openid-connect | {\"client_id\": \"ID\", \"redirect_uris\": [\"https://evil.test/*\"]}",
                "default        | {\"clientId\": \"ID\", \"redirectUris\": [\"*\"]}",
            })
    void the_registration_token_opens_none_of_keycloaks_own_endpoints(String provider, String body) {
        var client = register(PUBLIC).json();
        var id = client.path("client_id").asString();
        var url = realm.url("/clients-registrations/" + provider + "/" + id);
        var own = Map.of(
                "Authorization",
                "Bearer " + client.path("registration_access_token").asString());

        var read = TestRealm.send("GET", url, "", own);
        var changed = TestRealm.send("PUT", url, body.replace("ID", id), own);
        var anonymous = TestRealm.send("PUT", url, body.replace("ID", id), Map.of());

        assertThat(List.of(read.status(), changed.status(), anonymous.status())).containsOnly(401);
    }

    @Test
    void keycloaks_own_registration_stays_as_it_was() {
        var answer = TestRealm.send(
                "POST",
                realm.url("/clients-registrations/openid-connect"),
                "{\"redirect_uris\": [\"https://app.example/cb\"]}",
                Map.of());

        assertThat(answer.status()).isEqualTo(403);
    }

    @Test
    void a_deleted_client_is_told_so_that_it_registers_again() {
        var client = register(PUBLIC).json();
        TestRealm.send(
                "DELETE",
                client.path("registration_client_uri").asString(),
                "",
                Map.of(
                        "Authorization",
                        "Bearer " + client.path("registration_access_token").asString()));

        var answer = realm.form(
                "/protocol/openid-connect/token",
                Map.of(
                        "grant_type", "refresh_token",
                        "refresh_token", "x",
                        "client_id", client.path("client_id").asString()),
                Map.of());

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client");
    }

    private TestRealm.Answer register(String metadata) {
        return register(metadata, Map.of());
    }

    private TestRealm.Answer register(String metadata, Map<String, String> headers) {
        return TestRealm.send("POST", realm.url("/clients-registrations/mcp"), metadata, headers);
    }

    private dev.sallyport.testkit.keycloak.PlainBrowser.Page authorize(String clientId, String redirectUri) {
        return new dev.sallyport.testkit.keycloak.PlainBrowser()
                .open(realm.url("/sallyport/authorize?response_type=code&client_id=" + clientId + "&redirect_uri="
                        + java.net.URLEncoder.encode(redirectUri, StandardCharsets.UTF_8)
                        + "&resource=https://gate.test/notes/mcp&scope=notes:read"
                        + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"));
    }

    private String token(Map<String, String> fields, Map<String, String> headers) {
        var all = new java.util.HashMap<>(fields);
        all.put("grant_type", "authorization_code");
        all.put("code", "x");
        return realm.form("/protocol/openid-connect/token", all, headers)
                .json()
                .path("error")
                .asString();
    }

    private static Map<String, String> basic(String id, String secret) {
        return Map.of(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asString()));
        return texts;
    }
}
