package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.Wire;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that changes its era, or loses faith in a credential, while the proxy runs. */
@Timeout(120)
class ChangingServerTest {

    private final AtomicBoolean modern = new AtomicBoolean();
    private final AtomicInteger unauthorized = new AtomicInteger();

    @Test
    void a_server_that_learns_2026_and_forgets_the_rest_is_spoken_to_directly_from_then_on() {
        try (var server = ScriptedServer.start(this::answer);
                var gate = RunningGate.before(server.url("/mcp"))) {
            var client = StatelessClient.of(gate, "alice");
            assertThat(client.call(1, "echo", "").body()).contains("\"id\":1", "\"by\":\"initialize\"", "complete");

            modern.set(true);
            var first = client.call(2, "echo", "");
            assertThat(first.body()).contains("another revision", "Try again");

            assertThat(client.call(3, "echo", "").body()).contains("\"id\":3", "\"by\":\"itself\"");
        }
    }

    @Test
    void a_server_that_unlearns_2026_is_translated_from_then_on() {
        modern.set(true);
        try (var server = ScriptedServer.start(this::answer);
                var gate = RunningGate.before(server.url("/mcp"))) {
            var client = StatelessClient.of(gate, "alice");
            assertThat(client.call(1, "echo", "").body()).contains("\"by\":\"itself\"");

            modern.set(false);

            assertThat(client.call(2, "echo", "").body()).contains("\"id\":2", "\"by\":\"initialize\"", "complete");
        }
    }

    @Test
    void a_credential_that_is_refused_in_mid_session_costs_that_call_and_not_the_session() {
        try (var server = ScriptedServer.start(this::answer);
                var gate = RunningGate.before(server.url("/mcp"))) {
            var client = StatelessClient.of(gate, "alice");
            client.call(1, "echo", "");
            var begun = begun(server);
            unauthorized.set(1);

            var refused = client.call(2, "echo", "");
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.body()).contains("refused the proxy's credential");

            assertThat(client.call(3, "echo", "").body()).contains("\"id\":3", "\"by\":\"initialize\"");
            assertThat(begun(server)).isEqualTo(begun);
        }
    }

    private static long begun(ScriptedServer server) {
        return server.received().stream()
                .filter(each -> each.body().contains("\"initialize\""))
                .count();
    }

    private void answer(Received request, Wire wire) throws IOException {
        var body = request.body();
        var speaksModern = body.contains("io.modelcontextprotocol/protocolVersion");
        var id = body.replaceAll("(?s).*\"id\":(\\d+).*", "$1");
        if (!request.method().equals("POST")) {
            wire.answer(405, "text/plain", "");
        } else if (!body.contains("\"id\"")) {
            wire.answer(202, "text/plain", "");
        } else if (modern.get() != speaksModern) {
            wire.json(
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + (modern.get() ? -32022 : -32600)
                            + ",\"message\":\"not so\"}}");
        } else if (body.contains("\"initialize\"")) {
            result(
                    wire,
                    id,
                    "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
                            + "\"serverInfo\":{\"name\":\"x\",\"version\":\"1\"}}");
        } else if (body.contains("server/discover")) {
            result(
                    wire,
                    id,
                    "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}");
        } else if (unauthorized.getAndDecrement() > 0) {
            wire.answer(401, "text/plain", "");
        } else {
            result(
                    wire,
                    id,
                    speaksModern ? "{\"resultType\":\"complete\",\"by\":\"itself\"}" : "{\"by\":\"initialize\"}");
        }
    }

    private static void result(Wire wire, String id, String result) throws IOException {
        wire.json(200, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
    }
}
