package dev.sallyport.proxy.store;

/** What tests stand on keeps the same promises as what they stand for. */
class MemoryStoreTest implements StoreContract {

    private final Store store = new MemoryStore();

    @Override
    public Store here() {
        return store;
    }

    @Override
    public Store there() {
        return store;
    }
}
