package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes with one store: what ends when a person takes something back, and what goes on. */
class RevokedStreamsTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"name\":\"slow\"}}";
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}}";

    private final MemoryStore store = new MemoryStore();
    private final ScriptedServer upstream = ScriptedServer.answering("{}");
    private final RunningGate first = RunningGate.before(upstream.url("/mcp"), store);
    private final RunningGate second = RunningGate.beside(first, upstream.url("/mcp"), store);

    @AfterEach
    void close() {
        second.close();
        first.close();
        upstream.close();
    }

    @Test
    void a_revoked_grant_ends_its_listening_streams_on_every_node_and_frees_the_server() throws Exception {
        var freed = new CountDownLatch(2);
        upstream.script((_, wire) -> {
            wire.events().event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}");
            wire.awaitHangUp();
            freed.countDown();
        });
        var token = token("grant-1", "alice");

        try (var here = listen(first, token);
                var there = listen(second, token)) {
            first.revoke(revocation("grant-1", "alice"));

            assertThat(rest(here)).isBlank();
            assertThat(rest(there)).isBlank();
            assertThat(freed.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_revoked_grant_ends_a_call_that_its_server_has_not_answered() throws Exception {
        var arrived = new CountDownLatch(2);
        var freed = new CountDownLatch(2);
        upstream.script((_, wire) -> {
            arrived.countDown();
            wire.awaitHangUp();
            freed.countDown();
        });
        var token = token("grant-1", "alice");

        try (var here = call(first, token);
                var there = call(second, token)) {
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
            first.revoke(revocation("grant-1", "alice"));

            assertThat(here.answer().status()).isNotEqualTo(200);
            assertThat(there.answer().status()).isNotEqualTo(200);
            assertThat(freed.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void streams_of_another_person_and_of_another_grant_go_on() throws Exception {
        var go = new CountDownLatch(1);
        upstream.script((_, wire) -> {
            wire.events().event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/one\"}");
            await(go);
            wire.event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/two\"}").end();
        });

        try (var bob = listen(first, token("grant-2", "bob"));
                var other = listen(second, token("grant-3", "alice"))) {
            first.revoke(revocation("grant-1", "alice"));
            go.countDown();

            assertThat(bob.chunk()).contains("notifications/two");
            assertThat(other.chunk()).contains("notifications/two");
        }
    }

    @Test
    void a_session_ends_with_its_grant_on_every_node_and_is_unknown_to_anybody_else() {
        upstream.script((_, wire) ->
                wire.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMcp-Session-Id: upstream-1\r\n"
                        + "Content-Length: 36\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"));
        var session = post(first, token("grant-1", "alice"), INITIALIZE, "")
                .header("mcp-session-id")
                .orElseThrow();

        assertThat(post(second, token("grant-4", "alice"), CALL, session).status())
                .isEqualTo(200);
        assertThat(post(second, token("grant-2", "bob"), CALL, session).status())
                .isEqualTo(404);

        first.revoke(revocation("grant-1", "alice"));

        // Alice agreed again, but the session that she ended stays ended.
        var renewed = token("grant-5", "alice");
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (post(second, renewed, CALL, session).status() != 404) {
            assertThat(System.nanoTime() - until).as("the other node heard").isNegative();
        }
        assertThat(post(first, renewed, CALL, session).status()).isEqualTo(404);
    }

    @Test
    void a_listening_stream_ends_a_moment_after_its_token_expired() {
        upstream.script((_, wire) -> {
            wire.events().event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}");
            wire.awaitHangUp();
        });
        // As old as our tolerance for clocks lets a token be, so that the test need not wait for the moment.
        var brief = first.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .expiresIn(Duration.ofSeconds(-22))
                .sign();

        try (var stream = listen(first, brief)) {
            assertThat(rest(stream)).isBlank();
        }
    }

    /** What still comes before the stream ends. */
    private static String rest(RawClient stream) {
        var text = new StringBuilder();
        for (var chunk = stream.chunk(); !chunk.isEmpty(); chunk = stream.chunk()) {
            text.append(chunk);
        }
        return text.toString();
    }

    private String token(String grant, String subject) {
        return first.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(subject)
                .claim("grant_id", grant)
                .sign();
    }

    private static Revocation revocation(String grant, String subject) {
        return new Revocation(
                Instant.now(),
                "grant",
                Optional.of(grant),
                Optional.of(subject),
                Optional.empty(),
                Optional.empty(),
                Optional.of(RunningGate.RESOURCE));
    }

    /** A stream that listens, of which the first event has come. */
    private static RawClient listen(RunningGate node, String token) {
        var client = RawClient.connect(node.port())
                .send(
                        "GET /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + token
                                + "\nAccept: text/event-stream",
                        "");
        assertThat(client.head().status()).isEqualTo(200);
        assertThat(client.chunk()).contains("notifications/");
        return client;
    }

    private static RawClient call(RunningGate node, String token) {
        return RawClient.connect(node.port()).send(head(token, CALL, ""), CALL);
    }

    private static RawAnswer post(RunningGate node, String token, String body, String session) {
        return RawClient.exchange(node.port(), head(token, body, session), body);
    }

    private static String head(String token, String body, String session) {
        return "POST /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + token
                + "\nContent-Type: application/json\nAccept: application/json, text/event-stream\nContent-Length: "
                + body.length() + (session.isEmpty() ? "" : "\nMcp-Session-Id: " + session);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
