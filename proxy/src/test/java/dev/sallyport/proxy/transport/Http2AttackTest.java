package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP/2 lets a client do that HTTP/1.1 does not: floods of frames, and heads that another reader reads otherwise. */
@Timeout(120)
class Http2AttackTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";

    private static final ScriptedServer UPSTREAM = ScriptedServer.answering(RESULT);
    private static final RunningGate GATE = RunningGate.before(UPSTREAM.url("/mcp"));

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
    }

    @AfterEach
    void others_are_served() {
        assertThat(GATE.call(CALL).status()).isEqualTo(200);
        UPSTREAM.received().clear();
    }

    @Test
    void a_flood_of_cancelled_streams_ends_the_connection() {
        try (var attacker = new RawHttp2(GATE.port())) {
            var head = head();
            var alive = true;
            for (var stream = 1; alive && stream < 20_000; stream += 2) {
                alive = attacker.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, head)
                        && attacker.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
            }

            assertClosed(attacker);
        }
    }

    @Test
    void a_head_in_endless_empty_pieces_ends_the_connection() {
        try (var attacker = new RawHttp2(GATE.port())) {
            var alive = attacker.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, head());
            for (var piece = 0; alive && piece < 20_000; piece++) {
                alive = attacker.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
            }

            assertClosed(attacker);
        }
    }

    @Test
    void a_head_over_the_limit_reaches_nobody() {
        try (var attacker = new RawHttp2(GATE.port())) {
            attacker.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, head());
            var piece = RawHttp2.fields("x-much", "y".repeat(8_000));
            for (var at = 0; at < 20; at++) {
                attacker.frame(RawHttp2.CONTINUATION, at == 19 ? RawHttp2.END_HEADERS : 0, 1, piece);
            }

            assertRefused(attacker);
        }
    }

    @Test
    void data_frames_without_data_end_the_connection() {
        try (var attacker = new RawHttp2(GATE.port())) {
            var alive = attacker.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head());
            for (var frame = 0; alive && frame < 20_000; frame++) {
                alive = attacker.frame(RawHttp2.DATA, 0, 1, new byte[0]);
            }

            assertClosed(attacker);
        }
    }

    @Test
    void streams_beyond_the_limit_are_refused() {
        try (var attacker = new RawHttp2(GATE.port())) {
            for (var stream = 1; stream < 2 * 200; stream += 2) {
                attacker.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head());
            }

            var refused = attacker.next(RawHttp2.RST_STREAM, RawHttp2.GOAWAY).orElseThrow();
            assertThat(refused.stream() == 0 || refused.stream() > 2 * 128).isTrue();
        }
    }

    /** Each would be a second, hidden request for a reader that translates it to HTTP/1.1 as it stands. */
    @ParameterizedTest
    @MethodSource
    void fields_that_mean_something_else_in_http_1_1_are_refused(List<String> more) {
        try (var attacker = new RawHttp2(GATE.port())) {
            attacker.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head(more.toArray(new String[0])));
            attacker.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, CALL.getBytes(StandardCharsets.UTF_8));

            assertRefused(attacker);
        }
    }

    static Stream<List<String>> fields_that_mean_something_else_in_http_1_1_are_refused() {
        return Stream.of(
                List.of("transfer-encoding", "chunked"),
                List.of("connection", "x-api-key"),
                List.of("content-length", "5"),
                List.of("content-length", "0"),
                List.of("content-length", "+90"),
                List.of("X-Upper", "case"),
                List.of("x-split", "a\r\nx-api-key: stolen"),
                List.of("x-na\r\nme", "a"),
                List.of("host", "evil.example"),
                List.of(":path", "/realms/mcp"),
                List.of("authorization", "Bearer second"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "", "notes/mcp", "http://mcp.example.com/notes/mcp", "//notes/mcp", "/notes/./mcp"})
    void a_path_in_another_spelling_is_refused(String path) {
        try (var attacker = new RawHttp2(GATE.port())) {
            attacker.frame(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    1,
                    withToken(
                            ":method",
                            "POST",
                            ":scheme",
                            "http",
                            ":path",
                            path,
                            ":authority",
                            RunningGate.HOST,
                            "content-type",
                            "application/json"));
            attacker.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, CALL.getBytes(StandardCharsets.UTF_8));

            assertRefused(attacker);
        }
    }

    @Test
    void connect_opens_no_tunnel() {
        try (var attacker = new RawHttp2(GATE.port())) {
            attacker.frame(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    1,
                    withToken(":method", "CONNECT", ":authority", RunningGate.HOST + ":80"));

            assertRefused(attacker);
        }
        assertThat(GATE.raw("CONNECT mcp.example.com:80 HTTP/1.1\nHost: mcp.example.com")
                        .status())
                .isBetween(400, 499);
    }

    @Test
    void an_upgrade_to_http_2_passes_the_same_gate() {
        try (var client = RawClient.connect(GATE.port())) {
            var answer = client.send("""
                            GET /notes/mcp HTTP/1.1
                            Host: mcp.example.com
                            Connection: Upgrade, HTTP2-Settings
                            Upgrade: h2c
                            HTTP2-Settings: AAMAAABkAAQAAP__
                            """, "").head();

            assertThat(answer.status()).isIn(101, 401);
        }
        assertThat(UPSTREAM.received()).isEmpty();
    }

    private static byte[] head(String... more) {
        var all = new ArrayList<>(List.of(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                "/notes/mcp",
                ":authority",
                RunningGate.HOST,
                "content-type",
                "application/json"));
        all.addAll(List.of(more));
        return withToken(all.toArray(new String[0]));
    }

    private static byte[] withToken(String... fields) {
        var all = new ArrayList<>(List.of(fields));
        all.addAll(List.of("authorization", "Bearer " + GATE.token()));
        return RawHttp2.fields(all.toArray(new String[0]));
    }

    /** The stream was reset, the connection closed, or the answer is an error: nothing went upstream. */
    private static void assertRefused(RawHttp2 attacker) {
        var answer = attacker.next(RawHttp2.HEADERS, RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
        if (answer.isPresent() && answer.get().type() == RawHttp2.HEADERS) {
            // 200 is entry 8 of the static table (RFC 7541 appendix A).
            assertThat(answer.get().first()).isNotEqualTo((byte) 0x88);
        }
        assertThat(UPSTREAM.received()).isEmpty();
    }

    private static void assertClosed(RawHttp2 attacker) {
        assertThat(attacker.next(RawHttp2.GOAWAY).map(RawHttp2.Frame::code).orElse(0xb))
                .as("ENHANCE_YOUR_CALM or another error, or closed without a word")
                .isNotZero();
        assertThat(attacker.next()).isEmpty();
    }
}
