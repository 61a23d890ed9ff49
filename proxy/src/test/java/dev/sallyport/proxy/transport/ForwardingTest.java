package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes up to an MCP server and what comes down from it, header by header. */
class ForwardingTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\",\"arguments\":{}}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}";

    private static final ScriptedServer UPSTREAM = ScriptedServer.answering(RESULT);
    private static final RunningGate GATE = RunningGate.before(UPSTREAM.url("/mcp"));

    @BeforeEach
    void answer_as_a_good_server_does() {
        answering((_, wire) -> wire.json(200, RESULT));
    }

    private static void answering(ScriptedServer.Script script) {
        UPSTREAM.script(script);
    }

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
    }

    @Test
    void a_permitted_call_arrives_byte_for_byte_with_the_credential_of_the_proxy() {
        var spaced = CALL.replace(":", " :\t");

        var answer = GATE.call(spaced);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(RESULT);
        var received = UPSTREAM.received().getFirst();
        assertThat(received.body()).isEqualTo(spaced);
        assertThat(received.method()).isEqualTo("POST");
        assertThat(received.target()).isEqualTo("/mcp");
        assertThat(received.header("x-api-key")).contains(RunningGate.SECRET);
    }

    @Test
    void a_credential_stands_in_the_address_only_where_that_was_asked_for_and_never_comes_back() {
        var credential = "{ type: shared, query: api_key, allowCredentialInUrl: true, value: { env: KEY } }";
        try (var gate = RunningGate.withCredential(UPSTREAM.url("/mcp"), credential)) {
            assertThat(gate.call(CALL).status()).isEqualTo(200);

            var received = UPSTREAM.received().getLast();
            assertThat(received.target()).isEqualTo("/mcp?api_key=" + RunningGate.SECRET);
            assertThat(received.headers()).doesNotContainKey("x-api-key");
            assertThat(gate.decisions().toString()).doesNotContain(RunningGate.SECRET);

            answering((request, wire) -> wire.json(
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1,\"message\":\"at " + request.target()
                            + "\"}}"));
            assertThat(gate.call(CALL).body()).doesNotContain(RunningGate.SECRET);
        }
    }

    @Test
    void no_header_that_names_somebody_or_somewhere_goes_up() {
        GATE.call(
                CALL,
                "Cookie: KEYCLOAK_SESSION=x",
                "Forwarded: for=1.2.3.4",
                "X-Forwarded-For: 1.2.3.4",
                "X-Forwarded-User: admin",
                "X-Remote-User: admin",
                "X-Real-IP: 1.2.3.4",
                "X-Api-Key: mine",
                "Proxy-Authorization: Basic eDp5",
                "X-Original-URL: /admin",
                "Origin: https://mcp.example.com",
                "Referer: https://mcp.example.com/",
                "Accept-Encoding: gzip",
                "Upgrade: websocket",
                "TE: trailers");

        var received = UPSTREAM.received().getFirst();
        assertThat(received.headers().keySet())
                .containsExactlyInAnyOrder(
                        "host", "content-type", "accept", "content-length", "x-request-id", "x-api-key");
        assertThat(received.headers().get("x-api-key")).containsExactly(RunningGate.SECRET);
        assertThat(received.header("host").orElseThrow()).startsWith("127.0.0.1:");
    }

    @Test
    void headers_of_mcp_go_up_untouched_known_or_not() {
        GATE.call(
                CALL.replace(
                        "\"params\":{",
                        "\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                                + "\"io.modelcontextprotocol/clientCapabilities\":{}},"),
                "MCP-Protocol-Version: 2026-07-28",
                "Mcp-Method: tools/call",
                "Mcp-Name: get_note",
                "Mcp-Param-Region: =?base64?w6Q=?=",
                "Mcp-Anything: else",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        assertThat(UPSTREAM.received().getFirst().headers())
                .containsEntry("mcp-protocol-version", java.util.List.of("2026-07-28"))
                .containsEntry("mcp-param-region", java.util.List.of("=?base64?w6Q=?="))
                .containsEntry("mcp-anything", java.util.List.of("else"))
                .containsKey("traceparent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mcp-Method: tools/list",
                "Mcp-Name: delete_note",
                "Mcp-Name: =?base64?ZGVsZXRl?=",
                "Mcp-Name: =?base64?!!?=",
                "Mcp-Method: tools/call\nMcp-Method: tools/list",
                "Content-Type: application/json",
            })
    void headers_that_say_something_else_than_the_body_are_refused(String lines) {
        var answer = GATE.call(CALL, lines);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(UPSTREAM.received()).isEmpty();
    }

    @Test
    void nothing_that_steers_a_browser_or_a_client_comes_down() {
        answering((_, wire) -> wire.answer(
                200,
                "application/json; charset=utf-8",
                RESULT,
                "Set-Cookie: KEYCLOAK_SESSION=evil; Path=/",
                "WWW-Authenticate: Bearer resource_metadata=\"https://evil.example\"",
                "Location: https://evil.example",
                "Refresh: 0; url=https://evil.example",
                "Access-Control-Allow-Origin: *",
                "Strict-Transport-Security: max-age=0",
                "Clear-Site-Data: \"*\"",
                "Server: x",
                "Mcp-Session-Id: s1"));

        var answer = GATE.call(CALL);

        assertThat(answer.headers().keySet())
                .containsExactlyInAnyOrder(
                        "content-type",
                        "content-length",
                        "cache-control",
                        "x-content-type-options",
                        "x-request-id",
                        "mcp-session-id");
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.header("x-content-type-options")).contains("nosniff");
    }

    @ParameterizedTest
    @CsvSource({
        "200, text/html, 502",
        "200, application/javascript, 502",
        "200, image/svg+xml, 502",
        "200, '', 502",
        "201, application/json, 502",
        "206, application/json, 502",
        "301, text/html, 502",
        "307, application/json, 502",
        "401, application/json, 502",
        "403, application/json, 502",
        "407, application/json, 502",
        "500, text/html, 502",
        "503, text/plain, 502",
        "404, text/html, 404",
        "405, text/html, 405",
        "406, text/plain, 406",
    })
    void an_answer_that_clients_must_not_see_becomes_one_of_ours(int status, String type, int seen) {
        answering((_, wire) -> wire.answer(status, type, "<script>alert(1)</script>", "Location: /x"));

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(seen);
        assertThat(answer.body()).doesNotContain("script");
        assertThat(answer.headers()).doesNotContainKeys("location", "www-authenticate");
        if (seen == 502) {
            assertThat(answer.body()).startsWith("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603,");
        } else {
            assertThat(answer.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 409, 429, 500})
    void errors_that_are_json_rpc_pass_untouched(int status) {
        var error = "{\"jsonrpc\": \"2.0\", \"id\":7, \"error\":{\"code\":-32020,\"message\":\"x\"}}";
        answering((_, wire) -> wire.json(status, error));

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(error);
    }

    @Test
    void an_error_that_prints_our_credential_is_not_passed_on() {
        answering((request, wire) -> wire.json(
                400,
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1,\"message\":\"bad key "
                        + request.header("x-api-key").orElseThrow() + "\"}}"));

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).doesNotContain(RunningGate.SECRET);
    }

    @Test
    void an_accepted_notification_has_no_body() {
        answering((_, wire) -> wire.answer(202, "text/plain", "Accepted"));

        var answer = GATE.call("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body()).isEmpty();
    }

    /** Used to be a 502. */
    @ParameterizedTest
    @ValueSource(ints = {200, 202, 204})
    void a_session_that_the_server_ends_without_a_word_is_ended(int status) {
        answering((_, wire) ->
                wire.raw("HTTP/1.1 " + status + " Fine\r\n" + (status == 204 ? "" : "Content-Length: 0\r\n") + "\r\n"));

        var answer = GATE.raw(
                "DELETE /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + GATE.token());

        assertThat(answer.status()).isEqualTo(status);
        assertThat(UPSTREAM.received().getFirst().method()).isEqualTo("DELETE");
    }

    /** Used to be an unexpected error inside. */
    @ParameterizedTest
    @ValueSource(strings = {"subscribe", "unsubscribe", "read"})
    void a_resource_without_a_uri_is_the_clients_mistake(String what) {
        var answer = GATE.call("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/" + what + "\",\"params\":{}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"id\":7").contains("-32602");
        assertThat(UPSTREAM.received()).isEmpty();
    }

    @Test
    void a_large_json_answer_is_passed_on_whole() {
        var large = "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"text\":\"" + "x".repeat(3_000_000) + "\"}}";
        answering((_, wire) -> wire.json(200, large));

        assertThat(GATE.call(CALL).body()).isEqualTo(large);
    }

    @Test
    void a_path_below_the_endpoint_has_nothing_for_those_with_a_token_either() {
        var answer = RawClient.exchange(GATE.port(), GATE.post(CALL).replace("/notes/mcp", "/notes/mcp/admin"), CALL);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(UPSTREAM.received()).isEmpty();
    }

    @Test
    void a_scope_that_lacks_the_tool_is_named_together_with_what_the_client_has() {
        var readOnly = GATE.authorizationServer().mint(RunningGate.RESOURCE, "notes:read");
        var write = CALL.replace("get_note", "delete_note");

        var answer = RawClient.exchange(
                GATE.port(), GATE.post(write).replaceFirst("Bearer \\S+", "Bearer " + readOnly), write);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("www-authenticate").orElseThrow())
                .contains("error=\"insufficient_scope\"")
                .contains("scope=\"notes:all notes:read\"");
        assertThat(answer.body()).contains("\"id\":7");
        assertThat(UPSTREAM.received()).isEmpty();
    }
}
