package dev.sallyport.proxy.store;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A store for tests that are not about storing. It can be told to fail, and its clock can be the test's. */
public final class MemoryStore implements Store {

    private final Map<AreaName, Records> areas = new EnumMap<>(AreaName.class);
    private final LongSupplier millis;
    private volatile boolean down;

    public MemoryStore() {
        this(() -> System.nanoTime() / 1_000_000);
    }

    /** @param millis the clock by which records expire */
    public MemoryStore(LongSupplier millis) {
        this.millis = millis;
        for (var name : AreaName.values()) {
            areas.put(name, new Records(name));
        }
    }

    /** From now on every use fails, or works again. */
    public void down(boolean now) {
        down = now;
    }

    @Override
    public Area area(AreaName name) {
        return Optional.ofNullable(areas.get(name)).orElseThrow();
    }

    @Override
    public Optional<String> problem() {
        return down ? Optional.of("The test says so.") : Optional.empty();
    }

    @Override
    public void close() {
        down = true;
    }

    private final class Records implements Area {

        private final AreaName name;
        private final Map<String, byte[]> values = new HashMap<>();
        private final Map<String, Long> ends = new HashMap<>();
        private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

        Records(AreaName name) {
            this.name = name;
        }

        @Override
        public synchronized Optional<byte[]> get(String key) {
            if (down) {
                throw new StoreProblem("The store is down.");
            }
            if (millis.getAsLong() >= ends.getOrDefault(key, Long.MAX_VALUE)) {
                values.remove(key);
                ends.remove(key);
            }
            return Optional.ofNullable(values.get(key)).map(byte[]::clone);
        }

        @Override
        public synchronized void put(String key, byte[] value, Duration lifespan) {
            var known = get(key).isPresent();
            if (value.length > name.maxValue()) {
                throw StoreProblem.tooLarge(name);
            }
            if (!known && values.size() >= name.maxEntries()) {
                throw StoreProblem.full(name);
            }
            values.put(key, value.clone());
            ends.remove(key);
            if (!lifespan.equals(FOREVER)) {
                ends.put(key, millis.getAsLong() + lifespan.toMillis());
            }
            listeners.forEach(listener -> listener.accept(key));
        }

        @Override
        public synchronized boolean putIfAbsent(String key, byte[] value, Duration lifespan) {
            if (get(key).isPresent()) {
                return false;
            }
            put(key, value, lifespan);
            return true;
        }

        @Override
        public synchronized boolean replace(String key, byte[] expected, byte[] value, Duration lifespan) {
            if (get(key).filter(now -> MessageDigest.isEqual(now, expected)).isEmpty()) {
                return false;
            }
            put(key, value, lifespan);
            return true;
        }

        @Override
        public synchronized boolean remove(String key) {
            var known = get(key).isPresent();
            values.remove(key);
            ends.remove(key);
            listeners.forEach(listener -> listener.accept(key));
            return known;
        }

        @Override
        public synchronized boolean remove(String key, byte[] expected) {
            return get(key).filter(now -> MessageDigest.isEqual(now, expected)).isPresent() && remove(key);
        }

        @Override
        public void forEach(BiConsumer<String, byte[]> use) {
            List<String> keys;
            synchronized (this) {
                keys = new ArrayList<>(values.keySet());
            }
            keys.forEach(key -> get(key).ifPresent(value -> use.accept(key, value)));
        }

        @Override
        public synchronized long roughSize() {
            return values.size();
        }

        @Override
        public void onChange(Consumer<String> listener) {
            listeners.add(listener);
        }
    }
}
