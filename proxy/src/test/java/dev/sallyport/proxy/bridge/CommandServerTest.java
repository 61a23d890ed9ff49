package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.stdio.StdioServer;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A command behind the gate, as clients of 2025 see it. */
@Timeout(120)
class CommandServerTest {

    private static final RunningGate GATE = RunningGate.beforeUpstream(command("user", ""));

    @AfterAll
    static void close() {
        GATE.close();
    }

    static String command(String process, String more) {
        return StdioServer.command().stream()
                        .map(word -> "'" + word + "'")
                        .collect(Collectors.joining(", ", "command: [", "]"))
                + ", process: " + process
                + ", environment: { LEVEL: high, OTHER: { env: KEY } }, credential: { variable: API_KEY }"
                + more;
    }

    @Test
    void streams_on_which_nothing_is_said_are_kept_from_looking_dead() {
        var client = LegacyClient.of(GATE, "waiting");
        try (var general = client.listen("");
                var running = client.open(call(1, "never", ""))) {
            assertThat(general.head().status()).isEqualTo(200);
            assertThat(LegacyClient.until(general, ": still here")).doesNotContain("jsonrpc");
            assertThat(running.head().status()).isEqualTo(200);
            assertThat(LegacyClient.until(running, ": still here")).doesNotContain("jsonrpc");
        }
    }

    @Test
    void a_session_begins_with_the_servers_own_words() {
        var client = new LegacyClient(GATE, GATE.token());

        var answer = client.begin("2025-11-25", "{}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).contains("application/json");
        assertThat(answer.header("mcp-session-id")).isPresent();
        assertThat(answer.body())
                .contains("\"id\":0", "\"protocolVersion\":\"2025-11-25\"", "\"instructions\":\"Be kind.\"");
    }

    @Test
    void a_client_of_an_older_revision_gets_its_own() {
        var answer = new LegacyClient(GATE, GATE.token()).begin("2025-03-26", "{}");

        assertThat(answer.body()).contains("\"protocolVersion\":\"2025-03-26\"");
    }

    @Test
    void a_client_of_an_unknown_revision_gets_the_servers() {
        var answer = new LegacyClient(GATE, GATE.token()).begin("2031-01-01", "{}");

        assertThat(answer.body()).contains("\"protocolVersion\":\"2025-11-25\"");
    }

    @Test
    void who_has_no_session_is_told_to_begin() {
        var answer = new LegacyClient(GATE, GATE.token()).post(call(1, "echo", "hello"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("begin with initialize");
    }

    @Test
    void a_session_of_one_person_does_not_exist_for_another() {
        var alice = LegacyClient.of(GATE, "alice");
        var mallory = alice.with(GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject("mallory")
                .sign());

        assertThat(mallory.post(call(1, "echo", "mine?")).status()).isEqualTo(404);
        assertThat(mallory.delete().status()).isEqualTo(404);
        try (var stream = mallory.listen("")) {
            assertThat(stream.head().status()).isEqualTo(404);
        }
        assertThat(alice.tool("echo", "still here")).isEqualTo("still here");
    }

    @Test
    void a_session_that_was_deleted_is_gone() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.delete().status()).isEqualTo(204);

        assertThat(client.post(call(1, "echo", "hello")).status()).isEqualTo(404);
    }

    @Test
    void one_process_serves_one_person_with_all_their_clients() {
        var one = LegacyClient.of(GATE, "alice", "one").tool("pid", "");
        var two = LegacyClient.of(GATE, "alice", "two").tool("pid", "");
        var other = LegacyClient.of(GATE, "bob", "one").tool("pid", "");

        assertThat(two).isEqualTo(one);
        assertThat(other).isNotEqualTo(one);
    }

    @Test
    void equal_ids_of_several_clients_get_their_own_answers() throws Exception {
        var one = LegacyClient.of(GATE, "alice", "one");
        var two = LegacyClient.of(GATE, "alice", "two");
        try (var threads = Executors.newFixedThreadPool(8)) {
            var answers = new ArrayList<Future<String>>();
            for (var at = 0; at < 40; at++) {
                var client = at % 2 == 0 ? one : two;
                var id = at;
                var text = "for " + at;
                answers.add(threads.submit(
                        () -> client.post(call(id / 2, "echo", text)).body()));
            }

            for (var at = 0; at < 40; at++) {
                assertThat(answers.get(at).get()).contains("\"for " + at + '"', "\"id\":" + at / 2 + "}");
            }
        }
    }

    @Test
    void a_process_gets_what_the_configuration_says_and_nothing_else() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.tool("env", "LEVEL")).isEqualTo("high");
        assertThat(client.tool("environment", "").split(","))
                .isSubsetOf(
                        "PATH",
                        "HOME",
                        "USER",
                        "LOGNAME",
                        "SHELL",
                        "LANG",
                        "LC_ALL",
                        "TZ",
                        "TMPDIR",
                        "SystemRoot",
                        "LEVEL",
                        "OTHER",
                        "API_KEY",
                        "SALLYPORT_PROCESS");
    }

    @Test
    void an_answer_that_holds_the_credential_is_not_delivered() {
        var answer = LegacyClient.of(GATE, "alice").post(call(1, "env", "API_KEY"));

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.body()).doesNotContain(RunningGate.SECRET);
    }

    @Test
    void progress_comes_under_the_clients_own_token_before_the_answer() {
        var body =
                call(7, "progress", "").replace("\"params\":{", "\"params\":{\"_meta\":{\"progressToken\":\"mine\"},");
        try (var client = LegacyClient.of(GATE, "alice").open(body)) {
            var answer = client.answer();

            assertThat(answer.header("content-type")).contains("text/event-stream");
            assertThat(answer.body())
                    .containsSubsequence("\"progressToken\":\"mine\"", "\"progress\":1", "\"done\"", "\"id\":7");
        }
    }

    @Test
    void cancelling_reaches_the_server_under_the_id_that_it_knows() {
        var client = LegacyClient.of(GATE, "cancelling");
        try (var waiting = client.open(call(5, "never", ""))) {
            var known = client.tool("received", "");
            var serverId = known.replaceAll(".*\\\\\"id\\\\\":(\\d+)[^\\n]*never.*", "$1");

            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");

            assertThat(waiting.answer().body()).contains("\"id\":5", "-32800");
            assertThat(client.post(call(6, "received", "")).body())
                    .contains("notifications/cancelled")
                    .doesNotContain("requestId\\\":5}");
            assertThat(serverId).isNotEmpty();
        }
    }

    @Test
    void a_request_of_the_server_reaches_the_client_that_is_calling_and_its_answer_goes_back() {
        var alice = LegacyClient.of(GATE, "alice", "asking");
        var other = LegacyClient.of(GATE, "alice", "idle");
        var body = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"ask\",\"arguments\":"
                + "{\"text\":\"elicitation/create\",\"params\":{\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}}}}";
        try (var stream = alice.open(body)) {
            stream.head();
            var events = LegacyClient.until(stream, "elicitation/create");
            var id = events.replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");
            var answer = "{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                    + "\",\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}";

            // Somebody else's answer is accepted and goes nowhere.
            assertThat(other.post(answer.replace("Ada", "Eve")).status()).isEqualTo(202);
            assertThat(alice.post(answer).status()).isEqualTo(202);

            assertThat(stream.chunk() + stream.chunk())
                    .contains("Ada")
                    .contains("\"id\":3")
                    .doesNotContain("Eve");
        }
    }

    @Test
    void roots_are_never_asked_of_a_client() {
        var answer = LegacyClient.of(GATE, "alice").post(call(3, "ask", "roots/list"));

        assertThat(answer.body()).contains("-32601");
    }

    @Test
    void noise_is_dropped_and_the_answer_found() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.tool("noise", "the answer")).isEqualTo("the answer");
        assertThat(client.tool("echo", "and the next")).isEqualTo("and the next");
    }

    @Test
    void a_server_that_dies_is_an_error_for_its_calls_and_starts_again() {
        var client = LegacyClient.of(GATE, "dying");
        var before = client.tool("pid", "");

        var answer = client.post(call(1, "die", ""));

        assertThat(answer.body()).contains("stopped before it answered");
        assertThat(client.tool("pid", "")).isNotEqualTo(before);
    }

    @Test
    void a_server_that_keeps_dying_is_started_less_and_less_and_says_so() {
        var client = LegacyClient.of(GATE, "dying on and on");

        var answers = IntStream.range(0, 10)
                .mapToObj(id -> client.post(call(id, "die", "")).body())
                .toList();

        assertThat(answers.subList(0, 2)).allMatch(body -> body.contains("stopped before it answered"));
        assertThat(answers.getLast()).contains("does not start; it is tried again in a moment");
    }

    @Test
    void changes_reach_the_general_stream() {
        var client = LegacyClient.of(GATE, "alice", "listening");
        try (var stream = client.listen("")) {
            assertThat(stream.head().status()).isEqualTo(200);

            client.post(call(1, "notify", "notifications/tools/list_changed"));

            var events = LegacyClient.until(stream, "list_changed");
            assertThat(events).contains("id: 0-");
        }
    }

    @Test
    void a_refused_tool_has_not_reached_the_process() {
        var token = GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:read")
                .subject("reader")
                .sign();
        var reader = new LegacyClient(GATE, token);
        reader.begin("2025-11-25", "{}");

        assertThat(reader.post(call(1, "echo", "SECRET-WORD")).status()).isEqualTo(403);

        var all = new LegacyClient(
                GATE,
                GATE.authorizationServer()
                        .token(RunningGate.RESOURCE)
                        .scope("notes:all")
                        .subject("reader")
                        .sign());
        all.begin("2025-11-25", "{}");
        assertThat(all.post(call(2, "received", "")).body()).doesNotContain("SECRET-WORD");
    }

    @Test
    void a_client_whose_connection_broke_gets_the_rest_after_its_last_event() {
        var client = LegacyClient.of(GATE, "alice", "resuming");
        var body = call(9, "ask", "elicitation/create");
        String lastId;
        String question;
        try (var stream = client.open(body)) {
            stream.head();
            var events = LegacyClient.until(stream, "elicitation/create");
            lastId = events.replaceAll("(?s).*id: (\\d+-\\d+)\n.*", "$1");
            question = events.replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");
        }
        client.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + question + "\",\"result\":{\"action\":\"decline\"}}");

        try (var resumed = client.listen("\nLast-Event-ID: " + lastId)) {
            assertThat(resumed.answer().body()).contains("decline", "\"id\":9");
        }
    }

    @Test
    void a_batch_of_2025_03_26_is_answered_one_by_one() {
        var client = new LegacyClient(GATE, GATE.token());
        client.begin("2025-03-26", "{}");

        var answer = client.post("[" + call(1, "echo", "one") + "," + call(2, "echo", "two")
                + ",{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]");

        assertThat(answer.header("content-type")).contains("text/event-stream");
        assertThat(answer.body()).contains("\"one\"", "\"id\":1", "\"two\"", "\"id\":2");
    }

    @Test
    void a_batch_of_any_other_revision_is_refused() {
        var answer = LegacyClient.of(GATE, "alice").post("[" + call(1, "echo", "one") + "]");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("batches exist in 2025-03-26 only");
    }
}
