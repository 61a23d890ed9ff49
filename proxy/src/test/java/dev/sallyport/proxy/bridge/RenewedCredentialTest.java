package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.UpstreamSettings.ProcessLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a running server when its owner comes with another credential. */
class RenewedCredentialTest {

    private static final Declared DECLARED = new Declared("2025-11-25", "{}", "{\"name\":\"x\",\"version\":\"1\"}");

    private final List<UpstreamCredential> opened = new ArrayList<>();
    private final List<UpstreamCredential> renewed = new ArrayList<>();

    @Test
    void a_wire_that_can_goes_on_with_it_also_if_only_what_stands_beside_the_secret_changed() {
        var peers = peers(true);
        var first = peers.of("alice", credential("secret", "said at noon"), DECLARED);

        var later = credential("secret", "said a minute later");

        assertThat(peers.of("alice", later, DECLARED).peer()).isSameAs(first.peer());
        assertThat(renewed).containsExactly(later);
        assertThat(opened).hasSize(1);
    }

    @Test
    void a_wire_that_cannot_goes_on_only_with_the_same_secret() {
        var peers = peers(false);
        var first = peers.of("alice", credential("secret", ""), DECLARED);

        assertThat(peers.of("alice", credential("secret", ""), DECLARED).peer()).isSameAs(first.peer());
        assertThat(first.peer().isClosed()).isFalse();
        assertThat(opened).hasSize(1);
        first.peer().closed();
        assertThat(first.peer().isClosed()).isTrue();
    }

    private Peers peers(boolean renews) {
        return new Peers(
                credential -> {
                    opened.add(credential);
                    return new Introducing(renews);
                },
                Peer.Privacy.ONE_PERSON,
                ProcessLimits.defaults());
    }

    private static UpstreamCredential credential(String secret, String beside) {
        return new UpstreamCredential(
                List.of(
                        new UpstreamCredential.Header("X-Api-Key", Secret.of(secret)),
                        new UpstreamCredential.Header("X-Who", Secret.of(beside))),
                List.of(Secret.of(secret)));
    }

    /** Answers {@code initialize}. */
    private final class Introducing implements Wire {
        private final boolean renews;
        private final List<Receiver> near = new ArrayList<>();

        private Introducing(boolean renews) {
            this.renews = renews;
        }

        @Override
        public void listen(Receiver receiver) {
            near.add(receiver);
        }

        @Override
        public boolean send(byte[] message) {
            if (new String(message, StandardCharsets.UTF_8).contains("\"initialize\"")) {
                near.getFirst()
                        .received(("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025-11-25\","
                                        + "\"capabilities\":{},\"serverInfo\":{\"name\":\"x\",\"version\":\"1\"}}}")
                                .getBytes(StandardCharsets.UTF_8));
            }
            return true;
        }

        @Override
        public boolean renew(UpstreamCredential credential) {
            renewed.add(credential);
            return renews;
        }

        @Override
        public void close() {
            // Nothing is behind it.
        }
    }
}
