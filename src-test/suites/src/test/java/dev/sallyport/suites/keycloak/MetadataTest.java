package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetadataTest {
    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());

    @AfterAll
    void remove() {
        realm.close();
    }

    @Test
    void the_document_is_where_rfc_8414_puts_it_and_names_our_endpoints() {
        var document = get(SharedKeycloak.server().url() + "/.well-known/oauth-authorization-server/realms/"
                        + realm.name())
                .json();

        assertThat(document.path("issuer").asString()).isEqualTo(realm.url(""));
        assertThat(document.path("authorization_endpoint").asString()).isEqualTo(realm.url("/sallyport/authorize"));
        assertThat(document.path("registration_endpoint").asString())
                .isEqualTo(realm.url("/clients-registrations/mcp"));
        assertThat(document.path("token_endpoint").asString()).isEqualTo(realm.url("/protocol/openid-connect/token"));
    }

    @Test
    void only_what_mcp_clients_may_use_is_offered() {
        var document = get(realm.url("/.well-known/oauth-authorization-server")).json();

        assertThat(texts(document.path("code_challenge_methods_supported"))).containsExactly("S256");
        assertThat(texts(document.path("response_types_supported"))).containsExactly("code");
        assertThat(texts(document.path("scopes_supported")))
                .containsExactly("notes:read", "notes:write", "notes:delete", "calendar:read");
        assertThat(texts(document.path("token_endpoint_auth_methods_supported")))
                .containsExactly("none", "client_secret_basic", "client_secret_post", "private_key_jwt");
        assertThat(document.path("authorization_response_iss_parameter_supported")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void the_openid_document_keeps_everything_that_openid_clients_need() {
        var document = get(realm.url("/.well-known/openid-configuration")).json();

        assertThat(document.path("authorization_endpoint").asString())
                .isEqualTo(realm.url("/protocol/openid-connect/auth"));
        assertThat(document.path("registration_endpoint").asString()).endsWith("/clients-registrations/openid-connect");
        assertThat(texts(document.path("scopes_supported")))
                .contains("openid", "profile")
                .doesNotContain("notes:read");
        assertThat(texts(document.path("token_endpoint_auth_methods_supported")))
                .contains("none", "client_secret_basic");
    }

    @Test
    void the_openid_document_is_also_where_mcp_clients_look_second() {
        var answer = get(SharedKeycloak.server().url() + "/.well-known/openid-configuration/realms/" + realm.name());

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void a_realm_for_mcp_clients_alone_can_lead_openid_readers_to_the_same_endpoints() {
        try (var dedicated = TestRealm.create(SharedKeycloak.server())) {
            SharedKeycloak.server()
                    .admin()
                    .put("/" + dedicated.name(), "{\"attributes\": {\"sallyport.openid-configuration\": \"mcp\"}}");

            var document =
                    get(dedicated.url("/.well-known/openid-configuration")).json();

            assertThat(document.path("registration_endpoint").asString()).endsWith("/clients-registrations/mcp");
            assertThat(document.path("id_token_signing_alg_values_supported").isEmpty())
                    .isFalse();
        }
    }

    /** An admin API call with a few attributes drops all others of the realm. */
    @Test
    void the_registry_outlives_somebody_overwriting_the_attributes_of_the_realm() {
        try (var careless = TestRealm.create(SharedKeycloak.server())) {
            SharedKeycloak.server().admin().put("/" + careless.name(), "{\"attributes\": {\"other\": \"1\"}}");

            var document =
                    get(careless.url("/.well-known/oauth-authorization-server")).json();

            assertThat(texts(document.path("scopes_supported"))).contains("notes:read");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oauth-authorization-server", "openid-configuration"})
    void a_realm_without_mcp_servers_answers_as_stock_keycloak_does(String document) {
        var answer = get(SharedKeycloak.server().url() + "/realms/master/.well-known/" + document)
                .json();

        assertThat(answer.path("authorization_endpoint").asString()).endsWith("/protocol/openid-connect/auth");
        assertThat(texts(answer.path("token_endpoint_auth_methods_supported"))).doesNotContain("none");
    }

    @Test
    void browsers_may_send_the_protocol_version_header() {
        var answer = TestRealm.send(
                "OPTIONS",
                SharedKeycloak.server().url() + "/.well-known/oauth-authorization-server/realms/" + realm.name(),
                "",
                Map.of(
                        "Origin",
                        "https://inspector.example",
                        "Access-Control-Request-Method",
                        "GET",
                        "Access-Control-Request-Headers",
                        "mcp-protocol-version"));

        assertThat(answer.headers().get("Access-Control-Allow-Headers"))
                .contains("MCP-Protocol-Version", "Content-Type");
    }

    private static TestRealm.Answer get(String url) {
        return TestRealm.send("GET", url, "", Map.of());
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asString()));
        return texts;
    }
}
