package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that hold on to what they do not use: each is bounded, and others are served meanwhile. */
@Timeout(120)
class LimitsTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
    private static final String METADATA =
            "GET /.well-known/oauth-protected-resource/notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST;

    private final ScriptedServer upstream = ScriptedServer.answering(RESULT);

    @AfterEach
    void close() {
        upstream.close();
    }

    @Test
    void a_connection_over_the_limit_is_closed_and_those_below_it_are_served() {
        try (var gate = gate("connections: 2")) {
            try (var first = RawClient.connect(gate.port());
                    var second = RawClient.connect(gate.port())) {
                assertThat(first.send(METADATA, "").answer().status()).isEqualTo(200);
                assertThat(second.send(METADATA, "").answer().status()).isEqualTo(200);

                assertThat(gate.raw(METADATA).status()).isZero();

                assertThat(first.send(METADATA, "").answer().status()).isEqualTo(200);
            }

            Eventually.holds("room for another", () -> gate.raw(METADATA).status() == 200);
        }
    }

    @Test
    void a_client_that_connects_and_says_nothing_is_closed() {
        try (var gate = gate("firstRequest: 300ms");
                var silent = RawClient.connect(gate.port())) {
            assertThat(silent.isClosed()).isTrue();
            assertThat(gate.call(CALL).status()).isEqualTo(200);
        }
    }

    @Test
    void a_client_that_never_ends_the_head_of_its_first_request_is_closed() {
        try (var gate = gate("firstRequest: 500ms");
                var slow = RawClient.connect(gate.port())) {
            slow.raw("POST /notes/mcp HTTP/1.1\r\nHost: " + RunningGate.HOST + "\r\nX-Slow: ");
            assertThat(gate.call(CALL).status()).as("others").isEqualTo(200);

            assertThat(slow.isClosed()).isTrue();
        }
    }

    @Test
    void a_client_that_never_ends_the_head_of_a_later_request_is_closed() {
        try (var gate = gate("betweenRequests: 500ms");
                var slow = RawClient.connect(gate.port())) {
            assertThat(slow.send(gate.post(CALL), CALL).answer().status()).isEqualTo(200);
            slow.raw("POST /notes/mcp HTTP/1.1\r\nHost: " + RunningGate.HOST + "\r\nX-Slow: ");
            assertThat(gate.call(CALL).status()).as("others").isEqualTo(200);

            assertThat(slow.isClosed()).isTrue();
        }
    }

    @Test
    void a_stream_may_be_silent_for_longer_than_a_connection_without_a_request() {
        var quiet = new CountDownLatch(1);
        upstream.script((_, wire) -> {
            wire.events();
            // Long enough for every watch over idle connections to have looked several times.
            assertThat(quiet.await(2, TimeUnit.SECONDS)).isFalse();
            wire.event("{\"n\":1}").end();
        });
        try (var gate = gate("firstRequest: 200ms, betweenRequests: 200ms");
                var client = RawClient.connect(gate.port()).send(gate.post(CALL), CALL)) {
            assertThat(client.answer().body()).isEqualTo("data: {\"n\":1}\n\n");
        }
    }

    @Test
    void a_body_that_comes_too_slowly_is_a_408_and_the_end_of_the_connection() {
        try (var gate = gate("bodyTime: 300ms");
                var slow = RawClient.connect(gate.port())) {
            slow.send(gate.post(CALL), CALL.substring(0, 10));
            assertThat(gate.call(CALL).status()).as("others").isEqualTo(200);

            var answer = slow.answer();

            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.header("connection")).contains("close");
            assertThat(slow.isClosed()).isTrue();
        }
    }

    @Test
    void bodies_together_have_a_limit_that_is_free_again_when_their_calls_have_ended() {
        var large = CALL.replace("get_note\"", "get_note\",\"arguments\":{\"text\":\"" + "x".repeat(6_000) + "\"}");
        var answered = new CountDownLatch(1);
        upstream.script((_, wire) -> {
            answered.await();
            wire.json(200, RESULT);
        });
        try (var gate = gate("body: 8KiB, bodies: 8KiB");
                var holder = RawClient.connect(gate.port()).send(gate.post(large), large)) {
            Eventually.holds("the call is upstream", () -> !upstream.received().isEmpty());
            assertThat(gate.call(large).status()).isEqualTo(503);

            answered.countDown();
            assertThat(holder.answer().status()).isEqualTo(200);

            for (var again = 0; again < 5; again++) {
                Eventually.holds("room again", () -> gate.call(large).status() == 200);
            }
        }
    }

    @Test
    void streams_that_are_open_when_the_process_stops_end_in_good_order() {
        upstream.script((_, wire) -> {
            wire.events().event("{\"n\":1}");
            wire.awaitHangUp();
        });
        try (var gate = gate("shutdown: 100ms");
                var stream = RawClient.connect(gate.port()).send(gate.post(CALL), CALL);
                var waiting = RawClient.connect(gate.port()).send(gate.post(CALL), CALL)) {
            stream.head();
            assertThat(stream.chunk()).isEqualTo("data: {\"n\":1}\n\n");
            waiting.head();

            // Closing the gate fails if anything was thrown on the way; "Response has already been written" was.
            gate.stop();

            assertThat(stream.chunk()).contains("\"id\":1,\"error\":");
            assertThat(stream.chunk()).isEmpty();
        }
    }

    @Test
    void calls_that_are_still_waiting_when_the_process_stops_get_an_answer() {
        var arrived = new CountDownLatch(1);
        upstream.script((_, wire) -> {
            arrived.countDown();
            wire.awaitHangUp();
        });
        try (var gate = gate("shutdown: 100ms");
                var waiting = RawClient.connect(gate.port()).send(gate.post(CALL), CALL)) {
            Eventually.holds("the call is upstream", () -> arrived.getCount() == 0);

            gate.stop();

            assertThat(waiting.answer().status()).isEqualTo(504);
        }
    }

    private RunningGate gate(String limits) {
        return RunningGate.before(upstream.url("/mcp"), "limits: { " + limits + " }");
    }
}
