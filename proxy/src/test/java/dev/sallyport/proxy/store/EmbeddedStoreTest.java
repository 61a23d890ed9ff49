package dev.sallyport.proxy.store;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedStoreTest implements StoreContract {

    private final Store store;

    EmbeddedStoreTest(@TempDir Path folder) {
        store = CacheStore.embedded(folder);
    }

    @AfterAll
    void close() {
        store.close();
    }

    @Override
    public Store here() {
        return store;
    }

    @Override
    public Store there() {
        return store;
    }
}
