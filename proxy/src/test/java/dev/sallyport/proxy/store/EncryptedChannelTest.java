package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jgroups.protocols.PerDestinationBundler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptedChannelTest {

    @TempDir
    private Path folder;

    /** One for all never rests any more once a node has left for which something was to be sent (JGroups 5.5.1). */
    @Test
    void each_node_is_sent_to_by_a_thread_of_its_own() throws Exception {
        try (var nodes = new Nodes(folder, 1)) {
            var protocols = Cluster.protocols(nodes.settings(0), ClusterTls.sockets(Nodes.SECRET));

            try (var channel = new EncryptedChannel(protocols).createChannel("one")) {
                channel.connect("alone");

                assertThat(channel.getProtocolStack().getTransport().getBundler())
                        .isInstanceOfSatisfying(
                                PerDestinationBundler.class,
                                bundler -> assertThat(bundler.useSingleSenderThread())
                                        .isFalse());
            }
        }
    }
}
