package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.store.Store;

/** Two nodes with one store in memory. */
class ResumedElsewhereTest extends ResumptionContract {

    private final MemoryStore store = new MemoryStore();

    @Override
    Store atOne() {
        return store;
    }

    @Override
    Store atOther() {
        return store;
    }
}
