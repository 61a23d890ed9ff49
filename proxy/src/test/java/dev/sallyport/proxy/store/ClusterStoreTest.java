package dev.sallyport.proxy.store;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in one process, each with its own files, that talk through TLS over the loopback. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterStoreTest implements StoreContract {

    private final Nodes nodes;

    ClusterStoreTest(@TempDir Path folder) throws InterruptedException, ExecutionException {
        nodes = new Nodes(folder, 3);
        nodes.startAll();
    }

    @AfterAll
    void close() {
        nodes.close();
    }

    @Override
    public Store here() {
        return nodes.store(0);
    }

    @Override
    public Store there() {
        return nodes.store(2);
    }
}
