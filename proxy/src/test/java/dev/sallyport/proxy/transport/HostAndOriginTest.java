package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page that rebinds its name to our address sends (CVE-2025-66414 and its like), and what it does not get. */
class HostAndOriginTest {

    private static final String BODY = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
    private static final ScriptedServer UPSTREAM =
            ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    private static final RunningGate GATE = RunningGate.before(UPSTREAM.url("/mcp"));

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: mcp.example.com.",
                "Host: mcp.example.com:8443",
                "Host: evil.example@mcp.example.com",
                "Host: mcp.example.com, evil.example",
                "Host:",
                "X-Forwarded-Host: mcp.example.com",
                "Host: mcp.example.com\nHost: mcp.example.com",
                "Host: mcp.example.com\nHost: evil.example",
                "Host: evil.example\nX-Forwarded-Host: mcp.example.com",
            })
    void a_foreign_or_doubtful_host_gets_nothing_not_even_a_challenge(String lines) {
        var answer = GATE.raw("GET /notes/mcp HTTP/1.1\n" + lines);

        assertThat(answer.status()).isBetween(400, 499).isNotEqualTo(401);
        assertThat(answer.headers()).doesNotContainKey("www-authenticate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MCP.Example.COM", "mcp.example.com:443"})
    void our_host_may_be_spelled_as_browsers_and_people_do(String host) {
        assertThat(GATE.raw("GET /notes/mcp HTTP/1.1\nHost: " + host).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://evil.example",
                "Origin: null",
                "Origin:",
                "Origin: https://mcp.example.com.",
                "Origin: http://mcp.example.com",
                "Origin: https://mcp.example.com\nOrigin: https://mcp.example.com",
                "Origin: https://mcp.example.com\nOrigin: https://evil.example",
            })
    void a_page_of_another_origin_gets_403_even_with_a_good_token(String lines) {
        var before = UPSTREAM.received().size();

        var answer = GATE.call(BODY, lines);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.headers()).doesNotContainKey("access-control-allow-origin");
        assertThat(UPSTREAM.received()).hasSize(before);
    }

    @Test
    void a_page_of_our_own_origin_may_call() {
        var answer = GATE.call(BODY, "Origin: https://mcp.example.com");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("access-control-allow-origin")).contains("https://mcp.example.com");
        assertThat(answer.header("access-control-expose-headers").orElseThrow()).contains("Mcp-Session-Id");
        assertThat(answer.headers()).doesNotContainKey("access-control-allow-credentials");
    }

    @Test
    void a_preflight_is_answered_without_a_token_and_never_sent_on() {
        var before = UPSTREAM.received().size();

        var preflight = GATE.raw("""
                OPTIONS /notes/mcp HTTP/1.1
                Host: mcp.example.com
                Origin: https://mcp.example.com
                Access-Control-Request-Method: POST
                Access-Control-Request-Headers: authorization,content-type,mcp-protocol-version,mcp-param-x""");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("access-control-allow-headers"))
                .contains("authorization,content-type,mcp-protocol-version,mcp-param-x");
        assertThat(UPSTREAM.received()).hasSize(before);
    }

    @Test
    void a_preflight_from_elsewhere_is_refused() {
        var preflight = GATE.raw("""
                OPTIONS /notes/mcp HTTP/1.1
                Host: mcp.example.com
                Origin: https://evil.example
                Access-Control-Request-Method: POST""");

        assertThat(preflight.status()).isEqualTo(403);
        assertThat(preflight.headers()).doesNotContainKey("access-control-allow-origin");
    }
}
