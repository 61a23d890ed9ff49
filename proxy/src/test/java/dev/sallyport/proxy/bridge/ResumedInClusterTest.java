package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.store.Nodes;
import dev.sallyport.proxy.store.Store;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of a real cluster: Infinispan embedded in each, which talk through TLS. */
class ResumedInClusterTest extends ResumptionContract {

    private final Nodes nodes;

    ResumedInClusterTest(@TempDir Path folder) throws InterruptedException, ExecutionException {
        nodes = new Nodes(folder, 2);
        nodes.startAll();
    }

    @Override
    Store atOne() {
        return nodes.store(0);
    }

    @Override
    Store atOther() {
        return nodes.store(1);
    }

    @AfterAll
    void closeNodes() {
        nodes.close();
    }
}
