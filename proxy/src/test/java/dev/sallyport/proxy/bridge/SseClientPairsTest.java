package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.upstream.StreamableServer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients of HTTP+SSE, the transport of 2024-11-05, in front of servers at an address, of every kind. */
@Timeout(120)
class SseClientPairsTest {

    private static final SseServer SSE = SseServer.start();
    private static final ModernServer MODERN = ModernServer.start();
    private static final StreamableServer STREAMABLE = StreamableServer.start();

    private static final Map<Server, RunningGate> GATES = Map.of(
            Server.HTTP_SSE, RunningGate.beforeUpstream("sse: \"" + SSE.url() + '"'),
            Server.STREAMABLE_HTTP, RunningGate.before(STREAMABLE.url()),
            Server.MODERN_ONLY, RunningGate.before(MODERN.url()));

    /** What stands behind the gate. */
    enum Server {
        HTTP_SSE,
        STREAMABLE_HTTP,
        MODERN_ONLY
    }

    @AfterAll
    static void close() {
        GATES.values().forEach(RunningGate::close);
        SSE.close();
        MODERN.close();
        STREAMABLE.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_client_begins_lists_and_calls(Server server) {
        try (var client = SseClient.open(gate(server), token(server, "alice"))) {
            assertThat(client.begin()).contains("\"protocolVersion\":\"2024-11-05\"", "\"instructions\":\"Be ");

            client.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
            assertThat(client.until("\"id\":1")).contains("\"echo\"").doesNotContain("resultType");
            client.post(call(2, "echo", "hello"));
            assertThat(client.until("hello")).contains("\"id\":2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void progress_comes_before_the_answer(Server server) {
        try (var client = SseClient.begun(gate(server), token(server, "bob"))) {
            client.post(call(3, "progress", "")
                    .replace("\"params\":{", "\"params\":{\"_meta\":{\"progressToken\":\"mine\"},"));

            assertThat(client.until("\"done\"")).contains("\"progressToken\":\"mine\"", "\"progress\":1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_address_of_one_principal_does_not_exist_for_another(Server server) {
        try (var client = SseClient.begun(gate(server), token(server, "carol"))) {
            var other = client.post(call(4, "echo", "mallory"), token(server, "mallory"), client.endpoint());

            assertThat(other.status()).isEqualTo(404);
        }
    }

    @Test
    void cancelling_closes_the_stream_of_a_call_at_a_server_of_2026_07_28() throws InterruptedException {
        try (var client = SseClient.begun(gate(Server.MODERN_ONLY), token(Server.MODERN_ONLY, "dave"))) {
            client.post(call(5, "never", ""));
            await(() -> MODERN.received().stream().anyMatch(each -> each.body().contains("\"never\"")));
            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}");

            assertThat(MODERN.cancelled().await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void the_address_of_a_translated_server_itself_is_a_stream_as_well() {
        var gate = gate(Server.HTTP_SSE);
        try (var client = SseClient.at(gate, token(Server.HTTP_SSE, "erin"), "/notes/mcp", "")) {
            assertThat(client.endpoint()).startsWith("/notes/mcp/messages?sessionId=");
        }
    }

    /** Elsewhere a GET without a session is the server's own to answer: bytes in, bytes out. */
    @Test
    void a_get_at_the_address_of_a_server_that_is_not_translated_reaches_that_server() {
        var gate = gate(Server.STREAMABLE_HTTP);
        try (var stream = RawClient.connect(gate.port())
                .send(
                        "GET /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer "
                                + token(Server.STREAMABLE_HTTP, "frank") + "\nAccept: text/event-stream",
                        "")) {
            assertThat(stream.head().status()).isGreaterThanOrEqualTo(400);
        }
    }

    private static RunningGate gate(Server server) {
        return Objects.requireNonNull(GATES.get(server));
    }

    private static String token(Server server, String person) {
        return gate(server)
                .authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .client("client-of-" + person)
                .sign();
    }
}
