package dev.sallyport.proxy.store;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.util.CloseableIterator;
import org.infinispan.commons.util.concurrent.CompletableFutures;
import org.infinispan.context.Flag;
import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryCreated;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryExpired;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryModified;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryRemoved;
import org.infinispan.notifications.cachelistener.event.CacheEntryEvent;

/** An area in a cache of this process, alone or as one of a cluster. */
final class CacheArea implements Area {

    private final AdvancedCache<String, byte[]> cache;
    private final Room room;

    CacheArea(AreaName name, AdvancedCache<String, byte[]> cache) {
        this.cache = cache;
        room = new Room(name, this::roughSize, System::nanoTime);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return orProblem(() -> Optional.ofNullable(cache.get(key)).map(byte[]::clone));
    }

    @Override
    public void put(String key, byte[] value, Duration lifespan) {
        room.forOne(value, () -> get(key).isPresent());
        orProblem(() -> {
            cache.withFlags(Flag.IGNORE_RETURN_VALUES).put(key, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS);
            return true;
        });
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value, Duration lifespan) {
        room.forOne(value, () -> get(key).isPresent());
        return orProblem(() -> cache.putIfAbsent(key, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS) == null);
    }

    @Override
    public boolean replace(String key, byte[] expected, byte[] value, Duration lifespan) {
        room.fits(value);
        return orProblem(() -> cache.replace(key, expected, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS));
    }

    @Override
    public boolean remove(String key) {
        return orProblem(() -> cache.remove(key) != null);
    }

    @Override
    public boolean remove(String key, byte[] expected) {
        return orProblem(() -> cache.remove(key, expected));
    }

    @Override
    public void forEach(BiConsumer<String, byte[]> use) {
        try (var entries = orProblem(() -> cache.entrySet().iterator())) {
            for (var entry = next(entries); entry.isPresent(); entry = next(entries)) {
                use.accept(entry.get().getKey(), entry.get().getValue().clone());
            }
        }
    }

    private static Optional<Map.Entry<String, byte[]>> next(CloseableIterator<Map.Entry<String, byte[]>> entries) {
        return orProblem(() -> entries.hasNext() ? Optional.of(entries.next()) : Optional.empty());
    }

    @Override
    public long roughSize() {
        return orProblem(() -> Math.max(0, cache.getStats().getApproximateEntries()));
    }

    @Override
    public void onChange(Consumer<String> listener) {
        orProblem(() -> {
            cache.addListener(new Changes(listener));
            return true;
        });
    }

    /** Infinispan's way of being told; its methods must be public. */
    @Listener(sync = false)
    public static final class Changes {

        private final Consumer<String> listener;

        Changes(Consumer<String> listener) {
            this.listener = listener;
        }

        @CacheEntryCreated
        @CacheEntryModified
        @CacheEntryRemoved
        @CacheEntryExpired
        public CompletionStage<Void> changed(CacheEntryEvent<String, byte[]> event) {
            if (!event.isPre()) {
                listener.accept(event.getKey());
            }
            return CompletableFutures.completedNull();
        }
    }

    /** Infinispan's unit; negative means for ever. */
    private static long millis(Duration lifespan) {
        return lifespan.equals(FOREVER) ? -1 : Math.max(1, lifespan.toMillis());
    }

    private static <T> T orProblem(Supplier<T> use) {
        try {
            return use.get();
        } catch (CacheException | IllegalStateException e) {
            throw StoreProblem.down(e);
        }
    }
}
