package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.stdio.ModernStdioServer;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that speaks 2026-07-28 only, as clients of every revision see it through the gate. */
@Timeout(120)
class ModernCommandTest {

    private static final RunningGate GATE = RunningGate.beforeUpstream(command("refuse", "user"));

    @AfterAll
    static void close() {
        GATE.close();
    }

    private static String command(String initialize, String process) {
        return ModernStdioServer.command(initialize).stream()
                        .map(word -> "'" + word + "'")
                        .collect(Collectors.joining(", ", "command: [", "]"))
                + ", process: " + process + ", credential: { variable: API_KEY }";
    }

    @Test
    void a_session_begins_with_what_the_server_says_of_itself() {
        var answer = new LegacyClient(GATE, GATE.token()).begin("2025-06-18", "{}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .contains(
                        "\"protocolVersion\":\"2025-06-18\"",
                        "\"instructions\":\"Be modern.\"",
                        "\"serverInfo\":{\"name\":\"modern pipe\",\"version\":\"3\"}",
                        "\"tools\":{\"listChanged\":true}")
                .doesNotContain("resultType", "ttlMs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"refuse", "end"})
    void each_process_after_the_first_is_known_to_be_modern(String initialize) {
        try (var gate = RunningGate.beforeUpstream(command(initialize, "user"))) {
            if (initialize.equals("end")) {
                // The first one is lost to the question that it does not know.
                assertThat(new LegacyClient(gate, gate.token())
                                .begin("2025-11-25", "{}")
                                .status())
                        .isEqualTo(502);
            }
            var alice = LegacyClient.of(gate, "alice").tool("pid", "");
            var bob = LegacyClient.of(gate, "bob").tool("pid", "");

            assertThat(alice).matches("[0-9]+").isNotEqualTo(bob);
            assertThat(LegacyClient.of(gate, "alice").tool("pid", "")).isEqualTo(alice);
        }
    }

    @Test
    void results_are_in_the_words_of_the_client_and_tools_need_no_headers() {
        var list = LegacyClient.of(GATE, "alice")
                .post("{\"jsonrpc\":\"2.0\",\"id\":\"list\",\"method\":\"tools/list\"}")
                .body();

        assertThat(list).contains("\"id\":\"list\"", "\"echo\"").doesNotContain("resultType", "ttlMs", "cacheScope");
        assertThat(LegacyClient.of(GATE, "alice").tool("echo", "Grüße")).isEqualTo("Grüße");
    }

    @Test
    void the_process_gets_the_credential_of_its_person_and_requests_say_what_the_revision_demands() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.post(call(1, "env", "API_KEY")).body()).doesNotContain("(not set)");
        assertThat(client.post(call(1, "about", "")).body())
                .contains("protocolVersion", "2026-07-28", "clientInfo", "clientCapabilities", "elicitation")
                .doesNotContain("roots");
    }

    @Test
    void equal_ids_of_several_clients_get_their_own_answers() throws Exception {
        try (var gate = RunningGate.beforeUpstream(command("refuse", "shared"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<String>>();
            for (var person = 0; person < 50; person++) {
                var client = LegacyClient.of(gate, "person-" + person);
                var text = "of " + person;
                answers.add(threads.submit(() -> client.tool("echo", text)));
            }
            for (var person = 0; person < answers.size(); person++) {
                assertThat(answers.get(person).get()).isEqualTo("of " + person);
            }
        }
    }

    @Test
    void progress_and_log_messages_come_before_the_answer() {
        var body =
                call(7, "progress", "").replace("\"params\":{", "\"params\":{\"_meta\":{\"progressToken\":\"mine\"},");
        try (var stream = LegacyClient.of(GATE, "alice", "progress").open(body)) {
            assertThat(stream.answer().body())
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
    void an_app_is_asked_for_its_own_call_also_if_another_app_of_the_person_called_later() {
        var one = LegacyClient.of(GATE, "carol", "one app");
        var other = LegacyClient.of(GATE, "carol", "another app");
        try (var first = one.open(call(3, "ask-later", "one"));
                var second = other.open(call(3, "never", ""))) {
            await(() -> other.tool("ask-now", "one").equals("asked"));
            first.head();
            var id = LegacyClient.until(first, "elicitation/create")
                    .replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");

            one.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":{\"action\":\"decline\"}}");

            assertThat(LegacyClient.until(first, "\"id\":3")).contains("decline");
            other.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":3}}");
            assertThat(second.answer().body()).doesNotContain("elicitation/create");
        }
    }

    @Test
    void cancelling_reaches_the_server_under_the_id_that_it_knows() {
        var client = LegacyClient.of(GATE, "cancelling");
        try (var waiting = client.open(call(5, "never", ""))) {
            await(() -> {
                client.post(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");
                return client.tool("cancelled", "").contains("call");
            });

            assertThat(waiting.answer().body()).contains("\"id\":5", "-32800");
        }
    }

    @Test
    void changes_and_subscribed_resources_reach_who_wants_them_and_nobody_elses_do() {
        var client = LegacyClient.of(GATE, "subscribing");
        try (var stream = client.listen("")) {
            stream.head();
            client.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"notes://1\"}}");
            await(() -> client.post(call(2, "listening", "")).body().contains("notes://1"));

            client.post(call(3, "change", ""));

            assertThat(LegacyClient.until(stream, "resources/updated"))
                    .contains("tools/list_changed", "notes://1")
                    .doesNotContain("acknowledged", "of-nobody");
        }
    }

    @Test
    void the_log_level_is_said_with_every_request_from_then_on() {
        var client = LegacyClient.of(GATE, "logging");

        client.post(
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"warning\"}}");

        assertThat(client.post(call(3, "about", "")).body()).contains("logLevel\\\":\\\"warning");
    }

    @ParameterizedTest
    @CsvSource({"odd, '', unknown type", "huge, 100000000, too large", "nothing, '', -32602"})
    void what_the_server_does_wrong_is_an_error_of_that_call(String tool, String text, String words) {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.post(call(4, tool, text)).body()).contains("\"id\":4", "\"error\"", words);
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
    void a_server_that_dies_is_an_error_for_its_calls_and_starts_again() {
        var client = LegacyClient.of(GATE, "dying");
        var before = client.tool("pid", "");

        assertThat(client.post(call(4, "die", "")).body()).contains("\"id\":4", "\"error\"");
        await(() -> client.post(call(5, "pid", "")).body().contains("\"result\""));

        assertThat(client.tool("pid", "")).isNotEqualTo(before);
    }

    @Test
    void a_client_of_2026_07_28_calls_lists_and_is_asked() {
        var client = StatelessClient.of(GATE, "modern");

        assertThat(client.ask(1, "server/discover", "").body()).contains("\"2026-07-28\"", "Be modern.");
        assertThat(client.ask(2, "tools/list", "").body()).contains("\"echo\"", "\"resultType\":\"complete\"");
        assertThat(client.call(3, "echo", "hello").body()).contains("hello", "\"resultType\":\"complete\"");
        var asked = client.call(4, "ask", "one").body();
        assertThat(asked).contains("input_required", "elicitation/create");
        var state = asked.replaceAll("(?s).*\"requestState\":\"([^\"]*)\".*", "$1");
        var name = asked.replaceAll("(?s).*\"inputRequests\":\\{\"([^\"]*)\".*", "$1");
        assertThat(client.post(client.tool(
                                5,
                                "ask",
                                "one",
                                ",\"requestState\":\"" + state + "\",\"inputResponses\":{\"" + name
                                        + "\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}"))
                        .body())
                .contains("Ada", "with state of one");
    }

    @Test
    void what_a_client_of_2026_07_28_says_passes_as_it_is_but_for_its_roots_and_so_does_the_answer() {
        var client = StatelessClient.of(
                GATE, "same", "{\"elicitation\":{},\"roots\":{},\"experimental\":{\"com.example/x\":{}}}");

        assertThat(client.ask(1, "tools/list", "").body())
                .contains("\"ttlMs\":5000,\"cacheScope\":\"private\"", "x-mcp-header");
        assertThat(client.call(2, "about", "").body())
                .contains("\\\"name\\\":\\\"test\\\"", "com.example/x", "elicitation")
                .doesNotContain("roots", "sallyport");
    }

    @Test
    void clients_of_2026_07_28_in_a_process_for_everybody_hear_what_is_their_own_and_nothing_else() {
        try (var gate = RunningGate.beforeUpstream(command("refuse", "shared"))) {
            var alice = StatelessClient.of(gate, "alice");
            var bob = StatelessClient.of(gate, "bob");
            assertThat(bob.call(1, "echo", "begun").body()).contains("begun");
            var resources = "\"notifications\":{\"resourceSubscriptions\":[\"notes://1\"]}";
            var tools = "\"notifications\":{\"toolsListChanged\":true}";
            try (var hers = alice.open(alice.request(9, "subscriptions/listen", resources, ""));
                    var his = bob.open(bob.request(9, "subscriptions/listen", tools, ""));
                    var waiting = bob.open(
                            bob.request(7, "tools/call", "\"name\":\"progress\"", ",\"progressToken\":\"mine\""))) {
                hers.head();
                his.head();
                assertThat(LegacyClient.until(hers, "acknowledged")).contains("subscriptionId\":9");
                assertThat(LegacyClient.until(his, "acknowledged")).contains("toolsListChanged");

                assertThat(waiting.answer().body())
                        .containsSubsequence("\"progressToken\":\"mine\"", "\"id\":7", "\"done\"")
                        .doesNotContain("mind");
                alice.call(3, "change", "");

                assertThat(LegacyClient.until(hers, "resources/updated")).contains("subscriptionId\":9", "notes://1");
                assertThat(LegacyClient.until(his, "tools/list_changed")).contains("subscriptionId\":9");
            }
            await(() -> alice.call(4, "cancelled", "").body().contains("subscription subscription"));
        }
    }

    @Test
    void a_client_of_2024_11_05_begins_calls_and_hears() {
        try (var client = SseClient.begun(GATE, GATE.token())) {
            client.post(call(7, "echo", "old and new"));

            assertThat(client.until("old and new")).contains("\"id\":7");
        }
    }

    @Test
    void a_command_that_says_nothing_to_initialize_is_an_error_in_time() {
        try (var gate = RunningGate.beforeUpstream(command("ignore", "user") + ", limits: { start: 1s }")) {
            assertThat(new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .status())
                    .isEqualTo(504);
            // The next one is asked what it speaks before anything else.
            await(() -> new LegacyClient(gate, gate.token())
                            .begin("2025-11-25", "{}")
                            .status()
                    == 200);
        }
    }
}
