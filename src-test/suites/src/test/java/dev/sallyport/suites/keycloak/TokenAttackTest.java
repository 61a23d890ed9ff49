package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What attackers do at the token endpoint, and with tokens anywhere but at their MCP server. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenAttackTest {
    private final GrantScene scene = new GrantScene();
    private final LoginDriver alice = scene.alice;
    private final Client client = scene.client();

    @AfterAll
    void remove() {
        scene.close();
    }

    /** CVE-2025-4144: PKCE skipped when something of it is absent. CVE-2026-41213: short verifiers. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x", LoginDriver.CHALLENGE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"})
    void a_stolen_code_is_worth_nothing_without_the_verifier_and_is_spent_by_the_try(String verifier) {
        var code = alice.code(client, TestRealm.NOTES, "notes:read");

        assertThat(exchange(client, code, verifier).error()).isIn("invalid_grant", "invalid_request");
        assertThat(exchange(client, code, LoginDriver.VERIFIER).error()).isEqualTo("invalid_grant");
    }

    /** CVE-2024-22258: the downgrade worked for confidential clients. */
    @Test
    void a_client_with_a_secret_needs_the_verifier_too() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "confidential", "secret": "secret", "publicClient": false, "consentRequired": true,
                         "fullScopeAllowed": false, "standardFlowEnabled": true, "defaultClientScopes": ["basic"],
                         "redirectUris": ["https://confidential.test/callback"]}
                        """);
        var confidential = new Client("confidential", "secret", "https://confidential.test/callback");
        var code = alice.code(confidential, TestRealm.NOTES, "notes:read");

        assertThat(exchange(confidential, code, "").error()).isIn("invalid_grant", "invalid_request");
    }

    /** CVE-2026-44476: a secret that was given out and never checked. */
    @Test
    void a_client_with_a_secret_is_nobody_without_it() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "keeper", "secret": "secret", "publicClient": false, "consentRequired": true,
                         "fullScopeAllowed": false, "standardFlowEnabled": true, "defaultClientScopes": ["basic"],
                         "redirectUris": ["https://keeper.test/callback"]}
                        """);
        var keeper = new Client("keeper", "secret", "https://keeper.test/callback");
        var tokens = alice.connect(keeper, TestRealm.NOTES, "notes:read");
        var pretender = new Client("keeper", "", keeper.redirectUri());

        assertThat(alice.refresh(pretender, tokens.refresh()).answer().status()).isEqualTo(401);
        assertThat(alice.revoke(pretender, tokens.refresh()).status()).isEqualTo(401);
        assertThat(alice.refresh(keeper, tokens.refresh()).ok()).isTrue();
    }

    /** A code of one client in the hands of another. */
    @Test
    void a_code_is_worth_nothing_to_another_client() {
        var other = scene.client();
        var code = alice.code(client, TestRealm.NOTES, "notes:read");

        var stolen = new Client(other.clientId(), "", client.redirectUri());

        assertThat(exchange(stolen, code, LoginDriver.VERIFIER).error()).isEqualTo("invalid_grant");
    }

    /** The first half of a code, and of somebody else's login, so that Keycloak would end that. */
    @Test
    void a_made_up_code_ends_nothing() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var code = alice.code(client, TestRealm.NOTES, "notes:read");
        var madeUp = "00000000-0000-0000-0000-000000000000" + code.substring(code.indexOf('.'));

        assertThat(exchange(client, madeUp, LoginDriver.VERIFIER).error()).isEqualTo("invalid_grant");
        assertThat(exchange(client, code, LoginDriver.VERIFIER).ok()).isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).ok()).isTrue();
    }

    /** CVE-2026-101062: a token that was valid on every API of the server. */
    @Test
    void a_token_for_an_mcp_server_opens_nothing_of_keycloak() {
        var bearer = Map.of(
                "Authorization",
                "Bearer " + alice.connect(client, TestRealm.NOTES, "notes:read").access(),
                "Accept",
                "application/json");

        assertThat(scene.realm.get("/account/", bearer).status()).isIn(401, 403);
        assertThat(scene.realm.get("/account/applications", bearer).status()).isIn(401, 403);
        assertThat(scene.realm.get("/account/sessions", bearer).status()).isIn(401, 403);
        assertThat(scene.realm.get("/protocol/openid-connect/userinfo", bearer).status())
                .isIn(401, 403);
        var admin = scene.realm.server().url() + "/admin/realms/" + scene.realm.name();
        for (var path : new String[] {"", "/users", "/clients", "/client-scopes"}) {
            assertThat(TestRealm.send("GET", admin + path, "", bearer).status()).isIn(401, 403);
        }
    }

    /** CVE-2025-69196: the audience was not taken from the resource. */
    @Test
    void a_token_names_the_one_server_it_was_asked_for_and_carries_no_scope_of_another() {
        var tokens = alice.connect(client, TestRealm.CALENDAR, "calendar:read notes:read", "calendar:read");

        assertThat(tokens.claims().path("aud").asString()).isEqualTo(TestRealm.CALENDAR);
        assertThat(tokens.scopes()).containsExactly("calendar:read");
    }

    /** Keycloak counts the client among its own scopes, under the name that it gave itself. */
    @Test
    void a_client_that_calls_itself_like_a_permission_set_does_not_have_it() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "impostor", "name": "notes:delete", "publicClient": true, "consentRequired": true,
                         "fullScopeAllowed": false, "standardFlowEnabled": true, "defaultClientScopes": ["basic"],
                         "redirectUris": ["https://impostor.test/callback"]}
                        """);
        var impostor = new Client("impostor", "", "https://impostor.test/callback");

        var tokens = alice.connect(impostor, TestRealm.NOTES, "notes:read");
        var refreshed = alice.refresh(impostor, tokens.refresh());

        assertThat(tokens.scopes()).containsExactly("notes:read");
        assertThat(tokens.claims().path("scope").asString()).isEqualTo("notes:read");
        assertThat(refreshed.claims().path("scope").asString()).isEqualTo("notes:read");
    }

    /** Keycloak's own authorization endpoint is still there; it has to be no way around. */
    @Test
    void nothing_of_an_mcp_server_comes_without_a_resource() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "around", "publicClient": true, "standardFlowEnabled": true,
                         "defaultClientScopes": ["basic"], "optionalClientScopes": ["notes:delete"],
                         "redirectUris": ["https://around.test/callback"]}
                        """);
        var around = new Client("around", "", "https://around.test/callback");
        var page = alice.browser()
                .open(scene.realm.url("/protocol/openid-connect/auth?response_type=code&client_id=around"
                        + "&redirect_uri=https%3A%2F%2Faround.test%2Fcallback&scope=notes%3Adelete"
                        + "&code_challenge_method=S256&code_challenge=" + LoginDriver.CHALLENGE));
        var left = alice.agree(page, "notes:delete");

        var outcome = left.parameter("code").isEmpty()
                ? left.parameter("error")
                : exchange(around, left.parameter("code"), LoginDriver.VERIFIER).error();

        assertThat(outcome).isIn("invalid_target", "invalid_request");
    }

    @Test
    void only_operators_introspect_and_they_do_not_see_the_key() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "curious", "secret": "secret", "publicClient": false, "serviceAccountsEnabled": true}
                        """);

        var seen = introspect("sallyport-proxy", "the-secret-of-the-proxy-in-tests", tokens.access());
        var refused = introspect("curious", "secret", tokens.access());
        alice.revoke(client, tokens.access());
        var ended = introspect("sallyport-proxy", "the-secret-of-the-proxy-in-tests", tokens.access());

        assertThat(seen.json().path("active").asBoolean()).isTrue();
        assertThat(seen.json().path("scope").asString()).isEqualTo("notes:read");
        assertThat(seen.json().path("aud").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(seen.json().path("grant_id")).isEqualTo(tokens.claims().path("grant_id"));
        assertThat(seen.body()).doesNotContain(tokens.claims().path("grant_key").asString());
        assertThat(refused.json().path("active").asBoolean()).isFalse();
        assertThat(ended.json().path("active").asBoolean()).isFalse();
    }

    /** CVE-2026-107623: an update of a client silently switched off the revocation of its offline tokens. */
    @Test
    void a_client_that_was_read_and_written_back_can_still_revoke() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var admin = scene.realm.server().admin();
        var representation = admin.client(scene.realm.name(), client.clientId());
        admin.put(scene.admin("/clients/" + representation.path("id").asString()), representation.toString());

        assertThat(alice.revoke(client, tokens.refresh()).status()).isEqualTo(200);

        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    /** CVE-2026-4874: a parameter of the token request became an address that Keycloak calls. */
    @Test
    void a_token_request_names_no_host_to_call_back() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var named = Map.of("client_session_state", "x", "client_session_host", "169.254.169.254");

        assertThat(alice.refresh(client, tokens.refresh(), named).ok()).isTrue();
        assertThat(scene.realm.server().log()).doesNotContain("169.254.169.254");
    }

    /** The key of a grant is in its own tokens; the server keeps neither it nor them. */
    @Test
    void the_servers_log_has_no_key_and_no_token() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        alice.refresh(client, tokens.refresh());

        assertThat(scene.realm.server().log())
                .doesNotContain(tokens.claims().path("grant_key").asString())
                .doesNotContain(tokens.access())
                .doesNotContain(tokens.refresh());
    }

    private TestRealm.Answer introspect(String clientId, String secret, String token) {
        return scene.realm.form(
                "/protocol/openid-connect/token/introspect",
                Map.of("client_id", clientId, "client_secret", secret, "token", token),
                Map.of());
    }

    private Tokens exchange(Client by, String code, String verifier) {
        var form = new HashMap<>(
                Map.of("grant_type", "authorization_code", "code", code, "redirect_uri", by.redirectUri()));
        if (!verifier.isEmpty()) {
            form.put("code_verifier", verifier);
        }
        return alice.token(by, form);
    }
}
