package dev.sallyport.proxy.store;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A store that fails at a chosen use of it: once, or from then on. Uses are counted over all areas, from 1. */
public final class FailingStore implements Store {

    private static final int NEVER = Integer.MAX_VALUE;

    private final MemoryStore records = new MemoryStore();
    private final AtomicInteger uses = new AtomicInteger();
    private volatile int first = NEVER;
    private volatile int last = NEVER;

    /** Fails at this use from now, and at no other. */
    public void failAt(int use) {
        fail(use, use);
    }

    /** Fails at this use from now, and at all that follow. */
    public void failFrom(int use) {
        fail(use, NEVER);
    }

    public void recover() {
        fail(NEVER, NEVER);
    }

    private void fail(int from, int to) {
        first = NEVER;
        uses.set(0);
        last = to;
        first = from;
    }

    /** How often it was used since it was last told when to fail. */
    public int uses() {
        return uses.get();
    }

    private void use() {
        var use = uses.incrementAndGet();
        if (use >= first && use <= last) {
            throw new StoreProblem("The store is down.");
        }
    }

    @Override
    public Area area(AreaName name) {
        return new Failing(records.area(name));
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public void close() {
        records.close();
    }

    private final class Failing implements Area {

        private final Area area;

        Failing(Area area) {
            this.area = area;
        }

        @Override
        public Optional<byte[]> get(String key) {
            use();
            return area.get(key);
        }

        @Override
        public void put(String key, byte[] value, Duration lifespan) {
            use();
            area.put(key, value, lifespan);
        }

        @Override
        public boolean putIfAbsent(String key, byte[] value, Duration lifespan) {
            use();
            return area.putIfAbsent(key, value, lifespan);
        }

        @Override
        public boolean replace(String key, byte[] expected, byte[] value, Duration lifespan) {
            use();
            return area.replace(key, expected, value, lifespan);
        }

        @Override
        public boolean remove(String key) {
            use();
            return area.remove(key);
        }

        @Override
        public boolean remove(String key, byte[] expected) {
            use();
            return area.remove(key, expected);
        }

        @Override
        public void forEach(BiConsumer<String, byte[]> each) {
            use();
            area.forEach(each);
        }

        @Override
        public long roughSize() {
            return area.roughSize();
        }

        @Override
        public void onChange(Consumer<String> listener) {
            area.onChange(listener);
        }
    }
}
