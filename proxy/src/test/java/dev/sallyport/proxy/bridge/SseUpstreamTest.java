package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.SseServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server of the HTTP+SSE transport behind the gate, as clients of 2025 see it. */
@Timeout(120)
class SseUpstreamTest {

    private static final SseServer SERVER = SseServer.start();
    private static final RunningGate GATE = before(SERVER);

    @AfterAll
    static void close() {
        GATE.close();
        SERVER.close();
    }

    private static RunningGate before(SseServer server) {
        return RunningGate.beforeUpstream("sse: \"" + server.url() + '"');
    }

    @Test
    void a_session_begins_with_the_servers_own_words() {
        var client = new LegacyClient(GATE, GATE.token());

        var answer = client.begin("2025-11-25", "{}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("mcp-session-id")).isPresent();
        assertThat(answer.body()).contains("\"id\":0", "\"instructions\":\"Be kind.\"");
        assertThat(client.tool("echo", "hello")).isEqualTo("hello");
    }

    @Test
    void every_request_carries_the_credential_and_nothing_of_the_client() {
        try (var server = SseServer.start();
                var gate = before(server)) {
            LegacyClient.of(gate, "alice").tool("echo", "hello");

            assertThat(server.received()).extracting(Received::method).containsExactly("GET", "POST", "POST", "POST");
            assertThat(server.received())
                    .allSatisfy(
                            request -> assertThat(request.header("x-api-key")).contains(RunningGate.SECRET))
                    .allSatisfy(request -> assertThat(request.headers())
                            .doesNotContainKeys("authorization", "mcp-session-id", "cookie", "x-forwarded-for"));
        }
    }

    @Test
    void each_session_has_a_stream_of_its_own_and_the_stream_ends_with_it() {
        try (var server = SseServer.start();
                var gate = before(server)) {
            var one = LegacyClient.of(gate, "alice");
            var two = LegacyClient.of(gate, "alice");
            assertThat(server.open()).isEqualTo(2);

            one.delete();

            await(() -> server.open() == 1);
            assertThat(two.tool("echo", "still here")).isEqualTo("still here");
        }
    }

    @Test
    void all_streams_end_with_the_proxy() {
        try (var server = SseServer.start()) {
            try (var gate = before(server)) {
                LegacyClient.of(gate, "alice");
                LegacyClient.of(gate, "bob");
            }

            await(() -> server.open() == 0);
        }
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
    void progress_comes_under_the_clients_own_token_before_the_answer() {
        var body =
                call(7, "progress", "").replace("\"params\":{", "\"params\":{\"_meta\":{\"progressToken\":\"mine\"},");
        try (var client = LegacyClient.of(GATE, "alice").open(body)) {
            assertThat(client.answer().body())
                    .containsSubsequence("\"progressToken\":\"mine\"", "\"progress\":1", "\"done\"", "\"id\":7");
        }
    }

    @Test
    void cancelling_reaches_the_server_under_the_id_that_it_knows() {
        var client = LegacyClient.of(GATE, "cancelling");
        try (var waiting = client.open(call(5, "never", ""))) {
            await(() -> client.post(call(2, "received", "")).body().contains("never"));

            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");

            assertThat(waiting.answer().body()).contains("\"id\":5", "-32800");
            await(() -> client.post(call(6, "received", "")).body().contains("notifications/cancelled"));
            assertThat(client.post(call(6, "received", "")).body()).doesNotContain("requestId\\\":5}");
        }
    }

    @Test
    void a_request_of_the_server_reaches_the_client_and_its_answer_goes_back() {
        var alice = LegacyClient.of(GATE, "alice", "asking");
        var body = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"ask\",\"arguments\":"
                + "{\"text\":\"elicitation/create\",\"params\":{\"message\":\"Who?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{}}}}}}";
        try (var stream = alice.open(body)) {
            stream.head();
            var events = LegacyClient.until(stream, "elicitation/create");
            var id = events.replaceAll("(?s).*\"id\":\"(sallyport-\\d+)\".*", "$1");

            alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + id
                    + "\",\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");

            assertThat(LegacyClient.until(stream, "\"id\":3")).contains("Ada");
        }
    }

    @Test
    void changes_reach_the_general_stream_of_their_own_session_only() {
        var client = LegacyClient.of(GATE, "alice", "listening");
        var other = LegacyClient.of(GATE, "bob", "listening");
        try (var stream = client.listen("");
                var others = other.listen("")) {
            stream.head();
            others.head();

            client.post(call(1, "notify", "notifications/tools/list_changed"));
            other.post(call(1, "notify", "notifications/resources/list_changed"));

            assertThat(LegacyClient.until(stream, "tools/list_changed")).contains("id: 0-");
            assertThat(LegacyClient.until(others, "resources/list_changed")).doesNotContain("tools/list_changed");
        }
    }

    @Test
    void noise_is_dropped_and_the_answer_found() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.tool("noise", "the answer")).isEqualTo("the answer");
        assertThat(client.tool("echo", "and the next")).isEqualTo("and the next");
    }

    @Test
    void a_message_that_is_too_long_costs_its_own_call_and_no_other() {
        var client = LegacyClient.of(GATE, "alice");

        assertThat(client.post(call(1, "huge", "100000000")).body()).contains("\"id\":1", "too large");
        assertThat(client.post(call(2, "huge", "1000")).body()).contains("xxxx");
    }

    @Test
    void a_stream_that_breaks_off_is_an_error_for_its_calls_and_the_client_begins_anew() throws IOException {
        try (var server = SseServer.start();
                var gate = before(server)) {
            var client = LegacyClient.of(gate, "alice");
            try (var waiting = client.open(call(5, "never", ""))) {
                await(() -> client.post(call(2, "received", "")).body().contains("never"));

                server.drop();

                assertThat(waiting.answer().body()).contains("\"id\":5", "stopped before it answered");
            }
            assertThat(client.post(call(6, "echo", "hello")).status()).isEqualTo(404);
            assertThat(LegacyClient.of(gate, "alice").tool("echo", "again")).isEqualTo("again");
        }
    }

    @Test
    void who_floods_ends_up_alone() throws IOException {
        try (var server = SseServer.start();
                var gate = before(server)) {
            var client = LegacyClient.of(gate, "alice");
            var flood = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n"
                    .repeat(10_000)
                    .getBytes(StandardCharsets.UTF_8);
            for (var rounds = 0; rounds < 20; rounds++) {
                server.say(flood);
            }

            assertThat(client.tool("echo", "through")).isEqualTo("through");
            assertThat(LegacyClient.of(gate, "bob").tool("echo", "hello")).isEqualTo("hello");
        }
    }
}
