package dev.sallyport.proxy.store;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Records of one kind. Each method is atomic for its key, on all nodes together, and what it did is seen by every node when
 * it returns. An expired record is as good as removed. Arrays are copied in and out.
 *
 * <p>Every method may block, and throws {@link StoreProblem} when the store is down, the area is full, or the value is too
 * large; nothing is changed then. Only if a node fails in the middle of a write may that write have happened nevertheless.
 */
public interface Area {

    /** The lifespan of a record that ends only when it is removed. */
    Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    Optional<byte[]> get(String key);

    /** Stores or replaces. */
    void put(String key, byte[] value, Duration lifespan);

    /** Stores {@code value} if nothing is there; false otherwise. */
    boolean putIfAbsent(String key, byte[] value, Duration lifespan);

    /** Stores {@code value} if exactly {@code expected} is there; false otherwise. The lifespan begins anew. */
    boolean replace(String key, byte[] expected, byte[] value, Duration lifespan);

    /** Removes the record; true if there was one. */
    boolean remove(String key);

    /** Removes the record if exactly {@code expected} is there; false otherwise. */
    boolean remove(String key, byte[] expected);

    /** Shows every record once; records written meanwhile may or may not be shown. Holds few of them in memory at a time. */
    void forEach(BiConsumer<String, byte[]> use);

    /** How many records there are, roughly: expired ones may still be counted. */
    long roughSize();

    /**
     * Calls back with the key whenever a record was stored, replaced, removed or expired by any node, shortly afterwards, on a
     * thread of the store: the listener must return quickly. A hint, not a log: when the connection to the store was lost in
     * between, changes may be missed, so a cache that relies on it also has an age.
     */
    void onChange(Consumer<String> listener);

    default void put(String key, byte[] value) {
        put(key, value, FOREVER);
    }

    default boolean putIfAbsent(String key, byte[] value) {
        return putIfAbsent(key, value, FOREVER);
    }

    default boolean replace(String key, byte[] expected, byte[] value) {
        return replace(key, expected, value, FOREVER);
    }

    /**
     * Puts what {@code change} makes of the record in its place, atomically: {@code change} is called again when another was
     * faster, so it does nothing but compute. An empty result removes the record.
     *
     * @return what is there now
     * @throws StoreProblem also if others were faster too often
     */
    default Optional<byte[]> update(String key, Duration lifespan, UnaryOperator<Optional<byte[]>> change) {
        for (var attempt = 0; attempt < 100; attempt++) {
            var before = get(key);
            var after = change.apply(before);
            if (exchange(key, before, after, lifespan)) {
                return after;
            }
        }
        throw StoreProblem.contended();
    }

    private boolean exchange(String key, Optional<byte[]> before, Optional<byte[]> after, Duration lifespan) {
        if (before.isPresent()) {
            return after.isPresent() ? replace(key, before.get(), after.get(), lifespan) : remove(key, before.get());
        }
        return after.isEmpty() || putIfAbsent(key, after.get(), lifespan);
    }
}
