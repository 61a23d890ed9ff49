package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that passes as it is, to a client that does not read it: the MCP server waits, and the memory stays as it is. */
@Timeout(60)
class UnreadStreamTest {

    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"name\":\"get_note\"}}";

    private static final int BYTES = 64 * 1024;

    /** 512 MiB in all. */
    private static final int MANY = 8192;

    private static final String EVENT =
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\""
                    + "x".repeat(BYTES) + "\"}}";

    @Test
    void a_server_can_write_no_more_than_is_read() {
        var written = new AtomicInteger();
        try (var server = ScriptedServer.start((_, wire) -> {
                    wire.events();
                    while (written.get() < MANY) {
                        wire.event(EVENT);
                        written.incrementAndGet();
                    }
                    wire.end();
                });
                var gate = RunningGate.before(server.url("/mcp"));
                var client = RawClient.connect(gate.port()).send(gate.post(CALL), CALL)) {
            assertThat(client.head().status()).isEqualTo(200);

            var stopped = stopped(written);

            assertThat(stopped).as("events, of " + MANY).isLessThan(MANY / 4);
            for (var read = 0; read < 2 * stopped; read++) {
                assertThat(client.chunk()).isNotEmpty();
            }
            assertThat(written.get()).as("it goes on when the client reads").isGreaterThan(stopped);
        }
    }

    /** How many there are when there were no more for a second. */
    private static int stopped(AtomicInteger written) {
        var before = -1;
        var still = 0;
        while (still < 20) {
            var now = written.get();
            still = now == before && now > 0 ? still + 1 : 0;
            before = now;
            LockSupport.parkNanos(50_000_000L);
        }
        return before;
    }
}
