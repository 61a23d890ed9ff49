package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.OAuthClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who registers a client gets one that can do nothing but ask people (CVE-2026-3872, CVE-2026-7504, CVE-2026-1180). */
@Tag("attack")
@ExtendWith(Stack.Extension.class)
final class RegistrationTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "https://evil.example/*",
                "https://*.evil.example/cb",
                "http://evil.example/cb",
                "javascript:alert(1)",
                "data:text/html,x",
                "file:///etc/passwd",
                "https://user:pass@evil.example/cb",
                "https://evil.example/cb#fragment",
                "//evil.example/cb",
                "cb",
                ""
            })
    void a_dangerous_redirect_uri_is_not_registered(String redirectUri, Stack stack) {
        var answer = OAuthClient.registration(
                Discovered.at(stack.notes()), Map.of("client_name", "Evil", "redirect_uris", List.of(redirectUri)));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error()).isIn("invalid_redirect_uri", "invalid_client_metadata");
    }

    @Test
    void a_registered_client_has_no_grant_but_the_code(Stack stack) {
        var discovered = Discovered.at(stack.notes());
        var answer = OAuthClient.registration(
                discovered,
                Map.of(
                        "client_name",
                        "Greedy",
                        "redirect_uris",
                        List.of("http://127.0.0.1/callback"),
                        "grant_types",
                        List.of("authorization_code", "refresh_token", "password", "client_credentials", "implicit"),
                        "token_endpoint_auth_method",
                        "none",
                        "scope",
                        "notes:read notes:delete openid offline_access admin"));
        if (answer.status() == 400) {
            assertThat(answer.error()).isEqualTo("invalid_client_metadata");
            return;
        }
        var client = answer.json().path("client_id").asString();

        var password = dev.sallyport.testkit.client.Http.postForm(
                discovered.tokenEndpoint(),
                Map.of("grant_type", "password", "client_id", client, "username", "alice", "password", "x"));
        var machine = dev.sallyport.testkit.client.Http.postForm(
                discovered.tokenEndpoint(), Map.of("grant_type", "client_credentials", "client_id", client));

        assertThat(password.error()).isIn("unauthorized_client", "unsupported_grant_type");
        assertThat(machine.error()).isIn("unauthorized_client", "unsupported_grant_type", "invalid_client");
    }
}
