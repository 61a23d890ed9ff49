package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.wire.RawClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who asks for much and reads nothing is cut off before the memory is full; others notice nothing. */
@Timeout(120)
class UnreadAnswersTest {

    /** More than the kernel takes off our hands. */
    private static final String BYTES = Integer.toString(12 * 1024 * 1024);

    private static final int MANY = 60;

    private static final RunningGate GATE = RunningGate.beforeUpstream(CommandServerTest.command("user", ""));

    @AfterAll
    static void close() {
        GATE.close();
    }

    @Test
    void answers_that_nobody_reads_are_bounded() {
        var mallory = LegacyClient.of(GATE, "mallory");
        List<RawClient> unread = new ArrayList<>();
        try {
            var cut = 0;
            for (var id = 1; id <= MANY && cut == 0; id++) {
                var connection = mallory.open(call(id, "huge", BYTES));
                unread.add(connection);
                cut += connection.head().status() == 200 ? 0 : 1;
            }

            assertThat(cut).as("of " + unread.size()).isEqualTo(1);
            assertThat(unread.size()).as("connections of one person").isGreaterThan(2);
            assertThat(LegacyClient.of(GATE, "alice").tool("echo", "as ever")).isEqualTo("as ever");
        } finally {
            unread.forEach(RawClient::close);
        }
        SharingTest.await(() -> mallory.open(call(99, "echo", "again")).head().status() == 200);
    }
}
