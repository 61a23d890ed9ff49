package dev.sallyport.proxy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client of an older revision says, on its way to a pipe of 2026-07-28. */
@Timeout(60)
class ModernWireTest {

    private static final int MANY = 3000;

    @Test
    void requests_reach_a_pipe_in_the_order_in_which_they_were_made() throws Exception {
        var pipe = new Pipe();
        var wire = new ModernWire(new PipeCarrier("notes", Duration.ofSeconds(10), pipe), () -> {});
        try {
            for (var id = 0; id < MANY; id++) {
                assertThat(wire.send(utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id
                                + ",\"method\":\"tools/call\",\"params\":{\"name\":\"tool-" + id + "\"}}")))
                        .isTrue();
            }

            assertThat(pipe.names(MANY))
                    .isEqualTo(IntStream.range(0, MANY)
                            .mapToObj(id -> "tool-" + id)
                            .toList());
        } finally {
            wire.close();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Takes everything, and answers nothing. */
    private static final class Pipe implements Wire {
        private final BlockingQueue<byte[]> said = new LinkedBlockingQueue<>();

        @Override
        public void listen(Receiver receiver) {
            // It says nothing.
        }

        @Override
        public boolean send(byte[] message) {
            return said.add(message);
        }

        @Override
        public boolean renew(UpstreamCredential credential) {
            return true;
        }

        @Override
        public void close() {
            said.clear();
        }

        private List<String> names(int count) throws InterruptedException {
            var names = new ArrayList<String>();
            while (names.size() < count) {
                var message = said.poll(30, TimeUnit.SECONDS);
                assertThat(message).as("message after " + names).isNotNull();
                JsonText.strict(message)
                        .member("params")
                        .flatMap(params -> params.member("name"))
                        .flatMap(JsonText::string)
                        .ifPresent(names::add);
            }
            return names;
        }
    }
}
