package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Client credentials and the other grants that ask nobody. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MachineTest {
    private final GrantScene scene = new GrantScene();
    private final Client machine = new Client("machine", "secret", "");
    private final Client both = new Client("both", "secret", "https://both.test/callback");

    @BeforeAll
    void administer() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "machine", "secret": "secret", "publicClient": false, "standardFlowEnabled": false,
                         "serviceAccountsEnabled": true, "directAccessGrantsEnabled": true,
                         "defaultClientScopes": ["basic", "profile", "email", "roles"],
                         "optionalClientScopes": ["notes:read", "notes:write"]}
                        """);
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "both", "secret": "secret", "publicClient": false, "standardFlowEnabled": true,
                         "serviceAccountsEnabled": true, "redirectUris": ["https://both.test/callback"],
                         "defaultClientScopes": ["basic"]}
                        """);
    }

    @AfterAll
    void remove() {
        scene.close();
    }

    @Test
    void a_machine_gets_a_token_for_one_server_with_the_sets_that_an_administrator_gave_it() {
        var tokens = credentials(machine, Map.of("resource", TestRealm.NOTES, "scope", "notes:read"));

        assertThat(tokens.ok()).isTrue();
        assertThat(tokens.scopes()).containsExactly("notes:read");
        assertThat(tokens.claims().path("aud").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(tokens.claims().path("scope").asString()).isEqualTo("notes:read");
        assertThat(tokens.claims().path("client_id").asString()).isEqualTo("machine");
        assertThat(tokens.claims().propertyNames())
                .doesNotContain(
                        "preferred_username", "email", "resource_access", "realm_access", "grant_id", "clientHost");
        assertThat(tokens.refresh()).isEmpty();
    }

    @Test
    void a_machine_has_to_say_for_which_server() {
        assertThat(credentials(machine, Map.of("scope", "notes:read")).error()).isEqualTo("invalid_target");
        assertThat(credentials(machine, Map.of("scope", "notes:read", "resource", TestRealm.CALENDAR))
                        .error())
                .isEqualTo("invalid_scope");
        assertThat(credentials(machine, Map.of("scope", "notes:read", "resource", "https://elsewhere.test/mcp"))
                        .error())
                .isEqualTo("invalid_target");
    }

    @Test
    void a_machine_gets_no_set_that_it_was_not_given() {
        assertThat(credentials(machine, Map.of("resource", TestRealm.NOTES, "scope", "notes:delete"))
                        .error())
                .isEqualTo("invalid_scope");
        assertThat(credentials(machine, Map.of("resource", TestRealm.NOTES)).error())
                .isEqualTo("invalid_scope");
    }

    @Test
    void what_people_may_grant_a_client_it_may_not_take_for_itself() {
        scene.alice.code(both, TestRealm.NOTES, "notes:delete");

        var taken = credentials(both, Map.of("resource", TestRealm.NOTES, "scope", "notes:delete"));

        assertThat(taken.error()).isEqualTo("invalid_scope");
    }

    @Test
    void a_machine_without_a_resource_and_without_scopes_of_ours_is_none_of_our_business() {
        var tokens = credentials(machine, Map.of("scope", "email"));

        assertThat(tokens.ok()).isTrue();
        assertThat(tokens.claims().propertyNames())
                .contains("preferred_username")
                .doesNotContain("grant_id");
    }

    @Test
    void a_password_buys_nothing_of_an_mcp_server() {
        var tokens = scene.alice.token(
                machine,
                Map.of(
                        "grant_type",
                        "password",
                        "username",
                        TestRealm.USER,
                        "password",
                        TestRealm.USER,
                        "scope",
                        "notes:read",
                        "resource",
                        TestRealm.NOTES));

        assertThat(tokens.error()).isEqualTo("invalid_target");
    }

    @Test
    void a_wrong_or_missing_secret_is_refused_whatever_else_is_right() {
        var wrong = new Client("machine", "wrong", "");
        var missing = new Client("machine", "", "");
        var form = Map.of("resource", TestRealm.NOTES, "scope", "notes:read");

        assertThat(credentials(wrong, form).answer().status()).isEqualTo(401);
        assertThat(credentials(missing, form).answer().status()).isEqualTo(401);
    }

    @Test
    void a_machine_whose_client_is_disabled_is_heard_in_the_feed() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "retired", "secret": "secret", "publicClient": false, "standardFlowEnabled": false,
                         "serviceAccountsEnabled": true, "defaultClientScopes": ["basic", "notes:read"]}
                        """);
        var retired = new Client("retired", "secret", "");
        var tokens = credentials(retired, Map.of("resource", TestRealm.NOTES));
        assertThat(tokens.scopes()).containsExactly("notes:read");
        var cursor = scene.cursor();

        var id = scene.realm
                .server()
                .admin()
                .client(scene.realm.name(), "retired")
                .path("id")
                .asString();
        scene.realm.server().admin().put(scene.admin("/clients/" + id), "{\"enabled\": false}");

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
    }

    private Tokens credentials(Client client, Map<String, String> more) {
        var form = new HashMap<>(more);
        form.put("grant_type", "client_credentials");
        return scene.alice.token(client, form);
    }
}
