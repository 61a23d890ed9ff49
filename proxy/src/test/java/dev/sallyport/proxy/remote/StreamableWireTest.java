package dev.sallyport.proxy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.StreamableServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wire to a server of Streamable HTTP as it was in 2025, message by message. */
@Timeout(120)
class StreamableWireTest {

    private static final String KEY = "a-key";

    @Test
    void a_session_begins_goes_on_in_its_revision_and_ends_at_the_server() {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();

            near.call(2, "echo", "hello");
            assertThat(near.next()).contains("\"id\":2", "hello");
            assertThat(server.sessions()).isEqualTo(1);
            assertThat(server.received())
                    .allSatisfy(
                            request -> assertThat(request.header("x-api-key")).contains(KEY))
                    .filteredOn(request -> request.body().contains("echo"))
                    .allSatisfy(request ->
                            assertThat(request.header("mcp-protocol-version")).contains("2025-11-25"));

            near.wire.close();

            near.awaitClosed();
            await(() -> server.sessions() == 0);
        }
    }

    @Test
    void answers_come_as_json_and_as_streams_and_what_comes_between_comes_first() {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();

            near.say("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"progress\","
                    + "\"_meta\":{\"progressToken\":3}}}");

            assertThat(near.next()).contains("notifications/progress");
            assertThat(near.next()).contains("\"id\":3", "done");
        }
    }

    @Test
    void what_the_server_asks_is_answered_by_a_post_of_its_own() {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();

            near.call(4, "ask", "elicitation/create");
            assertThat(near.next()).contains("\"id\":\"ask-1\"");
            near.say("{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{\"action\":\"decline\"}}");

            assertThat(near.next()).contains("\"id\":4", "decline");
        }
    }

    @Test
    void changes_come_on_the_general_stream() {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();
            await(() -> server.received().stream().map(Received::method).anyMatch("GET"::equals));

            near.call(5, "notify", "notifications/tools/list_changed");

            assertThat(List.of(near.next(), near.next()))
                    .anyMatch(message -> message.contains("tools/list_changed"))
                    .anyMatch(message -> message.contains("\"id\":5"));
        }
    }

    @Test
    void streams_that_break_off_are_taken_up_again_and_lose_nothing() throws IOException {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();
            near.call(6, "ask", "elicitation/create");
            assertThat(near.next()).contains("\"id\":\"ask-1\"");

            server.drop();
            near.say("{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{\"action\":\"accept\"}}");

            assertThat(near.next()).contains("\"id\":6", "accept");
            assertThat(server.received())
                    .anyMatch(request ->
                            request.header("last-event-id").orElse("").startsWith("1-"));
        }
    }

    @Test
    void a_cancelled_call_lets_go_of_its_stream() {
        var gone = new CountDownLatch(1);
        try (var server = ScriptedServer.start((request, wire) -> {
                    if (request.body().contains("\"never\"")) {
                        wire.events().chunk(": wait\n\n");
                        wire.awaitHangUp();
                        gone.countDown();
                    } else {
                        begin(request, wire);
                    }
                });
                var near = new Near(server.url("/mcp"))) {
            near.begin();
            near.call(7, "never", "");
            await(() -> server.received().stream().anyMatch(each -> each.body().contains("\"never\"")));

            near.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}");

            await(() -> gone.getCount() == 0);
        }
    }

    @Test
    void a_server_that_forgot_the_session_ends_the_wire() {
        try (var server = StreamableServer.start();
                var near = new Near(server.url())) {
            near.begin();
            server.forget();

            near.call(8, "echo", "hello");

            near.awaitClosed();
            assertThat(server.received()).extracting(Received::method).doesNotContain("DELETE");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                400 | application/json  | {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"odd"}} | odd
                400 | application/json  | {"jsonrpc":"2.0","error":{"code":-32600,"message":"odd"}}           | odd
                500 | text/html         | <p>no</p>                                                           | status 500
                302 | text/html         | <p>no</p>                                                           | status 302
                202 | text/plain        | ''                                                                  | gave no answer
                200 | text/html         | <p>no</p>                                                           | status 200
                200 | application/json  | {"jsonrpc":"2.0","id":99,"result":{}}                               | broke off
                200 | application/json  | {"half":                                                            | broke off
                200 | text/event-stream | data: {"half":                                                      | broke off
                """)
    void what_is_no_answer_is_an_error_of_that_call(int status, String type, String body, String words) {
        try (var server = ScriptedServer.start((request, wire) -> {
                    if (request.body().contains("\"odd\"")) {
                        wire.answer(status, type, body);
                    } else {
                        begin(request, wire);
                    }
                });
                var near = new Near(server.url("/mcp"))) {
            near.begin();
            near.call(9, "odd", "");

            await(() -> near.all().contains(words));
            assertThat(near.all()).contains("\"id\":9", "\"error\"");
            near.call(10, "echo", "");
            await(() -> near.all().contains("\"id\":10"));
        }
    }

    @Test
    void a_credential_that_is_not_accepted_is_said_to_be_so() {
        try (var server = ScriptedServer.start((_, wire) -> wire.answer(401, "text/plain", ""));
                var near = new Near(server.url("/mcp"))) {
            near.say(Near.INITIALIZE);

            near.awaitClosed();
            assertThat(near.refusal).contains(new Refusal.CredentialRefused(401));
        }
    }

    @Test
    void an_id_of_a_session_that_could_break_a_header_is_none() {
        try (var server = ScriptedServer.start((request, wire) -> {
                    if (request.body().contains("\"initialize\"")) {
                        wire.answer(200, "application/json", INTRODUCTION, "Mcp-Session-Id: with space");
                    } else {
                        begin(request, wire);
                    }
                });
                var near = new Near(server.url("/mcp"))) {
            near.begin();
            near.call(11, "echo", "");
            await(() -> near.all().contains("\"id\":11"));

            assertThat(server.received())
                    .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("mcp-session-id"));
        }
    }

    private static final String INTRODUCTION =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025-06-18\","
                    + "\"capabilities\":{},\"serverInfo\":{\"name\":\"x\",\"version\":\"1\"}}}";

    /** A server without sessions that answers every call with nothing. */
    private static void begin(Received request, dev.sallyport.testkit.upstream.Wire wire) throws IOException {
        if (!request.method().equals("POST")) {
            wire.answer(405, "text/plain", "");
        } else if (request.body().contains("\"initialize\"")) {
            wire.json(200, INTRODUCTION);
        } else if (request.body().contains("\"id\"")) {
            wire.json(
                    200,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + request.body().replaceAll("(?s).*\"id\":(\\d+).*", "$1")
                            + ",\"result\":{}}");
        } else {
            wire.answer(202, "text/plain", "");
        }
    }

    static void await(BooleanSupplier condition) {
        for (var attempt = 0; attempt < 600; attempt++) {
            if (condition.getAsBoolean()) {
                return;
            }
            LockSupport.parkNanos(50_000_000L);
        }
        throw new AssertionError("it did not happen");
    }

    /** The near end of the wire. */
    private static final class Near implements Wire.Receiver, AutoCloseable {
        static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
                + "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}}";

        private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final List<String> all = new CopyOnWriteArrayList<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private final HttpClient http = HttpClient.newHttpClient();
        private final Wire wire;
        private volatile Optional<Refusal> refusal = Optional.empty();

        private Near(URI url) {
            var credential = new UpstreamCredential(
                    List.of(new UpstreamCredential.Header("X-Api-Key", Secret.of(KEY))), List.of(Secret.of(KEY)));
            wire = new StreamableWire(
                    new RemoteServer(http, "test", url, Duration.ofSeconds(30), 1 << 20), credential, () -> {});
            wire.listen(this);
        }

        private void begin() {
            say(INITIALIZE);
            assertThat(next()).contains("protocolVersion");
            say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        }

        private void say(String message) {
            wire.send(message.getBytes(StandardCharsets.UTF_8));
        }

        private void call(int id, String tool, String text) {
            say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                    + "\",\"arguments\":{\"text\":\"" + text + "\"}}}");
        }

        private String next() {
            try {
                var message = messages.poll(60, TimeUnit.SECONDS);
                if (message == null) {
                    throw new AssertionError("no message came");
                }
                return message;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private String all() {
            return String.join("\n", all);
        }

        private void awaitClosed() {
            await(() -> closed.getCount() == 0);
        }

        @Override
        public void received(byte[] message) {
            var text = new String(message, StandardCharsets.UTF_8);
            all.add(text);
            messages.add(text);
        }

        @Override
        public void tooLong(byte[] lastBytes) {
            messages.add("too long");
        }

        @Override
        public void refused(Refusal why) {
            refusal = Optional.of(why);
        }

        @Override
        public void closed() {
            closed.countDown();
        }

        @Override
        public void close() {
            wire.close();
            http.shutdownNow();
        }
    }
}
