package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keycloak behind our origin: what reaches it, as whom, and what comes back. */
class AuthorizationServerForwardingTest {

    private static final ScriptedServer KEYCLOAK = ScriptedServer.answering("{}");
    private static final RunningGate GATE = RunningGate.before(
            KEYCLOAK.url("/mcp"),
            "authorizationServer: { keycloak: \"" + KEYCLOAK.url("") + "\", realm: mcp, clientSecret: { env: KEY } }");

    @BeforeEach
    void answer_as_keycloak_does() {
        KEYCLOAK.script((_, wire) -> wire.answer(
                200, "text/html;charset=utf-8", "<h1>Log in</h1>", "Set-Cookie: AUTH_SESSION_ID=1; HttpOnly"));
    }

    @AfterAll
    static void close() {
        GATE.close();
        KEYCLOAK.close();
    }

    @Test
    void pages_pass_with_their_cookies_query_and_body() {
        var form = "username=alice&password=%20";
        var answer = RawClient.exchange(GATE.port(), """
                POST /realms/mcp/login-actions/authenticate?session_code=a&tab_id=b HTTP/1.1
                Host: mcp.example.com
                Cookie: AUTH_SESSION_ID=1
                Content-Type: application/x-www-form-urlencoded
                Content-Length: %s""".replace("%s", Integer.toString(form.length())), form);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<h1>Log in</h1>");
        assertThat(answer.header("set-cookie")).contains("AUTH_SESSION_ID=1; HttpOnly");
        assertThat(answer.headers()).doesNotContainKey("access-control-allow-origin");
        var received = KEYCLOAK.received().getFirst();
        assertThat(received.target()).isEqualTo("/realms/mcp/login-actions/authenticate?session_code=a&tab_id=b");
        assertThat(received.body()).isEqualTo(form);
        assertThat(received.header("cookie")).contains("AUTH_SESSION_ID=1");
    }

    @Test
    void a_redirect_is_passed_on_and_not_followed() {
        KEYCLOAK.script((_, wire) -> wire.answer(302, "text/html", "", "Location: http://localhost:3334/cb?code=x"));

        var answer = get("/realms/mcp/protocol/openid-connect/auth");

        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.header("location")).contains("http://localhost:3334/cb?code=x");
    }

    @Test
    void only_we_say_where_a_request_came_from() {
        get(
                "/realms/mcp/account",
                "X-Forwarded-For: 6.6.6.6",
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Proto: http",
                "X-Forwarded-Port: 1",
                "X-Forwarded-Prefix: /evil",
                "Forwarded: host=evil.example",
                "X-Real-IP: 6.6.6.6",
                "ssl-client-cert: forged",
                "Connection: keep-alive, Authorization",
                "Authorization: Basic eDp5");

        var headers = KEYCLOAK.received().getFirst().headers();
        assertThat(headers)
                .containsEntry("x-forwarded-for", List.of("127.0.0.1"))
                .containsEntry("x-forwarded-host", List.of("mcp.example.com"))
                .containsEntry("x-forwarded-proto", List.of("https"))
                .containsEntry("x-forwarded-port", List.of("443"))
                .doesNotContainKeys("x-forwarded-prefix", "forwarded", "x-real-ip", "ssl-client-cert", "authorization");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/realms/mcp/sallyport/registry",
                "/realms/mcp/sallyport/revocations?after=1",
                "/realms/mcp/sallyport/connections/notes/alice",
                "/realms/mcp/sallyport/grants?sub=x",
                "/realms/mcp/sallyport;a=b/registry",
                "/realms/mcp/sallyport/%72egistry",
                "/realms/mcp//sallyport/registry",
                "/realms/mcp/x/../sallyport/registry",
                "/realms/mcp/sallyport%2fregistry",
                "/realms/mcp/sallyport/registry;x",
                "/realms/mcp/sallyport\\registry",
                "/realms/mcp/..;/master/protocol/openid-connect/token",
                "/realms/master/protocol/openid-connect/token",
                "/resources/../admin/",
                "/resources/%2e%2e/admin/",
                "/admin/master/console/",
                "/metrics",
                "http://127.0.0.1/realms/mcp",
            })
    void the_inside_of_keycloak_is_out_of_reach_in_every_spelling(String target) {
        var answer = get(target);

        assertThat(answer.status()).isIn(400, 404);
        assertThat(KEYCLOAK.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.well-known/oauth-authorization-server",
                "/.well-known/oauth-authorization-server/realms/mcp",
                "/.well-known/openid-configuration/realms/mcp",
                "/realms/mcp/.well-known/openid-configuration",
            })
    void any_page_may_read_metadata_and_the_preflight_does_not_bother_keycloak(String path) {
        var preflight = RawClient.exchange(
                GATE.port(),
                "OPTIONS " + path + " HTTP/1.1\nHost: mcp.example.com\nOrigin: https://page.example\n"
                        + "Access-Control-Request-Method: GET",
                "");
        var document = get(path, "Origin: https://page.example");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(document.header("access-control-allow-origin")).contains("*");
        assertThat(KEYCLOAK.received()).hasSize(1);
    }

    @Test
    void pages_may_read_the_token_endpoint_but_not_with_cookies() {
        var answer = get("/realms/mcp/protocol/openid-connect/token", "Origin: https://page.example");

        assertThat(answer.header("access-control-allow-origin")).contains("*");
        assertThat(answer.headers()).doesNotContainKey("access-control-allow-credentials");
    }

    @Test
    void a_keycloak_that_says_nothing_sensible_is_a_502_in_words() {
        KEYCLOAK.script((_, wire) -> {
            throw new java.io.IOException("script: hang up");
        });

        var answer = get("/realms/mcp/account");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.body()).contains("authorization server does not answer");
    }

    private static RawAnswer get(String target, String... lines) {
        return GATE.raw("GET " + target + " HTTP/1.1\nHost: mcp.example.com\n" + String.join("\n", lines));
    }
}
