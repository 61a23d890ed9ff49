package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser;
import dev.sallyport.suites.journey.BrowserExtension;
import dev.sallyport.suites.journey.Flow;
import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.OAuthClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A refresh token gives no more than was granted, to nobody else, and nothing once it has been taken back. */
@Tag("attack")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class TokenLifeTest {

    private static final String LIST = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";

    @ParameterizedTest
    @CsvSource({
        "resource,https://evil.example/mcp",
        "scope,notes:read notes:delete",
        "scope,offline_access openid profile",
        "client_id,account",
        "client_id,sallyport-proxy"
    })
    void a_refresh_widens_nothing(String name, String value, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Wider")) {
            var tokens = flow.tokens("notes:read");

            var answer = flow.client()
                    .token(OAuthClient.with(flow.client().refreshForm(tokens.refreshToken()), name, value));

            if (answer.status() == 200) {
                assertThat(answer.json().path("scope").asString()).isEqualTo("notes:read");
            } else {
                assertThat(answer.status()).isIn(400, 401);
            }
        }
    }

    @Test
    void an_access_token_is_no_refresh_token_and_the_other_way_round(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Swapped")) {
            var tokens = flow.tokens("notes:read");

            var refreshed = flow.client().token(flow.client().refreshForm(tokens.accessToken()));
            var called = call(stack, tokens.refreshToken());

            assertThat(refreshed.error()).isEqualTo("invalid_grant");
            assertThat(called.status()).isEqualTo(401);
        }
    }

    @Test
    void what_is_revoked_is_refused_within_two_seconds(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Revoked")) {
            var tokens = flow.tokens("notes:read");
            assertThat(call(stack, tokens.accessToken()).status()).isNotEqualTo(401);

            var revoked = Http.postForm(
                    flow.client().discovered().revocationEndpoint(),
                    Map.of(
                            "token",
                            tokens.refreshToken(),
                            "client_id",
                            flow.client().clientId()));

            assertThat(revoked.status()).isEqualTo(200);
            Await.until(
                    Duration.ofSeconds(2),
                    "the proxy to refuse a revoked token",
                    () -> call(stack, tokens.accessToken()).status() == 401);
            assertThat(flow.client()
                            .token(flow.client().refreshForm(tokens.refreshToken()))
                            .error())
                    .isEqualTo("invalid_grant");
        }
    }

    @Test
    void nobody_revokes_the_grant_of_another_client(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Victim");
                var attacker = Flow.start(stack, browser, "Attacker")) {
            var tokens = flow.tokens("notes:read");

            Http.postForm(
                    flow.client().discovered().revocationEndpoint(),
                    Map.of(
                            "token",
                            tokens.refreshToken(),
                            "client_id",
                            attacker.client().clientId()));

            assertThat(flow.client()
                            .token(flow.client().refreshForm(tokens.refreshToken()))
                            .status())
                    .isEqualTo(200);
        }
    }

    private static Answer call(Stack stack, String token) {
        return Http.postJson(
                stack.notes(),
                LIST,
                "Authorization",
                "Bearer " + token,
                "Accept",
                "application/json, text/event-stream");
    }
}
