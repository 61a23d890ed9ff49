package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {

    private static final ScriptedServer UPSTREAM = ScriptedServer.answering("{}");
    private static final String METADATA =
            "resource_metadata=\"https://mcp.example.com" + "/.well-known/oauth-protected-resource/notes/mcp\"";

    private static RunningGate gate = RunningGate.before(UPSTREAM.url("/mcp"));

    @BeforeAll
    static void nothing_has_been_sent() {
        assertThat(UPSTREAM.received()).isEmpty();
    }

    @AfterAll
    static void no_refused_request_has_reached_the_mcp_server() {
        assertThat(UPSTREAM.received()).isEmpty();
        gate.close();
        UPSTREAM.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /notes/mcp",
        "POST, /notes/mcp",
        "DELETE, /notes/mcp",
        "HEAD, /notes/mcp",
        "OPTIONS, /notes/mcp",
        "PUT, /notes/mcp",
        "PATCH, /notes/mcp",
        "PROPFIND, /notes/mcp",
        "TRACE, /notes/mcp",
        "GET, /notes/mcp/",
        "GET, /notes/mcp/sse",
        "POST, /notes/mcp/message?sessionId=1",
        "POST, /notes/mcp?access_token=x",
    })
    void any_request_below_a_resource_without_a_token_is_challenged(String method, String target) {
        var answer = gate.raw(method + " " + target + " HTTP/1.1\nHost: mcp.example.com\nContent-Type: text/html");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate")).contains("Bearer " + METADATA + ", scope=\"notes:read\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer nonsense",
                "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
                "Authorization: Bearer",
                "Authorization: Bearer a, Bearer b",
                "Authorization: bearer \u00e4",
            })
    void a_bad_token_gets_the_same_answer_whatever_is_wrong_with_it(String line) {
        var answer = gate.raw("GET /notes/mcp HTTP/1.1\nHost: mcp.example.com\n" + line);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate"))
                .contains("Bearer " + METADATA + ", error=\"invalid_token\", scope=\"notes:read\"");
    }

    @Test
    void two_authorization_headers_are_no_authorization_even_if_one_is_good() {
        var answer = gate.raw("GET /notes/mcp HTTP/1.1\nHost: mcp.example.com\nAuthorization: Bearer " + gate.token()
                + "\nAuthorization: Bearer " + gate.token());

        assertThat(answer.status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic dTpw", "DPoP abc", "Bearerabc", "Digest x"})
    void another_scheme_counts_as_no_token(String credentials) {
        var answer = gate.raw("GET /notes/mcp HTTP/1.1\nHost: mcp.example.com\nAuthorization: " + credentials);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate").orElseThrow()).doesNotContain("error");
    }

    @Test
    void a_token_in_the_query_or_the_form_is_none() {
        var form = "access_token=" + gate.token();

        var query = gate.raw("GET /notes/mcp?" + form + " HTTP/1.1\nHost: mcp.example.com");
        var body = RawClient.exchange(
                gate.port(),
                "POST /notes/mcp HTTP/1.1\nHost: mcp.example.com\nContent-Type: application/x-www-form-urlencoded\n"
                        + "Content-Length: " + form.length(),
                form);

        assertThat(query.status()).isEqualTo(401);
        assertThat(body.status()).isEqualTo(401);
    }

    @Test
    void a_token_for_another_resource_does_not_open_this_one() {
        var other = gate.authorizationServer().mint("https://mcp.example.com/other/mcp", "notes:all");

        var answer = gate.raw("GET /notes/mcp HTTP/1.1\nHost: mcp.example.com\nAuthorization: Bearer " + other);

        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void the_metadata_names_the_resource_and_the_issuer_to_the_letter() {
        var atPath = gate.raw("GET /.well-known/oauth-protected-resource/notes/mcp HTTP/1.1\nHost: mcp.example.com");
        var atRoot = gate.raw("GET /.well-known/oauth-protected-resource HTTP/1.1\nHost: mcp.example.com");

        assertThat(atPath.status()).isEqualTo(200);
        assertThat(atPath.header("content-type")).contains("application/json");
        assertThat(atPath.header("access-control-allow-origin")).contains("*");
        assertThat(atPath.body())
                .isEqualTo("""
                        {"resource":"https://mcp.example.com/notes/mcp","authorization_servers":["%s"],\
                        "scopes_supported":["notes:read","notes:all"],"bearer_methods_supported":["header"],\
                        "resource_name":"Notes"}""".replace("%s", gate.authorizationServer().issuer()));
        assertThat(atRoot.body()).isEqualTo(atPath.body());
    }

    @Test
    void any_page_may_read_the_metadata() {
        var preflight = gate.raw("""
                OPTIONS /.well-known/oauth-protected-resource/notes/mcp HTTP/1.1
                Host: mcp.example.com
                Origin: https://somewhere.example
                Access-Control-Request-Method: GET
                Access-Control-Request-Headers: mcp-protocol-version""");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("access-control-allow-origin")).contains("*");
        assertThat(preflight.header("access-control-allow-headers").orElseThrow())
                .contains("MCP-Protocol-Version");
    }
}
