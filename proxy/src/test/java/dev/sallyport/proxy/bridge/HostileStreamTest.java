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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Translated servers whose stream of changes (the GET stream of 2025, {@code subscriptions/listen} of 2026-07-28) floods,
 * breaks off, says nothing or nonsense: who listens hears of the change that follows, and calls go on, theirs and others'.
 */
@Timeout(180)
class HostileStreamTest {

    private static final String LAST = "notifications/prompts/list_changed";

    @ParameterizedTest
    @CsvSource({
        "streamable, flood",
        "streamable, half",
        "streamable, dies",
        "streamable, huge",
        "streamable, noise",
        "streamable, silence",
        "stateless, flood",
        "stateless, half",
        "stateless, dies",
        "stateless, huge",
        "stateless, noise",
        "stateless, silence",
    })
    void costs_nobody_a_call_and_no_listener_what_comes_after(String kind, String mode) {
        try (var server = new Hostile(kind, mode);
                var gate = RunningGate.before(server.http.url("/mcp"))) {
            var bob = person(kind, gate, "bob");
            assertThat(bob.apply(1, "echo")).contains("\"id\":1", "echoed");
            var alice = person(kind, gate, "alice");

            try (var listening = listening(kind, gate, "alice")) {
                listening.head();
                if (kind.equals("streamable")) {
                    read(listening, "notifications/subscriptions/acknowledged");
                }
                assertThat(alice.apply(2, "go")).contains("\"id\":2", "echoed");
                assertThat(bob.apply(2, "echo")).contains("\"id\":2", "echoed");

                if (!mode.equals("silence")) {
                    assertThat(read(listening, LAST)).doesNotContain("nobody", "\"half\"");
                }
                assertThat(alice.apply(3, "echo")).contains("\"id\":3", "echoed");
                assertThat(bob.apply(3, "echo")).contains("\"id\":3", "echoed");
            }
        }
    }

    /** What comes until this text is among it, however much that is. */
    private static String read(RawClient stream, String text) {
        var events = new StringBuilder();
        while (events.indexOf(text, Math.max(0, events.length() - 10_000)) < 0) {
            var next = stream.chunk();
            assertThat(next).as("instead of " + text).isNotEmpty();
            events.append(next);
        }
        return events.toString();
    }

    /** A client of the other era than the server's. */
    private static BiFunction<Integer, String, String> person(String kind, RunningGate gate, String name) {
        if (kind.equals("streamable")) {
            var client = StatelessClient.of(gate, name);
            return (id, tool) -> client.call(id, tool, "").body();
        }
        var client = LegacyClient.of(gate, name);
        return (id, tool) -> client.post(call(id, tool, "")).body();
    }

    private static RawClient listening(String kind, RunningGate gate, String name) {
        if (kind.equals("streamable")) {
            var client = StatelessClient.of(gate, name);
            return client.open(client.request(
                    9,
                    "subscriptions/listen",
                    "\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true}",
                    ""));
        }
        return LegacyClient.of(gate, name).listen("");
    }

    /** The first stream of each session is bad once somebody calls {@code go}, the next one as it should be. */
    private static final class Hostile implements AutoCloseable {
        private final String kind;
        private final String mode;
        private final CountDownLatch go = new CountDownLatch(1);
        private final ModernServer well = ModernServer.start();
        private final AtomicInteger sessions = new AtomicInteger();
        private final Map<String, AtomicInteger> streams = new ConcurrentHashMap<>();
        private final ScriptedServer http = ScriptedServer.start(this::answer);

        private Hostile(String kind, String mode) {
            this.kind = kind;
            this.mode = mode;
        }

        private void answer(Received request, Wire wire) throws IOException {
            if (kind.equals("stateless")) {
                stateless(request, wire);
            } else {
                streamable(request, wire);
            }
        }

        private void stateless(Received request, Wire wire) throws IOException {
            switch (request.header("mcp-method").orElse("")) {
                case "subscriptions/listen" -> {
                    var id = id(request);
                    wire.events();
                    wire.event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
                            + about(id, ",\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true}"));
                    stream(wire, id, "one");
                }
                case "server/discover" ->
                    wire.json(
                            200,
                            "{\"jsonrpc\":\"2.0\",\"id\":" + id(request)
                                    + ",\"result\":{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
                                    + "\"capabilities\":{\"tools\":{\"listChanged\":true},\"prompts\":{\"listChanged\":true}},"
                                    + "\"ttlMs\":0,\"cacheScope\":\"private\",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":"
                                    + "{\"name\":\"hostile\",\"version\":\"1\"}}}}");
                case "tools/call" -> call(request, wire);
                default -> well.answer(request, wire);
            }
        }

        private void streamable(Received request, Wire wire) throws IOException {
            var session = request.header("mcp-session-id");
            if (request.body().contains("\"initialize\"")) {
                wire.answer(
                        200,
                        "application/json",
                        "{\"jsonrpc\":\"2.0\",\"id\":" + id(request)
                                + ",\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{"
                                + "\"tools\":{\"listChanged\":true},\"prompts\":{\"listChanged\":true}},"
                                + "\"serverInfo\":{\"name\":\"hostile\",\"version\":\"1\"}}}",
                        "Mcp-Session-Id: session-" + sessions.incrementAndGet());
            } else if (session.isEmpty()) {
                wire.json(
                        400,
                        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"no session\"},\"id\":null}");
            } else if (request.method().equals("GET")) {
                wire.events();
                stream(wire, "", session.get());
            } else if (request.body().contains("tools/call")) {
                call(request, wire);
            } else {
                wire.answer(202, "text/plain", "");
            }
        }

        private void call(Received request, Wire wire) throws IOException {
            if (request.body().contains("\"name\":\"go\"")) {
                go.countDown();
            }
            wire.json(200, echoed(id(request)));
        }

        /** @param id of the subscription; empty where there is none */
        private void stream(Wire wire, String id, String session) throws IOException {
            try {
                go.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
            var number =
                    streams.computeIfAbsent(session, _ -> new AtomicInteger()).incrementAndGet();
            // Without sessions nobody tells whose stream it is: all three that are open when it begins.
            if (number <= (kind.equals("stateless") ? 3 : 1)) {
                switch (mode) {
                    case "half" -> {
                        wire.chunk("data: {\"half\":");
                        throw new IOException("in the middle of an event");
                    }
                    case "dies" -> throw new IOException("with nothing said");
                    case "silence" -> {
                        wire.awaitHangUp();
                        return;
                    }
                    case "flood" -> {
                        var some = ("data: " + changed("notifications/tools/list_changed", id) + "\n\n").repeat(100);
                        for (var rounds = 0; rounds < 200; rounds++) {
                            wire.chunk(some);
                        }
                    }
                    case "huge" -> {
                        wire.chunk("data: {\"jsonrpc\":\"2.0\",\"method\":\"");
                        var part = "x".repeat(1 << 20);
                        for (var parts = 0; parts < 100; parts++) {
                            wire.chunk(part);
                        }
                        wire.chunk("\"}\n\n");
                    }
                    default -> noise(wire);
                }
            }
            wire.event(changed(LAST, id));
            wire.awaitHangUp();
        }

        private static void noise(Wire wire) throws IOException {
            wire.chunk(new byte[] {'d', 'a', 't', 'a', ':', (byte) 0xff, (byte) 0xfe, '{', '\n', '\n'});
            wire.event("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"nobody\":1}}");
            wire.event("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"nobody/knows\"}");
            wire.event("[]");
            wire.event("null");
            wire.event("{\"half\":");
            wire.event("{\"jsonrpc\":\"2.0\",\"method\":7,\"params\":{\"nobody\":1}}");
        }

        private static String changed(String method, String id) {
            return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"" + (id.isEmpty() ? "}" : "," + about(id, ""));
        }

        private static String about(String id, String more) {
            return "\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id + "}" + more + "}}";
        }

        private static String echoed(String id) {
            return "{\"jsonrpc\":\"2.0\",\"id\":" + id
                    + ",\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"echoed\"}]}}";
        }

        private static String id(Received request) {
            return request.body().replaceAll("(?s).*\"id\":([0-9]+).*", "$1");
        }

        @Override
        public void close() {
            go.countDown();
            http.close();
            well.close();
        }
    }
}
