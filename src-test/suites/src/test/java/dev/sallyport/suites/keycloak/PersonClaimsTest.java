package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.KeycloakAdmin;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What tokens say of roles and groups: nothing, unless a rule of their server asks. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PersonClaimsTest {
    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final KeycloakAdmin admin = realm.server().admin();
    private final LoginDriver alice = new LoginDriver(realm);
    private final Client client = LoginDriver.client(realm, "claims", "https://claims.test/callback");

    @BeforeAll
    void alice_works_at_night_and_the_staff_are_editors() {
        realm.publish(TestRealm.REGISTRY.replace(
                "\"title\": \"Team notes\"", "\"title\": \"Team notes\", \"claims\": [\"roles\", \"groups\"]"));
        role("editor");
        var staff = admin.post("/" + realm.name() + "/groups", "{\"name\": \"staff\"}");
        var night = admin.post("/" + realm.name() + "/groups/" + staff + "/children", "{\"name\": \"night\"}");
        admin.post(
                "/" + realm.name() + "/groups/" + staff + "/role-mappings/realm",
                "[" + admin.get("/" + realm.name() + "/roles/editor") + "]");
        admin.put(user() + "/groups/" + night, "");
    }

    @AfterAll
    void remove() {
        realm.close();
    }

    @Test
    void a_server_whose_rules_ask_gets_roles_also_those_of_groups_and_groups_with_those_above() {
        var claims = alice.connect(client, TestRealm.NOTES, "notes:read").claims();

        assertThat(texts(claims.path("roles"))).contains("editor").doesNotContain("manage-account");
        assertThat(texts(claims.path("groups"))).containsExactly("/staff", "/staff/night");
    }

    @Test
    void a_server_whose_rules_do_not_ask_gets_neither() {
        var claims = alice.connect(client, TestRealm.CALENDAR, "calendar:read").claims();

        assertThat(claims.propertyNames()).doesNotContain("roles", "groups", "realm_access", "resource_access");
    }

    @Test
    void a_role_that_was_taken_away_is_gone_with_the_next_refresh() {
        role("passing");
        map("POST", "passing");
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        assertThat(texts(tokens.claims().path("roles"))).contains("passing");

        map("DELETE", "passing");

        assertThat(texts(alice.refresh(client, tokens.refresh()).claims().path("roles")))
                .contains("editor")
                .doesNotContain("passing");
    }

    @Test
    void roles_that_no_header_could_carry_are_left_out_whole() {
        var name = "x".repeat(250);
        for (var i = 0; i < 30; i++) {
            role(name + i);
            map("POST", name + i);
        }

        var claims = alice.connect(client, TestRealm.NOTES, "notes:read").claims();

        assertThat(claims.propertyNames()).doesNotContain("roles").contains("groups");
        for (var i = 0; i < 30; i++) {
            admin.delete("/" + realm.name() + "/roles/" + name + i);
        }
    }

    @Test
    void a_claim_that_nobody_knows_is_refused_with_the_whole_publication() {
        var answer = TestRealm.send(
                "PUT",
                realm.url("/sallyport/registry"),
                TestRealm.REGISTRY.replace(
                        "\"title\": \"Calendar\"", "\"title\": \"Calendar\", \"claims\": [\"email\"]"),
                java.util.Map.of("Authorization", "Bearer " + realm.proxyToken()));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("calendar: claims is not one of the known words");
    }

    private String user() {
        return "/" + realm.name() + "/users/" + realm.userId();
    }

    private void role(String name) {
        admin.post("/" + realm.name() + "/roles", "{\"name\": \"" + name + "\"}");
    }

    private void map(String method, String role) {
        var roles = "[" + admin.get("/" + realm.name() + "/roles/" + role) + "]";
        if (method.equals("POST")) {
            admin.post(user() + "/role-mappings/realm", roles);
        } else {
            admin.delete(user() + "/role-mappings/realm", roles);
        }
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }
}
