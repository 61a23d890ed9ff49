package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.testkit.upstream.StreamableServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of 2026-07-28 at servers of Streamable HTTP as it was in 2025, and at commands. */
@Timeout(120)
class StatelessClientTest {

    private static final StreamableServer SERVER = StreamableServer.start();
    private static final RunningGate URL = RunningGate.before(SERVER.url());
    private static final RunningGate COMMAND = RunningGate.beforeUpstream(CommandServerTest.command("user", ""));
    private static final RunningGate SHARED = RunningGate.beforeUpstream(CommandServerTest.command("shared", ""));

    @AfterAll
    static void close() {
        URL.close();
        COMMAND.close();
        SHARED.close();
        SERVER.close();
    }

    private static RunningGate gate(String kind) {
        return switch (kind) {
            case "url" -> URL;
            case "command" -> COMMAND;
            default -> SHARED;
        };
    }

    private static String state(RawAnswer answer) {
        return answer.body().replaceAll("(?s).*\"requestState\":\"([^\"]*)\".*", "$1");
    }

    private static String question(RawAnswer answer) {
        return answer.body().replaceAll("(?s).*\"inputRequests\":\\{\"([^\"]*)\".*", "$1");
    }

    private static String back(String name, String response, String state) {
        return ",\"inputResponses\":{\"" + name + "\":" + response + "},\"requestState\":\"" + state + '"';
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "command", "shared"})
    void the_server_is_discovered_from_what_it_says_when_it_begins(String kind) {
        var answer = StatelessClient.of(gate(kind), "alice").ask(1, "server/discover", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .contains(
                        "\"resultType\":\"complete\"",
                        "\"supportedVersions\":[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\"",
                        "\"ttlMs\":0",
                        "\"cacheScope\":\"private\"",
                        "\"instructions\":\"Be kind.\"",
                        "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"stdio\"",
                        "\"tools\":{\"listChanged\":true}")
                .doesNotContain("tasks", "protocolVersion");
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "command", "shared"})
    void calls_and_lists_are_answered_in_the_clients_words(String kind) {
        var client = StatelessClient.of(gate(kind), "alice");

        assertThat(client.call(7, "echo", "hello").body())
                .contains("\"id\":7", "\"resultType\":\"complete\"", "hello")
                .doesNotContain("ttlMs");
        assertThat(client.ask(8, "tools/list", "").body())
                .contains(
                        "\"id\":8", "\"resultType\":\"complete\"", "\"ttlMs\":0", "\"cacheScope\":\"private\"", "echo");
    }

    @Test
    void an_older_server_hears_nothing_of_what_it_does_not_know() {
        var body = StatelessClient.of(COMMAND, "frank").call(7, "received", "").body();

        assertThat(body)
                .contains("initialize", "tools/call")
                .doesNotContain("io.modelcontextprotocol", "server/discover", "roots");
    }

    @ParameterizedTest
    @CsvSource({
        "initialize, 404, -32601",
        "ping, 404, -32601",
        "logging/setLevel, 404, -32601",
        "tasks/list, 40, -32601",
    })
    void what_2026_took_away_is_not_there(String method, String status, String code) {
        var answer = StatelessClient.of(SHARED, "alice").ask(7, method, "");

        assertThat(Integer.toString(answer.status())).startsWith(status.substring(0, 2));
        assertThat(answer.body()).containsAnyOf(code, "403");
    }

    @Test
    void a_revision_that_nobody_knows_yet_gets_the_error_from_which_clients_recover() {
        var client = StatelessClient.of(COMMAND, "alice");
        var answer = client.post(client.request(7, "tools/list", "", "").replace("2026-07-28", "2031-01-01"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .contains("-32022", "\"supported\":[\"2026-07-28\"", "\"requested\":\"2031-01-01\"", "\"id\":7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "command"})
    void progress_comes_under_the_clients_own_token(String kind) {
        var client = StatelessClient.of(gate(kind), "alice");
        var body = client.request(
                7, "tools/call", "\"name\":\"progress\",\"arguments\":{}", ",\"progressToken\":\"mine\"");
        try (var stream = client.open(body)) {
            assertThat(stream.answer().body())
                    .containsSubsequence("\"progressToken\":\"mine\"", "\"progress\":1", "\"id\":7", "\"done\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "url, elicitation/create",
        "url, sampling/createMessage",
        "url, roots/list",
        "command, elicitation/create",
        "command, sampling/createMessage",
    })
    void what_the_server_asks_comes_as_input_required_and_the_answer_goes_into_the_waiting_call(
            String kind, String method) {
        var client = StatelessClient.of(gate(kind), "bob");

        var first = client.call(1, "ask", method);

        assertThat(first.body())
                .contains("\"id\":1", "\"resultType\":\"input_required\"", "\"method\":\"" + method + '"')
                .contains("\"requestState\":\"sallyport2.");
        var second =
                client.post(client.tool(2, "ask", method, back(question(first), "{\"it\":\"is so\"}", state(first))));

        assertThat(second.body()).contains("\"id\":2", "\"resultType\":\"complete\"", "is so");
    }

    @Test
    void an_answer_counts_once_and_for_its_own_call_and_principal() {
        var bob = StatelessClient.of(URL, "bob");
        var first = bob.call(1, "ask", "elicitation/create");
        var answer = back(question(first), "{\"action\":\"accept\"}", state(first));

        var stranger = StatelessClient.of(URL, "mallory");
        assertThat(stranger.post(stranger.tool(2, "ask", "elicitation/create", answer))
                        .body())
                .contains("-32602", "Call again without it");
        assertThat(bob.post(bob.tool(3, "ask", "sampling/createMessage", answer))
                        .body())
                .contains("-32602");
        assertThat(bob.post(bob.tool(4, "ask", "elicitation/create", answer.replace("sallyport2.", "sallyport2.A")))
                        .body())
                .contains("-32602");

        assertThat(bob.post(bob.tool(5, "ask", "elicitation/create", answer)).body())
                .contains("\"id\":5", "accept");
        assertThat(bob.post(bob.tool(6, "ask", "elicitation/create", answer)).body())
                .contains("-32602");
    }

    @Test
    void a_hundred_questions_may_wait_and_two_hundred_requests_of_one_persons_client_and_nobody_else_notices() {
        var heidi = StatelessClient.of(COMMAND, "heidi");
        var waiting = new ArrayList<RawAnswer>();
        for (var call = 1; call <= 100; call++) {
            waiting.add(heidi.call(call, "ask", "elicitation/create"));
        }
        assertThat(waiting).allMatch(answer -> answer.body().contains("input_required"));
        assertThat(heidi.call(101, "ask", "elicitation/create").body())
                .contains("Too many requests are waiting for an answer");
        var streams = new ArrayList<RawClient>();
        try {
            for (var stream = 1; stream <= 100; stream++) {
                var open = heidi.open(heidi.request(
                        1000 + stream, "subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}", ""));
                streams.add(open);
                assertThat(open.head().status()).isEqualTo(200);
            }

            var refused = heidi.call(102, "echo", "one more");

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isPresent();
            assertThat(StatelessClient.of(COMMAND, "ivan")
                            .call(1, "echo", "hello")
                            .body())
                    .contains("hello");
        } finally {
            streams.forEach(RawClient::close);
        }
        var first = waiting.getFirst();
        assertThat(heidi.post(heidi.tool(
                                103, "ask", "elicitation/create", back(question(first), "{\"it\":1}", state(first))))
                        .body())
                .contains("\"id\":103", "complete");
        await(() -> heidi.call(104, "echo", "room again").body().contains("room again"));
    }

    @Test
    void a_client_that_comes_back_without_the_answer_is_asked_again() {
        var bob = StatelessClient.of(URL, "bob");
        var first = bob.call(1, "ask", "elicitation/create");

        var second = bob.post(bob.tool(2, "ask", "elicitation/create", back("other", "{}", state(first))));

        assertThat(second.body()).contains("input_required", '"' + question(first) + '"');
        assertThat(state(second)).isNotEqualTo(state(first));
        assertThat(bob.post(bob.tool(
                                3,
                                "ask",
                                "elicitation/create",
                                back(question(second), "{\"action\":\"decline\"}", state(second))))
                        .body())
                .contains("decline");
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "command"})
    void a_client_that_can_answer_nothing_is_asked_nothing(String kind) {
        assertThat(StatelessClient.of(gate(kind), "carol", "{}")
                        .call(3, "ask", "elicitation/create")
                        .body())
                .contains("\"id\":3", "\"resultType\":\"complete\"", "-32601");
    }

    @Test
    void a_call_whose_server_was_started_anew_says_so() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var client = StatelessClient.of(gate, "dave");
            var first = client.call(1, "ask", "elicitation/create");
            client.call(2, "die", "");

            var second =
                    client.post(client.tool(3, "ask", "elicitation/create", back(question(first), "{}", state(first))));

            assertThat(second.body()).contains("\"error\"", "stopped before it answered");
        }
        try (var anew = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var client = StatelessClient.of(anew, "dave");
            assertThat(client.post(client.tool(
                                    3, "ask", "elicitation/create", back("sallyport-1", "{}", "sallyport2.QUJD")))
                            .body())
                    .contains("started anew", "Call again without it");
        }
    }

    /** A call waits where its server's pipe is: another node says so, and loses nothing by it. */
    @Test
    void an_answer_at_another_node_is_told_to_call_again_and_counts_where_the_call_waits() {
        var store = new MemoryStore();
        var server = CommandServerTest.command("user", "");
        try (var here = RunningGate.beforeUpstream(server, store);
                var there = RunningGate.beside(here, server, store)) {
            var client = StatelessClient.of(here, "erin");
            var first = client.call(1, "ask", "elicitation/create");
            var answer =
                    client.tool(2, "ask", "elicitation/create", back(question(first), "{\"it\":\"is\"}", state(first)));

            var elsewhere = client.at(there).post(answer);

            assertThat(elsewhere.status()).isEqualTo(400);
            assertThat(elsewhere.body()).contains("-32602", "no call waits", "Call again without it");
            assertThat(client.at(there).call(3, "echo", "anew").body()).contains("anew");
            assertThat(client.post(answer).body()).contains("\"id\":2", "complete", "is");
        }
    }

    @Test
    void changes_come_on_a_stream_that_says_what_it_listens_to() {
        var client = StatelessClient.of(URL, "erin");
        var filter = "\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true,"
                + "\"resourceSubscriptions\":[\"notes://1\"]}";
        try (var stream = client.open(client.request(9, "subscriptions/listen", filter, ""))) {
            stream.head();
            assertThat(LegacyClient.until(stream, "acknowledged"))
                    .contains(
                            "\"io.modelcontextprotocol/subscriptionId\":9",
                            "\"toolsListChanged\":true",
                            "\"resourceSubscriptions\":[\"notes://1\"]")
                    .doesNotContain("promptsListChanged");

            client.call(1, "notify", "notifications/tools/list_changed");

            assertThat(LegacyClient.until(stream, "tools/list_changed"))
                    .contains("\"io.modelcontextprotocol/subscriptionId\":9");
        }
    }

    @Test
    void log_messages_come_only_with_a_request_that_asks_for_them() {
        var client = StatelessClient.of(COMMAND, "grace");
        var params = "\"name\":\"notify\",\"arguments\":{\"text\":\"notifications/message\","
                + "\"params\":{\"level\":\"warning\",\"data\":\"beware\"}}";

        assertThat(client.ask(1, "tools/call", params).body()).doesNotContain("beware");
        assertThat(client.post(client.request(
                                2, "tools/call", params, ",\"io.modelcontextprotocol/logLevel\":\"info\""))
                        .body())
                .contains("beware", "\"id\":2");
        assertThat(client.post(client.request(
                                3, "tools/call", params, ",\"io.modelcontextprotocol/logLevel\":\"error\""))
                        .body())
                .doesNotContain("beware");
        assertThat(client.post(client.request(
                                4, "tools/call", params, ",\"io.modelcontextprotocol/logLevel\":\"loud\""))
                        .body())
                .contains("-32602");
    }

    @Test
    void a_server_that_forgot_its_session_is_begun_with_anew() {
        try (var server = StreamableServer.start();
                var gate = RunningGate.before(server.url())) {
            var client = StatelessClient.of(gate, "alice");
            assertThat(client.call(1, "echo", "one").body()).contains("one");

            server.forget();
            client.call(2, "echo", "two");

            StatelessClientTest.await(
                    () -> client.call(3, "echo", "three").body().contains("three"));
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        for (var attempt = 0; attempt < 600; attempt++) {
            if (condition.getAsBoolean()) {
                return;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(100_000_000L);
        }
        throw new AssertionError("it did not happen");
    }
}
