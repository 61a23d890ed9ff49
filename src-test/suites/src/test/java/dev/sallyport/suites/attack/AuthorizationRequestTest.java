package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser;
import dev.sallyport.suites.journey.BrowserExtension;
import dev.sallyport.suites.journey.Flow;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Http;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A link that an attacker has made gets no code out of a person: not by another redirect, not by another resource, and
 * never without that person's click on a page that names the client (CVE-2025-4143, GHSA-c2jp-c369-7pvx, CVE-2026-54618).
 */
@Tag("attack")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class AuthorizationRequestTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/callback",
                "http://127.0.0.1.evil.example/callback",
                "http://evil.example@127.0.0.1/callback",
                "http://127.0.0.1/other",
                "http://127.0.0.1/callback/../evil",
                "http://127.0.0.1/callback#x",
                "javascript:alert(1)",
                "*",
                "//evil.example/callback"
            })
    void an_unregistered_redirect_uri_gets_an_error_page_and_no_redirect(
            String redirectUri, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Open redirect")) {
            var next = flow.client()
                    .authorization("notes:read")
                    .with("redirect_uri", redirectUri)
                    .url();

            for (var hop = 0; hop < 5; hop++) {
                var answer = Http.get(next);
                var location = answer.header("Location");
                if (location.isEmpty()) {
                    assertThat(answer.status()).isBetween(400, 499);
                    assertThat(answer.body()).doesNotContain("href=\"javascript:");
                    return;
                }
                next = next.resolve(location.get());
                assertThat(next.getAuthority()).isEqualTo(stack.publicUrl().getAuthority());
            }
            throw new AssertionError("still redirected: " + next);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example/mcp", "RESOURCE/x", "RESOURCE?x=1", "ORIGIN", "account"})
    void a_foreign_resource_is_refused_before_anybody_logs_in(String resource, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Foreign resource")) {
            var named = resource.replace("RESOURCE", stack.notes().toString())
                    .replace("ORIGIN", stack.publicUrl().toString());

            var page = flow.person()
                    .visit(flow.client()
                            .authorization("notes:read")
                            .with("resource", named)
                            .url());

            assertThat(page.url()).startsWith(flow.client().redirectUri()).contains("error=invalid_target");
        }
    }

    /** The person is logged in already; the attacker's client is new. */
    @Test
    void a_live_login_is_no_consent(Stack stack, Browser browser) {
        try (var first = Flow.start(stack, browser, "My own app");
                var attacker = Flow.start(stack, browser, "Attacker's app")) {
            first.tokens("notes:read");

            var consent = first.person()
                    .consent(attacker.client().authorization("notes:read").url());

            assertThat(consent.words()).contains("Attacker's app", "127.0.0.1").doesNotContain("allowed earlier");
            assertThat(consent.page().url()).startsWith(stack.publicUrl().toString());
        }
    }

    @Test
    void an_anonymous_visitor_gets_a_login_page_and_no_code(Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, "Anonymous")) {
            var silent = flow.client().authorization("notes:read").with("prompt", "none");
            var next = silent.url();
            for (var hop = 0; hop < 5; hop++) {
                var location = Http.get(next).header("Location");
                if (location.isEmpty()
                        || location.get().startsWith(flow.client().redirectUri())) {
                    assertThat(location.orElse("")).doesNotContain("code=");
                    return;
                }
                next = next.resolve(location.get());
            }
        }
    }

    /** Names and addresses of a client are its own words; they are shown as text, never run. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>document.title='pwned'</script>",
                "\"><img src=x onerror=\"document.title='pwned'\">",
                "${7*7}<#assign x=1>",
                "{{constructor.constructor('document.title=1')()}}"
            })
    void a_hostile_client_name_is_only_text(String name, Stack stack, Browser browser) {
        try (var flow = Flow.start(stack, browser, name)) {
            var consent = flow.person()
                    .consent(flow.client().authorization("notes:read").url());

            assertThat(consent.page().title()).doesNotContain("pwned");
            assertThat(consent.page().locator("img[src=x]").count()).isZero();
            assertThat(URI.create(consent.page().url()).getAuthority())
                    .isEqualTo(stack.publicUrl().getAuthority());
        }
    }
}
