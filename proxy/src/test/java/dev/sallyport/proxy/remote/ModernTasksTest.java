package dev.sallyport.proxy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks of a server of 2026-07-28 as a client of 2025-11-25 meets them; what scenarios cannot say. */
@Timeout(60)
class ModernTasksTest {

    private static final String CALL =
            "\"method\":\"tools/call\",\"params\":{\"name\":\"it\",\"task\":{\"ttl\":60000}}";

    private final Server server = new Server();
    private final Client client = new Client();
    private final PipeCarrier carrier = new PipeCarrier("notes", Duration.ofSeconds(10), server);
    private final ModernWire wire = new ModernWire(carrier, () -> {});

    @BeforeEach
    void begin() throws InterruptedException {
        wire.listen(client);
        say(0, "\"method\":\"initialize\",\"params\":{\"capabilities\":{\"elicitation\":{}}}");
        server.answers(
                "server/discover",
                "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
                        + "\"capabilities\":{\"tools\":{},\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}}");
        assertThat(client.answer(0)).contains("\"tasks\":{\"cancel\":{},\"requests\":{\"tools\":{\"call\":{}}}}");
    }

    @AfterEach
    void end() {
        wire.close();
    }

    @Test
    void of_results_that_came_at_once_the_newest_are_kept() throws InterruptedException {
        var ids = new ArrayList<String>();
        for (var i = 1; i <= 65; i++) {
            ids.add(callAnsweredAtOnce(i, "result-" + i));
        }

        say(100, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"" + ids.getLast() + "\"}");
        say(101, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"" + ids.get(1) + "\"}");
        assertThat(client.answer(100)).contains("result-65");
        assertThat(client.answer(101)).contains("\"result-2\"");

        say(102, "\"method\":\"tasks/get\",\"params\":{\"taskId\":\"" + ids.getFirst() + "\"}");
        server.refuses("tasks/get");
        assertThat(client.answer(102)).contains("-32602");
    }

    @Test
    void a_result_too_many_takes_the_room_of_older_ones() throws InterruptedException {
        var first = callAnsweredAtOnce(1, "x".repeat(5 * 1024 * 1024));
        var second = callAnsweredAtOnce(2, "y".repeat(5 * 1024 * 1024));

        say(3, "\"method\":\"tasks/get\",\"params\":{\"taskId\":\"" + second + "\"}");
        say(4, "\"method\":\"tasks/get\",\"params\":{\"taskId\":\"" + first + "\"}");
        server.refuses("tasks/get");

        assertThat(client.answer(3)).contains("completed");
        assertThat(client.answer(4)).contains("-32602");
    }

    @Test
    void who_waits_last_is_asked_in_the_place_of_who_waited_before() throws InterruptedException {
        var asking = "{\"taskId\":\"t\",\"status\":\"input_required\",\"pollIntervalMs\":100,\"inputRequests\":"
                + "{\"it\":{\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who?\"}}}}";
        say(1, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"t\"}");
        server.answers("tasks/get", asking);
        var one = client.question();

        say(2, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"t\"}");
        var withdrawn = client.withdrawal();
        server.always("tasks/get", asking);
        var other = client.question();
        wire.send(utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id(other) + ",\"result\":{\"action\":\"decline\"}}"));
        var update = server.answers("tasks/update", "{}");
        server.always("tasks/get", "{\"taskId\":\"t\",\"status\":\"completed\",\"result\":{\"content\":[]}}");

        assertThat(withdrawn).contains(id(one));
        assertThat(id(other)).isNotEqualTo(id(one));
        assertThat(update).contains("\"inputResponses\":{\"it\":{\"action\":\"decline\"}}");
        assertThat(client.answer(1)).contains("\"content\":[]");
        assertThat(client.answer(2)).contains("\"content\":[]");
    }

    @Test
    void who_waits_last_is_asked_also_if_the_other_is_being_asked_at_that_moment() throws InterruptedException {
        var asking = "{\"taskId\":\"t\",\"status\":\"input_required\",\"pollIntervalMs\":100,\"inputRequests\":"
                + "{\"it\":{\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who?\"}}}}";
        client.whileAsked(() -> {
            say(2, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"t\"}");
            server.awaitRequest();
        });
        say(1, "\"method\":\"tasks/result\",\"params\":{\"taskId\":\"t\"}");
        server.answers("tasks/get", asking);
        var one = client.question();

        assertThat(client.withdrawal()).contains(id(one));
        server.always("tasks/get", asking);
        assertThat(id(client.question())).isNotEqualTo(id(one));
    }

    @Test
    void a_call_that_is_cancelled_stops_the_task_that_it_waits_for() throws InterruptedException {
        say(1, "\"method\":\"tools/call\",\"params\":{\"name\":\"it\"}");
        server.says(
                "tools/call",
                "\"error\":{\"code\":-32021,\"message\":\"No\",\"data\":{\"requiredCapabilities\":"
                        + "{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}}}");
        server.answers("tools/call", "{\"resultType\":\"task\",\"taskId\":\"t\",\"status\":\"working\"}");
        server.answers("tasks/get", "{\"taskId\":\"t\",\"status\":\"working\",\"pollIntervalMs\":30000}");

        wire.send(utf8("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}"));

        assertThat(server.answers("tasks/cancel", "{}")).contains("\"taskId\":\"t\"");
    }

    private String callAnsweredAtOnce(int id, String text) throws InterruptedException {
        say(id, CALL);
        server.answers("tools/call", "{\"resultType\":\"complete\",\"content\":[],\"text\":\"" + text + "\"}");
        return JsonText.ofServer(utf8(client.answer(id)))
                .member("result")
                .flatMap(result -> result.member("task"))
                .flatMap(task -> task.member("taskId"))
                .flatMap(JsonText::string)
                .orElseThrow();
    }

    private void say(int id, String rest) {
        assertThat(wire.send(utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id + ',' + rest + '}')))
                .isTrue();
    }

    private static String id(String message) {
        return JsonText.ofServer(utf8(message)).member("id").orElseThrow().json();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Hears what an older client would. */
    private static final class Client implements Wire.Receiver {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final List<String> passed = new ArrayList<>();
        private final AtomicReference<Runnable> whileAsked = new AtomicReference<>(() -> {});

        /** What happens in the very moment in which it is asked the next time. */
        void whileAsked(Runnable happens) {
            whileAsked.set(happens);
        }

        String answer(int id) throws InterruptedException {
            return next(message ->
                    message.startsWith("{\"jsonrpc\":\"2.0\",\"id\":" + id + ',') && !message.contains("\"method\""));
        }

        String question() throws InterruptedException {
            return next(message -> message.contains("elicitation/create"));
        }

        String withdrawal() throws InterruptedException {
            return next(message -> message.contains("notifications/cancelled"));
        }

        private String next(Predicate<String> wanted) throws InterruptedException {
            for (var message : List.copyOf(passed)) {
                if (wanted.test(message)) {
                    passed.remove(message);
                    return message;
                }
            }
            while (true) {
                var message = heard.poll(30, TimeUnit.SECONDS);
                assertThat(message).as("after " + passed).isNotNull();
                if (wanted.test(message)) {
                    return message;
                }
                passed.add(message);
            }
        }

        @Override
        public void received(byte[] message) {
            var text = new String(message, StandardCharsets.UTF_8);
            heard.add(text);
            if (text.contains("elicitation/create")) {
                whileAsked.getAndSet(() -> {}).run();
            }
        }

        @Override
        public void tooLong(byte[] lastBytes) {
            heard.add("too long");
        }

        @Override
        public void refused(Refusal why) {
            heard.add("refused");
        }

        @Override
        public void refused(byte[] error, Refusal why) {
            heard.add("refused");
        }

        @Override
        public void closed() {
            heard.add("closed");
        }
    }

    /** Answers what the test says, one request after the other, or one method always alike. */
    private final class Server implements Wire {
        private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile String always = "";
        private volatile String alike = "";

        String answers(String method, String result) throws InterruptedException {
            return says(method, "\"result\":" + result);
        }

        void refuses(String method) throws InterruptedException {
            says(method, "\"error\":{\"code\":-32602,\"message\":\"No such task\"}");
        }

        /** Answers the next request, which has to be of this method. */
        String says(String method, String rest) throws InterruptedException {
            var request = requests.poll(30, TimeUnit.SECONDS);
            assertThat(request).as("request for " + method).isNotNull().contains('"' + method + '"');
            reply(request, rest);
            return request;
        }

        /** Waits until it is asked something, which is answered later. */
        void awaitRequest() {
            try {
                var request = requests.poll(30, TimeUnit.SECONDS);
                assertThat(request).isNotNull();
                requests.add(request);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void always(String method, String result) {
            alike = "\"result\":" + result;
            always = '"' + method + '"';
            var waiting = new ArrayList<String>();
            requests.drainTo(waiting);
            waiting.forEach(this::take);
        }

        private void take(String request) {
            if (!always.isEmpty() && request.contains(always)) {
                reply(request, alike);
            } else {
                requests.add(request);
            }
        }

        private void reply(String request, String rest) {
            carrier.received(utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ',' + rest + '}'));
        }

        @Override
        public void listen(Receiver receiver) {
            // The test tells the carrier itself.
        }

        @Override
        public boolean send(byte[] message) {
            var text = new String(message, StandardCharsets.UTF_8);
            if (closed.getCount() == 0) {
                return false;
            }
            if (text.contains("\"id\":")) {
                take(text);
            }
            return true;
        }

        @Override
        public boolean renew(UpstreamCredential credential) {
            return true;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
