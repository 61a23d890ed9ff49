package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.KeycloakSetup;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** With a Keycloak of its own, whose hours are seconds. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistrationLimitsTest {
    private static final String OPTION = "--spi-client-registration--mcp--";
    private static final String METADATA =
            "{\"redirect_uris\": [\"https://app.example/cb\"], \"token_endpoint_auth_method\": \"none\"}";

    private final KeycloakServer server = KeycloakServer.start(KeycloakSetup.standard()
            .withArgument(OPTION + "per-address=3")
            .withArgument(OPTION + "never-used-after=5")
            .withArgument(OPTION + "clean-up-interval=1"));

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void one_address_cannot_register_without_end() {
        try (var realm = TestRealm.create(server)) {
            for (var i = 0; i < 3; i++) {
                assertThat(register(realm).status()).isEqualTo(201);
            }

            var answer = register(realm);

            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.headers()).containsKey("Retry-After");
            assertThat(answer.json().path("error").asString()).isEqualTo("temporarily_unavailable");
        }
    }

    @Test
    void a_client_that_nobody_uses_goes_and_others_stay() {
        try (var realm = TestRealm.create(server)) {
            var id = register(realm).json().path("client_id").asString();
            server.admin().createClient(realm.name(), "{\"clientId\": \"by-hand\", \"publicClient\": true}");

            var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (server.admin().hasClient(realm.name(), id) && System.nanoTime() < deadline) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }

            assertThat(server.admin().hasClient(realm.name(), id)).isFalse();
            assertThat(server.admin().hasClient(realm.name(), "by-hand")).isTrue();
        }
    }

    private static TestRealm.Answer register(TestRealm realm) {
        return TestRealm.send("POST", realm.url("/clients-registrations/mcp"), METADATA, Map.of());
    }
}
