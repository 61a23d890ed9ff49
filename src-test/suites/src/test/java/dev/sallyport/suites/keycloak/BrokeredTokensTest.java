package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.KeycloakAdmin;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Who gets tokens of identity providers out of Keycloak: nobody without all three keys. The whole way is a journey. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokeredTokensTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final KeycloakAdmin admin = realm.server().admin();
    private final LoginDriver alice = new LoginDriver(realm);
    private final LoginDriver.Client client = LoginDriver.client(realm, "an-app", "https://app.test/callback");

    BrokeredTokensTest() {
        provider("corporate", true);
        provider("forgetful", false);
    }

    @AfterAll
    void end() {
        realm.close();
    }

    @BeforeEach
    void allowed() {
        allow("true", "corporate##forgetful##nowhere");
    }

    @Test
    void all_three_lead_to_what_is_stored_and_here_nothing_is() {
        var answer = ask("corporate", realm.proxyToken(), token());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("error").asString()).isEqualTo("not_connected");
    }

    @Test
    void without_the_proxys_token_nothing_is_said() {
        var person = token();

        assertThat(ask("corporate", "", person).status()).isEqualTo(401);
        assertThat(ask("corporate", person, person).status()).isEqualTo(401);
        assertThat(TestRealm.send("GET", place("corporate") + "?sub=" + realm.userId(), "", Map.of())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void the_proxys_token_alone_gets_nothing() {
        var proxy = realm.proxyToken();

        assertThat(ask("corporate", proxy, "").status()).isEqualTo(400);
        assertThat(ask("corporate", proxy, proxy).status()).isEqualTo(400);
        assertThat(ask("corporate", proxy, token() + "x").status()).isEqualTo(400);
    }

    @Test
    void a_token_of_a_grant_that_has_ended_gets_nothing() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        assertThat(ask("corporate", realm.proxyToken(), tokens.access()).status())
                .isEqualTo(404);

        alice.revoke(client, tokens.refresh());

        assertThat(ask("corporate", realm.proxyToken(), tokens.access()).status())
                .isEqualTo(400);
    }

    @Test
    void what_an_administrator_has_not_allowed_is_not_given() {
        var person = token();
        assertThat(ask("nowhere", realm.proxyToken(), person).status()).isEqualTo(403);
        assertThat(ask("forgetful", realm.proxyToken(), person).status()).isEqualTo(403);

        allow("true", "other");
        assertThat(ask("corporate", realm.proxyToken(), person).status()).isEqualTo(403);
        allow("false", "corporate");
        assertThat(ask("corporate", realm.proxyToken(), person).status()).isEqualTo(403);
    }

    @Test
    void a_page_learns_whether_there_is_an_account_and_nothing_more() {
        var before = shown().json();
        admin.post(
                "/" + realm.name() + "/users/" + realm.userId() + "/federated-identity/corporate",
                "{\"userId\":\"4711\",\"userName\":\"alice.corporate\"}");
        var after = shown();

        assertThat(before.path("linked").asBoolean()).isFalse();
        assertThat(after.json().path("linked").asBoolean()).isTrue();
        assertThat(after.json().path("connected").asBoolean()).isFalse();
        assertThat(after.json().path("account").asString()).isEqualTo("alice.corporate");
        assertThat(after.body()).doesNotContain("token");
    }

    private TestRealm.Answer shown() {
        return TestRealm.send(
                "GET",
                place("corporate") + "?sub=" + realm.userId(),
                "",
                Map.of("Authorization", "Bearer " + realm.proxyToken()));
    }

    private String token() {
        return alice.connect(client, TestRealm.NOTES, "notes:read").access();
    }

    private TestRealm.Answer ask(String provider, String bearer, String token) {
        return realm.form(
                "/sallyport/brokered/" + provider,
                token.isEmpty() ? Map.of("nothing", "x") : Map.of("token", token),
                bearer.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + bearer));
    }

    private String place(String provider) {
        return realm.url("/sallyport/brokered/" + provider);
    }

    private void allow(String enabled, String providers) {
        var proxy = (ObjectNode) admin.client(realm.name(), "sallyport-proxy");
        proxy.withObject("attributes").put("external.token.enabled", enabled).put("external.token.idp", providers);
        admin.put("/" + realm.name() + "/clients/" + proxy.path("id").asString(), proxy.toString());
    }

    private void provider(String alias, boolean stores) {
        var provider = JSON.createObjectNode()
                .put("alias", alias)
                .put("providerId", "oidc")
                .put("enabled", true)
                .put("storeToken", stores);
        provider.putObject("config")
                .put("authorizationUrl", "https://id.test/authorize")
                .put("tokenUrl", "https://id.test/token")
                .put("clientId", "keycloak")
                .put("clientSecret", "secret")
                .put("clientAuthMethod", "client_secret_post");
        admin.post("/" + realm.name() + "/identity-provider/instances", provider.toString());
    }
}
