package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.Wire;
import dev.sallyport.testkit.wire.RawClient;
import java.io.IOException;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Translated servers that take POSTs, of 2025 and of 2026-07-28, and flood, die, stall or answer nonsense: the call gets
 * one answer, and neither it nor anybody else's stands in the way of what comes after.
 */
@Timeout(180)
class HostilePostServerTest {

    private static final ModernServer WELL = ModernServer.start();
    private static final ScriptedServer STATELESS = ScriptedServer.start(HostilePostServerTest::stateless);
    private static final ScriptedServer STREAMABLE = ScriptedServer.start(HostilePostServerTest::streamable);
    private static final RunningGate BEFORE_STATELESS = RunningGate.before(STATELESS.url("/mcp"));
    private static final RunningGate BEFORE_STREAMABLE = RunningGate.before(STREAMABLE.url("/mcp"));

    @AfterAll
    static void close() {
        BEFORE_STATELESS.close();
        BEFORE_STREAMABLE.close();
        STATELESS.close();
        STREAMABLE.close();
        WELL.close();
    }

    @ParameterizedTest
    @CsvSource({
        "stateless, flood, the answer",
        "stateless, half, error",
        "stateless, dies, error",
        "stateless, huge, error",
        "stateless, noise, the answer",
        "streamable, flood, the answer",
        "streamable, half, error",
        "streamable, dies, error",
        "streamable, huge, error",
        "streamable, noise, the answer",
    })
    void costs_its_own_call_and_no_other(String kind, String tool, String words) {
        var alice = person(kind, "alice-" + tool);
        var bob = person(kind, "bob-" + tool);
        assertThat(bob.apply(1, "echo")).contains("\"id\":1", "echoed");

        try (var _ = waiting(kind, "bob-" + tool)) {
            assertThat(alice.apply(4, tool))
                    .contains("\"id\":4", words)
                    .doesNotContain("nobody", "second", "\"half\"")
                    .hasSizeLessThan(10_000_000);

            assertThat(bob.apply(2, "echo")).contains("\"id\":2", "echoed");
            assertThat(alice.apply(5, "echo")).contains("\"id\":5", "echoed");
        }
    }

    /** What a call of a tool is answered with. */
    private static BiFunction<Integer, String, String> person(String kind, String name) {
        if (kind.equals("streamable")) {
            var client = StatelessClient.of(BEFORE_STREAMABLE, name);
            return (id, tool) -> client.call(id, tool, "").body();
        }
        var client = LegacyClient.of(BEFORE_STATELESS, name);
        return (id, tool) -> client.post(call(id, tool, "")).body();
    }

    /** A call that the server never answers. */
    private static RawClient waiting(String kind, String name) {
        if (kind.equals("streamable")) {
            var client = StatelessClient.of(BEFORE_STREAMABLE, name);
            return client.open(client.tool(9, "stalls", "", ""));
        }
        return LegacyClient.of(BEFORE_STATELESS, name).open(call(9, "stalls", ""));
    }

    private static void stateless(Received request, Wire wire) throws IOException {
        if (request.header("mcp-method").orElse("").equals("tools/call")) {
            tool(request, wire);
        } else {
            WELL.answer(request, wire);
        }
    }

    private static void streamable(Received request, Wire wire) throws IOException {
        if (request.body().contains("\"initialize\"")) {
            wire.answer(
                    200,
                    "application/json",
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id(request)
                            + ",\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                            + "\"serverInfo\":{\"name\":\"hostile\",\"version\":\"1\"}}}",
                    "Mcp-Session-Id: one");
        } else if (request.header("mcp-session-id").isEmpty()) {
            wire.json(400, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"no session\"},\"id\":null}");
        } else if (request.method().equals("POST") && request.body().contains("tools/call")) {
            tool(request, wire);
        } else {
            wire.answer(request.method().equals("POST") ? 202 : 405, "text/plain", "");
        }
    }

    private static String id(Received request) {
        return request.body().replaceAll("(?s).*\"id\":([0-9]+).*", "$1");
    }

    private static void tool(Received request, Wire wire) throws IOException {
        var id = id(request);
        var name = request.body().replaceAll("(?s).*\"params\":\\{.*?\"name\":\"([a-z]+)\".*", "$1");
        switch (name) {
            case "flood" -> {
                wire.events();
                var some =
                        "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n".repeat(1000);
                for (var rounds = 0; rounds < 100; rounds++) {
                    wire.chunk(some);
                }
                wire.event(answer(id, "the answer"));
                wire.end();
            }
            case "half" -> {
                wire.events().chunk("data: {\"half\":");
                throw new IOException("in the middle of an event");
            }
            case "dies" -> throw new IOException("before it answered");
            case "stalls" -> {
                wire.events().chunk(": wait\n\n");
                wire.awaitHangUp();
            }
            case "huge" -> {
                wire.events().chunk("data: {\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"text\":\"");
                var part = "x".repeat(1 << 20);
                for (var parts = 0; parts < 100; parts++) {
                    wire.chunk(part);
                }
                wire.chunk("\"}}\n\n").end();
            }
            case "noise" -> noise(id, wire);
            default -> wire.json(200, answer(id, "echoed"));
        }
    }

    /** Bytes of no text, answers to nobody, ids of other types, and two answers to one request. */
    private static void noise(String id, Wire wire) throws IOException {
        wire.events();
        wire.chunk(new byte[] {'d', 'a', 't', 'a', ':', (byte) 0xff, (byte) 0xfe, '{', '\n', '\n'});
        wire.event(answer("999999999", "to nobody"));
        wire.event(answer("\"" + id + "\"", "to nobody"));
        wire.event(answer("null", "to nobody"));
        wire.event(answer("{\"a\":1}", "to nobody"));
        wire.event("[]");
        wire.event("{\"half\":");
        wire.event(answer(id, "the answer"));
        wire.event(answer(id, "a second answer"));
        wire.end();
    }

    private static String answer(String id, String text) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id
                + ",\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"" + text
                + "\"}]}}";
    }
}
