package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser;
import dev.sallyport.suites.journey.BrowserExtension;
import dev.sallyport.suites.journey.Flow;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.OAuthClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who steals an authorization code gets no token for it (CVE-2025-4143, CVE-2025-4144, CVE-2026-41213, CVE-2024-22258). */
@Tag("attack")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class AuthorizationCodeTest {

    @ParameterizedTest
    @CsvSource({
        "code_verifier,",
        "code_verifier,x",
        "code_verifier,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "redirect_uri,http://127.0.0.1:1/callback",
        "redirect_uri,https://evil.example/callback",
        "client_id,sallyport-proxy",
        "client_id,account",
        "resource,https://evil.example/mcp"
    })
    void a_code_is_worth_nothing_with_any_part_changed(String name, String value, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Stolen code")) {
            var request = flow.client().authorization("notes:read");
            var form = flow.client().codeForm(request, flow.code(request));

            var answer = flow.client().token(OAuthClient.with(form, name, value == null ? "" : value));

            assertThat(answer.status()).isIn(400, 401);
            assertThat(answer.body()).doesNotContain("access_token");
        }
    }

    @Test
    void a_code_works_once_and_a_second_try_ends_what_the_first_got(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Replayed code")) {
            var request = flow.client().authorization("notes:read");
            var form = flow.client().codeForm(request, flow.code(request));
            var first = flow.client().token(form);

            var second = flow.client().token(form);

            assertThat(first.status()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(400);
            assertThat(second.error()).isEqualTo("invalid_grant");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "code_challenge,''",
        "code_challenge_method,plain",
        "code_challenge_method,''",
        "code_challenge,short",
        "response_type,token",
        "response_type,id_token",
        "response_type,code token"
    })
    void no_code_is_given_out_without_s256(String name, String value, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "No PKCE")) {
            var request = flow.client().authorization("notes:read").with(name, value);

            var page = flow.person().visit(request.url());

            assertThat(page.url()).doesNotContain("code=").doesNotContain("access_token=");
            assertThat(page.locator("button[name=decision]").count()).isZero();
        }
    }
}
