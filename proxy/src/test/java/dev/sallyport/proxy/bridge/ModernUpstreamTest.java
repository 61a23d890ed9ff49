package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that speaks 2026-07-28 only, as clients of older revisions see it through the gate. */
@Timeout(120)
class ModernUpstreamTest {

    private static final ModernServer SERVER = ModernServer.start();
    private static final RunningGate GATE = RunningGate.before(SERVER.url());

    @AfterAll
    static void close() {
        GATE.close();
        SERVER.close();
    }

    @Test
    void a_session_begins_with_what_the_server_says_of_itself() {
        var client = new LegacyClient(GATE, GATE.token());

        var answer = client.begin("2025-06-18", "{}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("mcp-session-id")).isPresent();
        assertThat(answer.body())
                .contains(
                        "\"protocolVersion\":\"2025-06-18\"",
                        "\"instructions\":\"Be modern.\"",
                        "\"serverInfo\":{\"name\":\"modern\",\"version\":\"3\"}",
                        "\"tools\":{\"listChanged\":true}")
                .doesNotContain("extensions", "resultType", "ttlMs");
    }

    @Test
    void every_request_says_what_the_revision_demands_and_nothing_of_the_session() throws IOException {
        try (var server = ModernServer.start();
                var gate = RunningGate.before(server.url())) {
            var client = LegacyClient.of(gate, "alice");
            var about = client.post(call(1, "about", "")).body();

            assertThat(about)
                    .contains("protocolVersion", "2026-07-28", "clientInfo", "\\\"name\\\":\\\"test\\\"", "elicitation")
                    .contains("roots");
            assertThat(server.received())
                    .allSatisfy(request ->
                            assertThat(request.headers()).doesNotContainKeys("mcp-session-id", "authorization"))
                    .allSatisfy(
                            request -> assertThat(request.header("x-api-key")).contains(RunningGate.SECRET));
            assertThat(server.received()).extracting(Received::method).containsOnly("POST");
        }
    }

    @Test
    void results_are_without_what_older_revisions_do_not_know_and_broken_tools_are_left_out() {
        var list = LegacyClient.of(GATE, "alice")
                .post("{\"jsonrpc\":\"2.0\",\"id\":\"list\",\"method\":\"tools/list\"}")
                .body();

        assertThat(list)
                .contains("\"id\":\"list\"", "\"echo\"")
                .doesNotContain("resultType", "ttlMs", "cacheScope", "broken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", " padded ", "Grüße", "=?base64?x?="})
    void arguments_are_repeated_in_headers_where_the_tool_wants_it(String text) {
        var client = LegacyClient.of(GATE, "alice");
        client.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

        assertThat(client.tool("echo", text)).isEqualTo(text);
    }

    @Test
    void tools_are_asked_for_when_the_client_never_did() {
        assertThat(LegacyClient.of(GATE, "alice").tool("echo", "unheard of")).isEqualTo("unheard of");
    }

    @Test
    void progress_comes_under_the_clients_own_token() {
        var body =
                call(7, "progress", "").replace("\"params\":{", "\"params\":{\"_meta\":{\"progressToken\":\"mine\"},");
        try (var client = LegacyClient.of(GATE, "alice").open(body)) {
            assertThat(client.answer().body())
                    .containsSubsequence("\"progressToken\":\"mine\"", "\"progress\":1", "\"id\":7", "\"done\"");
        }
    }

    @Test
    void what_the_server_wants_to_know_is_asked_of_the_client_and_goes_into_the_waiting_call() {
        var alice = LegacyClient.of(GATE, "alice", "asking");
        try (var stream = alice.open(call(3, "ask", "one"))) {
            stream.head();
            var events = LegacyClient.until(stream, "elicitation/create");
            var id = events.replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");

            alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                    + "\",\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");

            assertThat(LegacyClient.until(stream, "\"id\":3")).contains("Ada", "with state of one");
        }
    }

    @Test
    void an_elicitation_at_a_page_has_the_id_that_older_clients_expect() {
        var alice = LegacyClient.of(GATE, "alice", "asking at a page");
        try (var stream = alice.open(call(3, "ask", "url"))) {
            stream.head();

            assertThat(LegacyClient.until(stream, "elicitation/create"))
                    .contains("\"elicitationId\":\"input-", "https://example.com/x");
        }
    }

    @Test
    void a_client_that_answers_with_an_error_ends_its_own_call() {
        var alice = LegacyClient.of(GATE, "alice", "refusing");
        try (var stream = alice.open(call(3, "ask", "one"))) {
            stream.head();
            var events = LegacyClient.until(stream, "elicitation/create");
            var id = events.replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");

            alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"error\":{\"code\":-1,\"message\":\"no\"}}");

            assertThat(LegacyClient.until(stream, "\"id\":3")).contains("did not answer");
        }
    }

    @Test
    void a_client_that_can_answer_nothing_is_asked_nothing() {
        var client = new LegacyClient(GATE, GATE.token());
        client.begin("2025-11-25", "{}");

        assertThat(client.post(call(3, "ask", "one")).body()).contains("\"id\":3", "did not answer");
    }

    @Test
    void cancelling_closes_the_stream_of_the_call() throws Exception {
        try (var server = ModernServer.start();
                var gate = RunningGate.before(server.url())) {
            var client = LegacyClient.of(gate, "alice");
            try (var waiting = client.open(call(5, "never", ""))) {
                await(() ->
                        server.received().stream().anyMatch(each -> each.body().contains("\"never\"")));

                client.post(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");

                assertThat(waiting.answer().body()).contains("\"id\":5", "-32800");
                assertThat(server.cancelled().await(60, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void changes_and_subscribed_resources_reach_the_general_stream() throws IOException {
        try (var server = ModernServer.start();
                var gate = RunningGate.before(server.url())) {
            var client = LegacyClient.of(gate, "alice");
            await(() -> server.listening() == 1);
            try (var stream = client.listen("")) {
                stream.head();
                server.changed("notifications/tools/list_changed", "");
                assertThat(LegacyClient.until(stream, "list_changed")).doesNotContain("acknowledged");

                client.post(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"notes://1\"}}");
                await(() -> server.received().stream()
                                .anyMatch(each -> each.body().contains("\"resourceSubscriptions\":[\"notes://1\"]"))
                        && server.listening() == 1);
                server.changed("notifications/resources/updated", "\"uri\":\"notes://1\"");

                assertThat(LegacyClient.until(stream, "resources/updated")).contains("notes://1");
            }
            client.delete();
            await(() -> server.listening() == 0);
        }
    }

    @Test
    void the_log_level_is_said_with_every_request_from_then_on() {
        var client = LegacyClient.of(GATE, "alice", "logging");
        assertThat(client.post(call(1, "about", "")).body()).doesNotContain("logLevel");

        client.post(
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"warning\"}}");

        assertThat(client.post(call(3, "about", "")).body()).contains("logLevel\\\":\\\"warning");
    }

    @Test
    void a_ping_is_answered() {
        assertThat(LegacyClient.of(GATE, "alice")
                        .post("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}")
                        .body())
                .contains("\"id\":9", "\"result\":{}");
    }

    @ParameterizedTest
    @CsvSource({
        "break,   broke off",
        "odd,     unknown type",
        "wrong,   broke off",
        "demand,  -32603",
        "nothing, -32602",
    })
    void what_the_server_does_wrong_is_an_error_of_that_call(String tool, String words) {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.post(call(4, tool, "")).body()).contains("\"id\":4", "\"error\"", words);
        assertThat(client.tool("echo", "and on")).isEqualTo("and on");
    }

    @Test
    void noise_is_dropped_and_the_answer_found_once() {
        var answer = LegacyClient.of(GATE, "alice")
                .post(call(4, "noise", "the answer"))
                .body();

        assertThat(answer).contains("\"id\":4", "the answer").doesNotContain("nobody", "second", "elicitation");
    }

    @Test
    void a_message_that_is_too_long_costs_its_own_call_and_no_other() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.post(call(4, "huge", "100000000")).body()).contains("\"id\":4", "\"error\"");
        assertThat(client.tool("echo", "and on")).isEqualTo("and on");
    }

    @Test
    void a_credential_that_is_not_accepted_is_no_sign_of_another_revision() {
        try (var modern = ModernServer.start();
                var server = ScriptedServer.start(modern::answer);
                var gate = RunningGate.before(server.url("/mcp"))) {
            LegacyClient.of(gate, "alice").tool("echo", "modern");

            server.script((_, wire) -> wire.answer(401, "text/plain", ""));
            assertThat(new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .status())
                    .isEqualTo(502);
            server.script(modern::answer);

            assertThat(LegacyClient.of(gate, "alice").tool("echo", "again")).isEqualTo("again");
            assertThat(server.received()).noneMatch(request -> request.body().contains("\"method\":\"initialize\""));
        }
    }

    @Test
    void a_client_of_the_servers_own_revision_is_not_translated() {
        LegacyClient.of(GATE, "alice").tool("echo", "known by now to be modern");
        var body =
                "{\"jsonrpc\":\"2.0\",  \"id\":\"as it is\",\"method\":\"tools/call\",\"params\":{\"name\":\"about\","
                        + "\"arguments\":{},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

        var answer = GATE.call(body, "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: about");

        assertThat(answer.body()).contains("\"id\":\"as it is\"", "\"resultType\":\"complete\"");
        assertThat(SERVER.received()).extracting(Received::body).contains(body);
    }

    @Test
    void a_server_that_refuses_for_another_reason_is_heard_as_it_is_and_asked_seldom() {
        try (var server = ScriptedServer.start((request, wire) -> wire.json(
                        400, "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32600,\"message\":\"not today\"}}"));
                var gate = RunningGate.before(server.url("/mcp"))) {
            for (var attempt = 0; attempt < 5; attempt++) {
                var answer = new LegacyClient(gate, gate.token()).begin("2025-11-25", "{}");

                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("not today");
            }
            assertThat(server.received().stream()
                            .filter(request -> request.body().contains("server/discover")))
                    .hasSize(1);
        }
    }

    @Test
    void nonsense_of_one_client_does_not_have_a_server_of_both_eras_translated_for_others() {
        try (var modern = ModernServer.start();
                var server = ScriptedServer.start((request, wire) -> {
                    if (request.body().contains("protocolVersion\":\"nonsense")) {
                        wire.json(
                                400,
                                "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32022,\"message\":\"what?\"}}");
                    } else if (request.body().contains("\"initialize\"")) {
                        wire.answer(
                                200,
                                "application/json",
                                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                                        + "\"serverInfo\":{\"name\":\"both\",\"version\":\"1\"}}}",
                                "Mcp-Session-Id: of-the-server");
                    } else {
                        modern.answer(request, wire);
                    }
                });
                var gate = RunningGate.before(server.url("/mcp"))) {
            assertThat(new LegacyClient(gate, gate.token())
                            .begin("nonsense", "{}")
                            .body())
                    .contains("what?");
            assertThat(new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .body())
                    .contains("\"name\":\"both\"");
            // The session of the question was not left behind.
            await(() -> server.received().stream()
                    .anyMatch(request -> request.method().equals("DELETE")
                            && request.header("mcp-session-id").equals(java.util.Optional.of("of-the-server"))));
        }
    }

    @Test
    void a_server_that_is_not_modern_any_more_is_found_out() {
        try (var modern = ModernServer.start();
                var server = ScriptedServer.start((request, wire) -> wire.answer(404, "text/plain", ""));
                var gate = RunningGate.before(server.url("/mcp"))) {
            server.script(modern::answer);
            LegacyClient.of(gate, "alice").tool("echo", "modern");

            server.script((request, wire) -> wire.json(
                    200,
                    "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                            + "\"serverInfo\":{\"name\":\"old\",\"version\":\"1\"}}}"));

            assertThat(new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .status())
                    .isEqualTo(502);
            assertThat(new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .body())
                    .contains("\"name\":\"old\"");
        }
    }
}
