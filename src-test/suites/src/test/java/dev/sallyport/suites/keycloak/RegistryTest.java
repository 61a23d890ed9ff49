package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryTest {
    private TestRealm realm = TestRealm.create(SharedKeycloak.server());

    @BeforeAll
    void publishAgainFromTheStart() {
        realm.publish(TestRealm.REGISTRY);
    }

    @AfterAll
    void remove() {
        realm.close();
    }

    @Test
    void a_permission_set_becomes_a_client_scope_whose_consent_text_names_the_server() {
        var scope = scope("notes:read");

        assertThat(scope.path("protocol").asString()).isEqualTo("openid-connect");
        assertThat(scope.path("attributes").path("consent.screen.text").asString())
                .isEqualTo("Team notes: Read your notes");
        assertThat(scope.path("attributes").path("display.on.consent.screen").asString())
                .isEqualTo("true");
    }

    @Test
    void people_may_sign_in_at_the_pages_of_the_proxy_from_the_first_publication_on() {
        var answer = realm.get(
                "/protocol/openid-connect/auth?response_type=code&scope=openid&client_id=sallyport-proxy"
                        + "&redirect_uri=https%3A%2F%2Fgate.test%2Fconnections%2Fcallback"
                        + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
                Map.of());

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void publishing_the_same_twice_changes_nothing() {
        realm.publish(TestRealm.REGISTRY);

        var answer = realm.publish(TestRealm.REGISTRY);

        assertThat(answer.json().path("unchanged").asInt()).isEqualTo(4);
        assertThat(answer.json().path("created").asInt()
                        + answer.json().path("updated").asInt()
                        + answer.json().path("deleted").asInt())
                .isZero();
    }

    @Test
    void only_the_difference_is_written() {
        realm.publish(TestRealm.REGISTRY);
        var changed = TestRealm.REGISTRY
                .replace("Delete notes", "Delete notes for ever")
                .replace("calendar:read", "calendar:see");

        var answer = realm.publish(changed);

        assertThat(answer.json().path("created").asInt()).isEqualTo(1);
        assertThat(answer.json().path("updated").asInt()).isEqualTo(1);
        assertThat(answer.json().path("deleted").asInt()).isEqualTo(1);
        assertThat(answer.json().path("unchanged").asInt()).isEqualTo(2);
        realm.publish(TestRealm.REGISTRY);
    }

    @Test
    void a_scope_deleted_by_hand_comes_back_with_the_next_publication() {
        var id = scope("notes:delete").path("id").asString();
        SharedKeycloak.server().admin().delete("/" + realm.name() + "/client-scopes/" + id);

        var answer = realm.publish(TestRealm.REGISTRY);

        assertThat(answer.json().path("created").asInt()).isEqualTo(1);
        assertThat(scope("notes:delete").isMissingNode()).isFalse();
    }

    @Test
    void a_scope_of_somebody_else_is_a_clash_and_nothing_of_the_publication_stays() {
        SharedKeycloak.server()
                .admin()
                .post(
                        "/" + realm.name() + "/client-scopes",
                        "{\"name\": \"theirs\", \"protocol\": \"openid-connect\"}");

        var answer = put(
                TestRealm.REGISTRY.replace("\"notes:read\"", "\"notes:first\"").replace("calendar:read", "theirs"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_request");
        assertThat(answer.json().path("error_description").asString()).contains("calendar", "theirs");
        assertThat(scope("notes:first").isMissingNode()).isTrue();
        assertThat(scope("notes:read").isMissingNode()).isFalse();
    }

    @Test
    void two_servers_with_one_resource_are_refused() {
        var answer = put(TestRealm.REGISTRY.replace("gate.test/calendar/mcp", "gate.test/notes/mcp"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error_description").asString()).contains("https://gate.test/notes/mcp");
    }

    @Test
    void a_body_that_is_not_json_is_refused_in_the_same_form() {
        var answer = put("{");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_request");
    }

    @Test
    void nobody_publishes_without_a_token() {
        var answer = TestRealm.send("PUT", realm.url("/sallyport/registry"), TestRealm.REGISTRY, Map.of());

        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void a_service_account_without_the_role_does_not_publish() {
        SharedKeycloak.server().admin().createClient(realm.name(), """
                        {"clientId": "other", "secret": "other", "publicClient": false, "serviceAccountsEnabled": true,
                         "protocolMappers": [{"name": "aud", "protocol": "openid-connect",
                           "protocolMapper": "oidc-audience-mapper",
                           "config": {"included.client.audience": "sallyport", "access.token.claim": "true"}}]}
                        """);
        var token = realm.form(
                        "/protocol/openid-connect/token",
                        Map.of("grant_type", "client_credentials", "client_id", "other", "client_secret", "other"),
                        Map.of())
                .json()
                .path("access_token")
                .asString();

        var answer = TestRealm.send(
                "PUT",
                realm.url("/sallyport/registry"),
                TestRealm.REGISTRY,
                Map.of("Authorization", "Bearer " + token));

        assertThat(answer.status()).isEqualTo(403);
    }

    private TestRealm.Answer put(String registry) {
        return TestRealm.send(
                "PUT",
                realm.url("/sallyport/registry"),
                registry,
                Map.of("Authorization", "Bearer " + realm.proxyToken()));
    }

    private JsonNode scope(String name) {
        for (var scope : SharedKeycloak.server().admin().get("/" + realm.name() + "/client-scopes")) {
            if (scope.path("name").asString().equals(name)) {
                return scope;
            }
        }
        return tools.jackson.databind.node.MissingNode.getInstance();
    }
}
