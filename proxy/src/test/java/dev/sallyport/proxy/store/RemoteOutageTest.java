package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a remote store does when its server goes away and comes back. */
class RemoteOutageTest {

    @TempDir
    Path folder;

    @Test
    void a_server_that_was_killed_is_a_problem_and_afterwards_everything_is_there()
            throws IOException, InterruptedException {
        try (var server = InfinispanServer.start(folder);
                var store = server.store()) {
            var records = store.area(AreaName.CONNECTIONS);
            records.put("kept", new byte[] {1, 2, 3});

            server.kill();

            assertThatThrownBy(() -> records.get("kept")).isInstanceOf(StoreProblem.class);
            assertThatThrownBy(() -> records.put("kept", new byte[] {4})).isInstanceOf(StoreProblem.class);
            assertThat(store.problem()).isPresent();

            restart(server, store);
            assertThat(records.get("kept")).hasValue(new byte[] {1, 2, 3});
        }
    }

    private static void restart(InfinispanServer server, Store store) throws IOException {
        server.restart();
        StoreContract.await(() -> store.problem().isEmpty());
    }
}
