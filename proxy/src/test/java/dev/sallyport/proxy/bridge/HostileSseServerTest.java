package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.Tools;
import dev.sallyport.testkit.upstream.Wire;
import dev.sallyport.testkit.wire.RawAnswer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers of the HTTP+SSE transport that lead elsewhere, stall, or answer what nobody expects. */
@Timeout(120)
class HostileSseServerTest {

    private static final String QUICK = "limits: { firstByte: 2s }";

    @ParameterizedTest
    @ValueSource(strings = {"%s/stolen", "//%s/stolen", "http://127.0.0.1@%s/stolen"})
    void an_address_of_another_origin_gets_nothing(String address) {
        try (var thief = ScriptedServer.answering("{}");
                var server = ScriptedServer.start((_, wire) -> {
                    var there = address.startsWith("%s")
                            ? address.replace("%s", thief.url("").toString())
                            : address.replace("%s", thief.url("").getRawAuthority());
                    wire.events().chunk("event: endpoint\ndata: " + there + "\n\n");
                    wire.awaitHangUp();
                })) {
            assertThat(begin(server)).satisfies(answer -> {
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.body()).contains("own origin").doesNotContain("stolen");
            });
            assertThat(thief.received()).isEmpty();
        }
    }

    @Test
    void a_second_address_does_not_count() {
        try (var server = ScriptedServer.start(new Answering("/first", "event: endpoint\ndata: /second\n\n", 202));
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url("/sse") + '"')) {
            LegacyClient.of(gate, "alice").tool("echo", "hello");

            assertThat(server.received()).extracting(Received::target).doesNotContain("/second");
        }
    }

    @ParameterizedTest
    @CsvSource({"200, text/html, 502", "404, text/plain, 502", "503, text/event-stream, 502", "405, text/html, 502"})
    void what_is_no_event_stream_is_an_error(int status, String type, int expected) {
        try (var server = ScriptedServer.start((_, wire) -> wire.answer(status, type, "secret words"))) {
            var answer = begin(server);

            assertThat(answer.status()).isEqualTo(expected);
            assertThat(answer.body()).doesNotContain("secret words");
        }
    }

    @Test
    void a_redirect_is_not_followed() {
        try (var thief = ScriptedServer.answering("{}");
                var server = ScriptedServer.start(
                        (_, wire) -> wire.answer(307, "text/plain", "", "Location: " + thief.url("/sse")))) {
            assertThat(begin(server).body()).contains("redirect");
            assertThat(thief.received()).isEmpty();
        }
    }

    @Test
    void a_credential_that_is_not_accepted_is_said_to_be_so_and_its_challenge_stays_here() {
        try (var server = ScriptedServer.start((_, wire) ->
                wire.answer(401, "text/plain", "", "WWW-Authenticate: Bearer resource_metadata=\"https://evil\""))) {
            var answer = begin(server);

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("www-authenticate")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n", ""})
    void who_never_begins_to_answer_is_given_up_in_time(String start) {
        try (var server = ScriptedServer.start((_, wire) -> wire.raw(start).awaitHangUp())) {
            assertThat(begin(server).status()).isEqualTo(504);
        }
    }

    @Test
    void who_never_says_where_messages_go_is_given_up_in_time() {
        try (var server = ScriptedServer.start((_, wire) -> {
            wire.events().chunk(": wait\n\ndata: {}\n\n");
            wire.awaitHangUp();
        })) {
            assertThat(begin(server).status()).isEqualTo(504);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 500, 302})
    void a_message_that_is_not_taken_is_an_error_for_its_call(int status) {
        var answering = new Answering("/messages", "", 202);
        try (var server = ScriptedServer.start(answering);
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url("/sse") + '"')) {
            var client = LegacyClient.of(gate, "alice");
            answering.status = status;

            assertThat(client.post(call(1, "echo", "hello")).body()).contains("\"id\":1", "status " + status);

            answering.status = 202;
            assertThat(client.tool("echo", "again")).isEqualTo("again");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 404})
    void who_does_not_know_the_session_any_more_is_not_asked_again(int status) {
        var answering = new Answering("/messages", "", 202);
        try (var server = ScriptedServer.start(answering);
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url("/sse") + '"')) {
            var client = LegacyClient.of(gate, "alice");
            answering.status = status;

            assertThat(client.post(call(1, "echo", "hello")).body()).contains("\"id\":1", "error");

            answering.status = 202;
            assertThat(client.post(call(2, "echo", "hello")).status()).isEqualTo(404);
            assertThat(LegacyClient.of(gate, "alice").tool("echo", "again")).isEqualTo("again");
        }
    }

    @Test
    void who_answers_a_post_only_after_the_work_holds_up_no_other_request() {
        var answering = new Answering("/messages", "", 202);
        try (var server = ScriptedServer.start(answering);
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url("/sse") + '"')) {
            var client = LegacyClient.of(gate, "alice");
            try (var waiting = client.open(call(5, "never", ""))) {
                assertThat(client.tool("echo", "meanwhile")).isEqualTo("meanwhile");
                assertThat(client.tool("echo", "and again")).isEqualTo("and again");
                answering.never.countDown();
                assertThat(waiting).isNotNull();
            }
        }
    }

    private static RawAnswer begin(ScriptedServer server) {
        try (var gate = RunningGate.beforeUpstream("sse: \"" + server.url("/sse") + '"', QUICK)) {
            return new LegacyClient(gate, gate.token()).begin("2025-11-25", "{}");
        }
    }

    /** A server that works, but answers POSTs with a status of the test's choice; calls of {@code never} are not answered. */
    private static final class Answering implements ScriptedServer.Script {
        private final String endpoint;
        private final String further;
        private final CountDownLatch never = new CountDownLatch(1);
        private final AtomicReference<Tools> tools = new AtomicReference<>(new Tools(_ -> {}));
        private volatile int status;

        private Answering(String endpoint, String further, int status) {
            this.endpoint = endpoint;
            this.further = further;
            this.status = status;
        }

        @Override
        public void answer(Received request, Wire wire) throws IOException, InterruptedException {
            if (request.method().equals("GET")) {
                wire.events().chunk("event: endpoint\ndata: " + endpoint + "\n\n" + further);
                tools.set(
                        new Tools(message -> wire.event(new String(message, java.nio.charset.StandardCharsets.UTF_8))));
                wire.awaitHangUp();
                return;
            }
            if (request.body().contains("\"never\"")) {
                never.await();
            }
            wire.answer(status, "text/plain", "words");
            if (status == 202) {
                tools.get().take(request.body());
            }
        }
    }
}
