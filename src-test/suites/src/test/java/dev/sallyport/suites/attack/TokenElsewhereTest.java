package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser;
import dev.sallyport.suites.journey.BrowserExtension;
import dev.sallyport.suites.journey.Flow;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Http;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An MCP token opens one MCP server and nothing else: no account, no administration, nothing of ours (CVE-2026-101062). */
@Tag("attack")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class TokenElsewhereTest {

    @Test
    void a_stolen_token_opens_nothing_of_the_authorization_server(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Token elsewhere")) {
            var tokens = flow.tokens("notes:read");
            var bearer = "Bearer " + tokens.accessToken();
            var claims = tokens.claims();

            for (var path : new String[] {
                "/realms/mcp/account",
                "/realms/mcp/account/credentials",
                "/realms/mcp/account/sessions",
                "/realms/mcp/protocol/openid-connect/userinfo",
                "/admin/realms/mcp/users",
                "/admin/realms/mcp",
                "/realms/mcp/sallyport/grants?sub=" + claims.path("sub").asString(),
                "/realms/mcp/sallyport/revocations"
            }) {
                var answer = Http.get(
                        stack.publicUrl().resolve(path), "Authorization", bearer, "Accept", "application/json");

                assertThat(answer.status()).as(path).isIn(401, 403, 404);
                assertThat(answer.body()).as(path).doesNotContain("alice@example.com");
            }
            var publish = Http.send(Http.request(stack.publicUrl().resolve("/realms/mcp/sallyport/registry"))
                    .header("Authorization", bearer)
                    .header("Content-Type", "application/json")
                    .PUT(BodyPublishers.ofString("{\"publicUrl\":\"http://evil.example\",\"servers\":[]}")));
            assertThat(publish.status()).isIn(401, 403, 404);
        }
    }

    @Test
    void a_token_says_no_more_than_the_mcp_server_needs(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Token claims")) {
            var tokens = flow.tokens("notes:read");

            var claims = tokens.claims();
            assertThat(claims.path("aud").asString()).isEqualTo(stack.notes().toString());
            assertThat(claims.path("scope").asString()).isEqualTo("notes:read");
            assertThat(claims.path("exp").asLong() - claims.path("iat").asLong())
                    .isBetween(61L, 300L);
            assertThat(claims.propertyNames())
                    .doesNotContain(
                            "email", "name", "preferred_username", "given_name", "realm_access", "resource_access");
        }
    }

    /** Nobody may ask about or exchange a token for others without being a client that may. */
    @Test
    void a_public_client_can_neither_introspect_nor_exchange_it(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Token exchange")) {
            var tokens = flow.tokens("notes:read");

            var introspected = Http.postForm(
                    stack.publicUrl().resolve("/realms/mcp/protocol/openid-connect/token/introspect"),
                    Map.of(
                            "token",
                            tokens.accessToken(),
                            "client_id",
                            flow.client().clientId()));
            var exchanged = flow.client()
                    .token(Map.of(
                            "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                            "client_id", flow.client().clientId(),
                            "subject_token", tokens.accessToken(),
                            "subject_token_type", "urn:ietf:params:oauth:token-type:access_token",
                            "audience", "account"));

            assertThat(introspected.status()).isIn(400, 401, 403);
            assertThat(exchanged.status()).isIn(400, 401, 403);
        }
    }
}
