package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.upstream.Outcome;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that take their time, and sides that go away in the middle. Nothing may hang, nothing may stay open. */
@Timeout(60)
class StreamingTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String PROGRESS =
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1,\"progressToken\":1}}";

    private static final ScriptedServer UPSTREAM = ScriptedServer.answering("{}");
    private static final RunningGate GATE = RunningGate.before(
            UPSTREAM.url("/mcp"),
            "limits: { firstByte: 1s, connect: 1s, idleStream: 2s, body: 100KiB, headers: 8KiB }");

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
    }

    @Test
    void events_arrive_one_by_one_before_the_stream_ends() {
        var more = new CountDownLatch(1);
        UPSTREAM.script((_, wire) -> {
            wire.events().event("{\"n\":1}");
            await(more);
            wire.event("{\"n\":2}").end();
        });

        try (var client = RawClient.connect(GATE.port()).send(GATE.post(CALL), CALL)) {
            var head = client.head();
            var first = client.chunk();
            more.countDown();

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("content-type")).contains("text/event-stream");
            assertThat(head.header("x-accel-buffering")).contains("no");
            assertThat(first).isEqualTo("data: {\"n\":1}\n\n");
            assertThat(client.chunk()).isEqualTo("data: {\"n\":2}\n\n");
            assertThat(client.chunk()).isEmpty();
        }
    }

    @Test
    void the_head_of_a_stream_arrives_before_its_first_event() {
        var more = new CountDownLatch(1);
        UPSTREAM.script((_, wire) -> {
            wire.events();
            await(more);
            wire.end();
        });

        try (var client = RawClient.connect(GATE.port()).send(GATE.post(CALL), CALL)) {
            assertThat(client.head().status()).isEqualTo(200);
            more.countDown();
        }
    }

    @Test
    void a_client_that_hangs_up_ends_the_request_upstream_at_once() throws Exception {
        var gone = new CountDownLatch(1);
        UPSTREAM.script((_, wire) -> {
            wire.events().event(PROGRESS);
            wire.awaitHangUp();
            gone.countDown();
        });

        var client = RawClient.connect(GATE.port()).send(GATE.post(CALL), CALL);
        client.head();
        client.chunk();
        client.close();

        assertThat(gone.await(2, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_client_that_hangs_up_before_the_answer_ends_the_request_upstream_too() throws Exception {
        var arrived = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        UPSTREAM.script((_, wire) -> {
            arrived.countDown();
            wire.awaitHangUp();
            gone.countDown();
        });

        var client = RawClient.connect(GATE.port()).send(GATE.post(CALL), CALL);
        await(arrived);
        client.close();

        assertThat(gone.await(1, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void an_upstream_that_says_nothing_is_a_504_and_its_connection_is_closed() {
        var gone = new CountDownLatch(1);
        UPSTREAM.script((_, wire) -> {
            wire.awaitHangUp();
            gone.countDown();
        });

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.body()).contains("\"id\":\"a\"").contains("took too long");
        await(gone);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense\r\n\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"jsonrpc\"",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n{}",
                "SSH-2.0-OpenSSH_9.9\r\n",
            })
    void an_upstream_that_breaks_off_or_speaks_nonsense_is_a_502(String bytes) {
        UPSTREAM.script((_, wire) -> {
            wire.raw(bytes);
            throw new java.io.IOException("script: hang up");
        });

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isBetween(502, 504);
        assertThat(answer.body()).startsWith("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":");
    }

    @Test
    void an_upstream_that_is_down_is_a_502() {
        try (var gate = RunningGate.before(java.net.URI.create("http://127.0.0.1:1/mcp"))) {
            var answer = gate.call(CALL);

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.body()).contains("cannot be reached");
        }
    }

    @Test
    void a_stream_that_breaks_off_ends_with_an_error_for_the_waiting_request() {
        UPSTREAM.script((_, wire) -> {
            wire.events().chunk("data: {\"half\":");
            throw new java.io.IOException("script: hang up");
        });

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":");
    }

    @Test
    void a_stream_that_can_be_resumed_ends_without_an_error_when_it_breaks_off() {
        UPSTREAM.script((_, wire) -> {
            wire.events().chunk("id: 1\ndata:\n\n");
            throw new java.io.IOException("script: hang up");
        });

        var answer = GATE.call(CALL);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("error");
    }

    @Test
    void a_silent_stream_is_ended_when_its_time_is_over() {
        UPSTREAM.script((_, wire) -> {
            wire.events().event(PROGRESS);
            wire.awaitHangUp();
        });

        assertThat(GATE.call(CALL).body()).contains("broke off");
    }

    @Test
    void half_a_large_json_text_never_looks_like_a_whole_one() {
        UPSTREAM.script((_, wire) -> {
            wire.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .chunk("{".repeat(20_000));
            throw new java.io.IOException("script: hang up");
        });

        try (var client = RawClient.connect(GATE.port()).send(GATE.post(CALL), CALL)) {
            assertThat(client.head().status()).isEqualTo(200);
            while (!client.chunk().isEmpty()) {
                // What came before the break.
            }
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void a_body_over_the_limit_is_a_413_announced_or_not() {
        var large = "x".repeat(200_000);
        var chunked = GATE.post("").replaceFirst("Content-Length: 0", "Transfer-Encoding: chunked");

        var announced = GATE.call(large);
        var counted = RawClient.exchange(
                GATE.port(), chunked, Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n");

        assertThat(announced.status()).isEqualTo(413);
        assertThat(counted.status()).isEqualTo(413);
        assertThat(announced.header("connection")).contains("close");
        assertThat(counted.header("connection")).contains("close");
    }

    @Test
    void headers_over_the_limit_are_a_431() {
        var answer = GATE.raw("GET /notes/mcp HTTP/1.1\nHost: mcp.example.com\nX: " + "x".repeat(9_000));

        assertThat(answer.status()).isEqualTo(431);
    }

    @Test
    void a_client_that_expects_to_be_asked_for_the_body_is_asked_only_with_a_good_token() {
        UPSTREAM.script((_, wire) -> wire.json(200, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}"));

        try (var good = RawClient.connect(GATE.port()).send(GATE.post(CALL, "Expect: 100-continue"), "");
                var bad = RawClient.connect(GATE.port())
                        .send(GATE.post(CALL, "Expect: 100-continue").replace("Bearer ", "Bearer x"), "")) {
            assertThat(good.head().status()).isEqualTo(100);
            assertThat(good.raw(CALL).answer().status()).isEqualTo(200);
            assertThat(bad.head().status()).isEqualTo(401);
        }
    }

    @Test
    void two_requests_share_one_connection() {
        UPSTREAM.script((_, wire) -> wire.json(200, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}"));

        try (var client = RawClient.connect(GATE.port())) {
            assertThat(client.send(GATE.post(CALL), CALL).answer().status()).isEqualTo(200);
            assertThat(client.send(GATE.post(CALL), CALL).answer().status()).isEqualTo(200);
            assertThat(client.send("GET /nowhere HTTP/1.1\nHost: mcp.example.com", "")
                            .answer()
                            .status())
                    .isEqualTo(404);
        }
        assertThat(UPSTREAM.received()).hasSize(2);
    }

    @Test
    void how_an_exchange_ended_is_counted() {
        try (var upstream = ScriptedServer.start((_, wire) -> {
                    wire.events();
                    wire.awaitHangUp();
                });
                var gate = RunningGate.before(upstream.url("/mcp"))) {
            var client = RawClient.connect(gate.port()).send(gate.post(CALL), CALL);
            client.head();
            client.close();

            assertThat(gate.nextEnd()).isEqualTo(Outcome.End.CLIENT_GONE);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
