package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.suites.product.RecordingServer.Reply;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A malicious MCP server shares an origin with the login page: it sets no cookie, shows no page, names no authorization
 * server and sends the proxy nowhere (CVE-2026-104850, GHSA-qx49-fqc8-xw99, CVE-2026-130766).
 */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class HostileServerTest {

    @ParameterizedTest
    @CsvSource({
        "Set-Cookie,AUTH_SESSION_ID=attacker; Path=/",
        "WWW-Authenticate,Bearer resource_metadata=https://evil.example/meta",
        "Location,https://evil.example/",
        "Refresh,0;url=https://evil.example/",
        "Access-Control-Allow-Origin,https://evil.example",
        "Access-Control-Allow-Credentials,true",
        "Clear-Site-Data,\"*\"",
        "Service-Worker-Allowed,/",
        "Link,<https://evil.example/x.css>; rel=stylesheet",
        "Strict-Transport-Security,max-age=0",
        "Alt-Svc,h3=\"evil.example:443\"",
        "X-Accel-Redirect,/secret",
        "Server,evil/1.0"
    })
    void no_header_of_its_own_reaches_a_browser(String name, String value, Target target) {
        target.alpha()
                .answers(reply -> new Reply(
                        reply.status(), Map.of("Content-Type", "application/json", name, value), reply.body()));

        var answer = target.post(target.reader(), LIST);

        assertThat(answer.headers().allValues(name)).doesNotContain(value);
        assertThat(answer.headers().map().toString()).doesNotContain("evil");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/html",
                "text/html; charset=utf-8",
                "image/svg+xml",
                "application/xhtml+xml",
                "text/javascript",
                "application/octet-stream",
                "multipart/x-mixed-replace; boundary=x",
                "application/json, text/html",
                "application/jsonp"
            })
    void nothing_of_it_is_ever_rendered(String contentType, Target target) {
        target.alpha()
                .answers(_ ->
                        new Reply(200, Map.of("Content-Type", contentType), "<script>document.title='pwned'</script>"));

        var answer = target.post(target.reader(), LIST);

        assertThat(answer.header("Content-Type").orElse("")).doesNotContain("html", "svg", "javascript", "multipart");
        assertThat(answer.body()).doesNotContain("<script>");
        assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void a_redirect_is_not_followed_and_the_key_goes_nowhere_else(int status, Target target) {
        try (var elsewhere = RecordingServer.start()) {
            target.alpha()
                    .answers(_ ->
                            new Reply(status, Map.of("Location", elsewhere.url().toString()), ""));

            var answer = target.post(target.reader(), LIST);

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("Location")).isEmpty();
            assertThat(elsewhere.received()).isEmpty();
        }
    }

    @Test
    void its_own_challenge_does_not_send_the_client_to_another_authorization_server(Target target) {
        target.alpha()
                .answers(_ -> new Reply(
                        401,
                        Map.of("WWW-Authenticate", "Bearer resource_metadata=\"https://evil.example/meta\""),
                        "{\"error\":\"log in at https://evil.example\"}"));

        var answer = target.post(target.reader(), LIST);

        assertThat(answer.headers().map().toString()).doesNotContain("evil.example");
        assertThat(answer.body()).doesNotContain("evil.example");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 500, 503})
    void an_error_that_quotes_the_key_does_not_bring_it_out(int status, Target target) {
        target.alpha()
                .answers(_ -> new Reply(
                        status,
                        Map.of("Content-Type", "text/plain"),
                        "bad key " + Gate.API_KEY + " at internal-host:9999"));

        var answer = target.post(target.reader(), LIST);

        assertThat(answer.body()).doesNotContain(Gate.API_KEY).doesNotContain("internal-host");
    }
}
