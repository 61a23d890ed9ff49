package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.permission.PinMemory;
import dev.sallyport.proxy.permission.ToolPins;
import dev.sallyport.proxy.upstream.Outcome;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A filter may wait for what the nodes share, and a large list takes milliseconds to read. The gate under test has a single
 * event loop, and a filter that gets no further until the test lets it: whatever is answered meanwhile was not held up.
 */
@Timeout(180)
class FilteredAsideTest {

    private static final String LIST = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";
    private static final String TOOLS = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":["
            + "{\"name\":\"get_note\",\"inputSchema\":{}},{\"inputSchema\":{}}]}}";
    private static final String SHOWN =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"get_note\",\"inputSchema\":{}}]}}";
    private static final String PROGRESS =
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1,\"progressToken\":1}}";

    private final CountDownLatch filtering = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final ScriptedServer upstream = ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}");
    private final RunningGate gate = RunningGate.before(upstream.url("/mcp")).pinning(new SlowPins());

    @AfterEach
    void close() {
        goOn.countDown();
        gate.close();
        upstream.close();
    }

    /** Says nothing of any tool before it may. */
    private final class SlowPins implements ToolPins {
        private final PinMemory pins = new PinMemory();

        @Override
        public Pin first(Key key, Pin pin) {
            filtering.countDown();
            await(goOn);
            return pins.first(key, pin);
        }

        @Override
        public void replace(Key key, Pin pin) {
            pins.replace(key, pin);
        }
    }

    @Test
    void others_are_answered_while_a_list_is_filtered() {
        upstream.script((request, wire) -> wire.json(
                200, request.body().contains("tools/list") ? TOOLS : "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}"));

        try (var lister = RawClient.connect(gate.port()).send(gate.post(LIST), LIST)) {
            await(filtering);
            var meanwhile = gate.raw("GET /nothing HTTP/1.1\nHost: " + RunningGate.HOST);
            goOn.countDown();

            assertThat(meanwhile.status()).isEqualTo(404);
            assertThat(lister.answer().body()).isEqualTo(SHOWN);
            assertThat(gate.call(CALL).status()).isEqualTo(200);
        }
    }

    @Test
    void events_behind_the_one_that_is_filtered_wait_for_it_and_keep_their_order() {
        upstream.script((_, wire) ->
                wire.events().event(PROGRESS).event(TOOLS).event(PROGRESS).end());

        try (var lister = RawClient.connect(gate.port()).send(gate.post(LIST), LIST)) {
            await(filtering);
            var meanwhile = gate.raw("GET /nothing HTTP/1.1\nHost: " + RunningGate.HOST);
            goOn.countDown();

            assertThat(meanwhile.status()).isEqualTo(404);
            assertThat(lister.answer().body())
                    .isEqualTo("data: " + PROGRESS + "\n\ndata: " + SHOWN + "\n\ndata: " + PROGRESS + "\n\n");
        }
    }

    @Test
    void a_large_list_arrives_whole_and_filtered() {
        goOn.countDown();
        var hidden = "{\"inputSchema\":{},\"description\":\"" + "x".repeat(3000) + "\"}";
        var kept = "{\"name\":\"get_note\",\"inputSchema\":{},\"description\":\"" + "y".repeat(700_000) + "\"}";
        var many = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[" + (hidden + ",").repeat(100) + kept + "]}}";
        upstream.script((_, wire) -> wire.events().event(many).event(PROGRESS).end());

        assertThat(gate.call(LIST).body())
                .endsWith("data: " + PROGRESS + "\n\n")
                .contains(kept);
    }

    @Test
    void a_server_that_breaks_off_meanwhile_takes_nothing_back_that_it_had_said() {
        upstream.script((_, wire) -> {
            wire.events().event(TOOLS);
            await(filtering);
            wire.close();
        });

        try (var lister = RawClient.connect(gate.port()).send(gate.post(LIST), LIST)) {
            await(filtering);
            // Whether the loop learns of the break before or after the filter is done: the client gets the same.
            gate.raw("GET /nothing HTTP/1.1\nHost: " + RunningGate.HOST);
            goOn.countDown();

            assertThat(lister.answer().body())
                    .startsWith("data: " + SHOWN + "\n\n")
                    .contains("broke off its answer");
        }
    }

    @Test
    void a_client_that_hangs_up_meanwhile_leaves_nothing_behind() {
        upstream.script((_, wire) -> wire.json(200, TOOLS));

        var lister = RawClient.connect(gate.port()).send(gate.post(LIST), LIST);
        await(filtering);
        lister.close();

        assertThat(gate.nextEnd()).isEqualTo(Outcome.End.CLIENT_GONE);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
