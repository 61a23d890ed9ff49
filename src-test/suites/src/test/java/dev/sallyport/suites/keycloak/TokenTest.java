package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenTest {
    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final LoginDriver alice = new LoginDriver(realm);
    private final Client client = LoginDriver.client(realm, "claims", "https://claims.test/callback");

    @AfterAll
    void remove() {
        realm.close();
    }

    @Test
    void an_access_token_has_one_audience_the_agreed_scope_and_nothing_about_the_person() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read notes:write", "notes:read");

        var claims = tokens.claims();
        assertThat(names(claims))
                .containsExactlyInAnyOrder(
                        "iss",
                        "sub",
                        "aud",
                        "exp",
                        "iat",
                        "jti",
                        "azp",
                        "sid",
                        "scope",
                        "typ",
                        "auth_time",
                        "client_id",
                        "grant_id",
                        "grant_key");
        assertThat(claims.path("aud").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(claims.path("sub").asString()).isEqualTo(realm.userId());
        assertThat(claims.path("client_id").asString()).isEqualTo("claims");
        assertThat(claims.path("scope").asString()).isEqualTo("notes:read");
        assertThat(tokens.scopes()).containsExactly("notes:read");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isBetween(61L, 300L);
        assertThat(claims.path("grant_key").asString()).matches("[A-Za-z0-9_-]{43}");
    }

    @Test
    void a_refresh_keeps_grant_key_and_audience_and_rotates_the_refresh_token() {
        var first = alice.connect(client, TestRealm.NOTES, "notes:read");

        var second = alice.refresh(client, first.refresh());

        assertThat(second.answer().body()).contains("access_token");
        assertThat(second.claims().path("aud").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(second.claims().path("grant_id")).isEqualTo(first.claims().path("grant_id"));
        assertThat(second.claims().path("grant_key")).isEqualTo(first.claims().path("grant_key"));
        assertThat(second.refresh()).isNotEqualTo(first.refresh());
        assertThat(second.scopes()).containsExactly("notes:read");
        assertThat(LoginDriver.claimsOf(second.refresh()).path("typ").asString())
                .isEqualTo("Offline");
    }

    @Test
    void two_grants_have_two_keys() {
        var one = alice.connect(client, TestRealm.NOTES, "notes:read");
        var other = alice.connect(client, TestRealm.NOTES, "notes:read");

        assertThat(one.claims().path("grant_id")).isNotEqualTo(other.claims().path("grant_id"));
        assertThat(one.claims().path("grant_key")).isNotEqualTo(other.claims().path("grant_key"));
    }

    @Test
    void a_token_request_cannot_move_the_resource() {
        var code = alice.code(client, TestRealm.NOTES, "notes:read");

        var moved = alice.exchange(client, TestRealm.CALENDAR, code);

        assertThat(moved.error()).isEqualTo("invalid_target");
    }

    @Test
    void a_refresh_cannot_move_the_resource_and_loses_nothing_by_trying() {
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");

        var moved = alice.refresh(client, tokens.refresh(), Map.of("resource", TestRealm.CALENDAR));

        assertThat(moved.error()).isEqualTo("invalid_target");
        assertThat(alice.refresh(client, tokens.refresh(), Map.of("resource", TestRealm.NOTES + "/"))
                        .ok())
                .isTrue();
    }

    private static Set<String> names(JsonNode claims) {
        return new HashSet<>(claims.propertyNames());
    }
}
