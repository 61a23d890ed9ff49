package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One person has a hundred sessions at most: the one that rested longest makes room, and nobody else's does. */
@Timeout(120)
class SessionLimitsTest {

    private static final int MOST = 100;
    private static final RunningGate GATE = RunningGate.beforeUpstream(CommandServerTest.command("shared", ""));

    @AfterAll
    static void close() {
        GATE.close();
    }

    @Test
    void a_session_too_many_ends_the_one_that_rested_longest() {
        var other = LegacyClient.of(GATE, "bob");
        var clients = new ArrayList<LegacyClient>();
        for (var count = 0; count < MOST; count++) {
            clients.add(LegacyClient.of(GATE, "alice", "client-" + count));
        }
        assertThat(calls(clients.getFirst())).isEqualTo(200);

        clients.add(LegacyClient.of(GATE, "alice", "one-more"));

        assertThat(calls(clients.getFirst())).isEqualTo(200);
        assertThat(calls(clients.get(1))).isEqualTo(404);
        assertThat(calls(clients.get(2))).isEqualTo(200);
        assertThat(calls(clients.getLast())).isEqualTo(200);
        assertThat(calls(other)).isEqualTo(200);
    }

    @Test
    void a_stream_too_many_of_a_client_of_2024_11_05_ends_that_which_rested_longest() {
        List<SseClient> streams = new ArrayList<>();
        try (var other = SseClient.begun(GATE, token("dave"))) {
            for (var count = 0; count <= MOST; count++) {
                streams.add(SseClient.open(GATE, token("carol")));
            }

            assertThat(streams.getFirst().isOver()).isTrue();
            assertThat(streams.getFirst().post(call(1, "echo", "x")).status()).isEqualTo(404);
            assertThat(streams.get(1).begin()).contains("\"id\":0");
            assertThat(streams.getLast().begin()).contains("\"id\":0");
            other.post(call(7, "echo", "still here"));
            assertThat(other.until("still here")).contains("\"id\":7");
        } finally {
            streams.forEach(SseClient::close);
        }
    }

    private static int calls(LegacyClient client) {
        return client.post(call(1, "echo", "x")).status();
    }

    private static String token(String person) {
        return GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .sign();
    }
}
