package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.secret.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may be one of the nodes, whose files count, and what those get who should not be there. */
class ClusterMembersTest {

    private static final Duration SHORT = Duration.ofSeconds(8);

    @TempDir
    Path folder;

    @Test
    void a_record_removed_while_a_node_was_down_does_not_come_back_with_it() throws Exception {
        try (var nodes = new Nodes(folder, 3)) {
            nodes.startAll();
            records(nodes, 0).put("removed", new byte[] {1});
            records(nodes, 0).put("kept", new byte[] {2});
            nodes.stop(2);
            records(nodes, 0).remove("removed");

            nodes.start(2);

            assertThat(records(nodes, 2).get("removed")).isEmpty();
            assertThat(records(nodes, 0).get("removed")).isEmpty();
            assertThat(records(nodes, 2).get("kept")).hasValue(new byte[] {2});
        }
    }

    @Test
    void after_all_were_stopped_the_freshest_files_count() throws Exception {
        try (var nodes = new Nodes(folder, 3)) {
            nodes.startAll();
            records(nodes, 1).put("removed", new byte[] {1});
            nodes.stop(0);
            records(nodes, 1).remove("removed");
            records(nodes, 1).put("added", new byte[] {3});
            nodes.stop(1);
            nodes.stop(2);

            nodes.startAll();

            for (var node = 0; node < 3; node++) {
                assertThat(records(nodes, node).get("removed")).isEmpty();
                assertThat(records(nodes, node).get("added")).hasValue(new byte[] {3});
            }
        }
    }

    @Test
    void what_one_node_kept_by_itself_becomes_the_cluster_s() throws Exception {
        try (var alone = CacheStore.embedded(folder.resolve("node-0"))) {
            alone.area(AreaName.CONNECTIONS).put("kept", new byte[] {7});
        }

        try (var nodes = new Nodes(folder, 3)) {
            nodes.startAll();
            // The files of the others are empty, which is no fresher.
            assertThat(records(nodes, 2).get("kept")).hasValue(new byte[] {7});
        }
    }

    @Test
    void one_of_three_does_not_begin_alone() {
        try (var nodes = new Nodes(folder, 3)) {
            assertThatThrownBy(() -> nodes.open(0, Nodes.SECRET, Duration.ofMillis(500)))
                    .isInstanceOf(StoreProblem.class)
                    .hasMessageContaining("only 1 of the 2 nodes that are needed are there");
        }
    }

    @Test
    void who_has_another_secret_stays_outside_and_harms_nobody() throws Exception {
        try (var nodes = new Nodes(folder, 3)) {
            nodes.start(0, 1);
            records(nodes, 0).put("secret", new byte[] {1});

            assertThatThrownBy(() -> nodes.open(2, Secret.of("a secret of somebody else, as long"), SHORT))
                    .isInstanceOf(StoreProblem.class)
                    .hasMessageContaining("only 1 of the 2 nodes that are needed are there");

            assertThat(records(nodes, 1).get("secret")).hasValue(new byte[] {1});
            records(nodes, 1).put("secret", new byte[] {2});
            assertThat(records(nodes, 0).get("secret")).hasValue(new byte[] {2});
        }
    }

    @Test
    void nobody_is_heard_without_the_certificate_of_the_cluster() throws Exception {
        try (var nodes = new Nodes(folder, 3)) {
            nodes.start(0, 1);
            var port = nodes.settings(0).port();

            assertThatThrownBy(() -> talk(ClusterTls.context(Secret.of("a secret of somebody else, as long"))
                            .getSocketFactory()
                            .createSocket(InetAddress.getLoopbackAddress(), port)))
                    .isInstanceOf(SSLException.class);
            try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
                plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                var answer = plain.getInputStream().readAllBytes();
                assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP", "sallyport");
            }

            records(nodes, 1).put("still", new byte[] {2});
            assertThat(records(nodes, 0).get("still")).hasValue(new byte[] {2});
        }
    }

    @Test
    void a_short_secret_is_refused() {
        try (var nodes = new Nodes(folder, 3)) {
            assertThatThrownBy(() -> nodes.open(0, Secret.of("too short"), SHORT))
                    .isInstanceOf(StoreProblem.class)
                    .hasMessageContaining("openssl rand")
                    .satisfies(problem ->
                            assertThat(String.valueOf(problem.getMessage())).doesNotContain("too short"));
        }
    }

    private static void talk(Socket socket) throws IOException {
        try (var tls = (SSLSocket) socket) {
            tls.startHandshake();
            tls.getOutputStream().write(0);
            tls.getInputStream().readAllBytes();
        }
    }

    private static Area records(Nodes nodes, int node) {
        return nodes.store(node).area(AreaName.CONNECTIONS);
    }
}
