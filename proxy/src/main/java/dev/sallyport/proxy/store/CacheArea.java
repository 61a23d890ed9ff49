package dev.sallyport.proxy.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.infinispan.persistence.spi.PersistenceException;
import org.infinispan.remoting.RemoteException;

/** An area in a cache of this process, alone or as one of a cluster. */
final class CacheArea implements Area {

    /** Longer than anything that Infinispan waits for by itself: then the disk hangs. */
    private static final long PATIENCE_SECONDS = 60;

    private final AdvancedCache<String, byte[]> cache;
    private final Room room;
    private final Optional<Disk> disk;

    /** @param disk where the area lies, if it is one that outlives the process */
    CacheArea(AreaName name, AdvancedCache<String, byte[]> cache, Optional<Disk> disk) {
        this.cache = cache;
        this.disk = disk;
        room = new Room(name, this::roughSize, System::nanoTime);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return orProblem(() -> Optional.ofNullable(cache.get(key)).map(byte[]::clone));
    }

    @Override
    public void put(String key, byte[] value, Duration lifespan) {
        room.forOne(value, () -> get(key).isPresent());
        disk.ifPresent(Disk::forRecord);
        written(() -> cache.withFlags(Flag.IGNORE_RETURN_VALUES)
                .putAsync(key, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS)
                .thenApply(_ -> true));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value, Duration lifespan) {
        // Looked at first, so that a full disk does not hide what is there.
        if (get(key).isPresent()) {
            return false;
        }
        room.forOne(value, () -> false);
        disk.ifPresent(Disk::forRecord);
        return written(() -> cache.putIfAbsentAsync(key, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS)
                .thenApply(Objects::isNull));
    }

    @Override
    public boolean replace(String key, byte[] expected, byte[] value, Duration lifespan) {
        room.fits(value);
        disk.ifPresent(Disk::forRecord);
        return written(() -> cache.replaceAsync(key, expected, value.clone(), millis(lifespan), TimeUnit.MILLISECONDS));
    }

    @Override
    public boolean remove(String key) {
        disk.ifPresent(Disk::forRemoval);
        return written(() -> cache.removeAsync(key).thenApply(Objects::nonNull));
    }

    @Override
    public boolean remove(String key, byte[] expected) {
        disk.ifPresent(Disk::forRemoval);
        return written(() -> cache.removeAsync(key, expected));
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

    /** Waits until it is written, but not behind a write that failed: nothing would ever come of it. */
    private boolean written(Supplier<CompletableFuture<Boolean>> use) {
        try {
            var done = use.get();
            var either = disk.<CompletableFuture<?>>map(files -> CompletableFuture.anyOf(done, files.broken()))
                    .orElse(done);
            either.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (done.isDone()) {
                return done.get();
            }
            throw new StoreProblem(
                    disk.flatMap(Disk::problem).orElse("A write before this one failed; nothing was changed."));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StoreProblem.down(e);
        } catch (ExecutionException | TimeoutException | CacheException | IllegalStateException e) {
            disk.filter(_ -> isOfThisDisk(e)).ifPresent(files -> files.failed(e));
            throw StoreProblem.down(e);
        }
    }

    /** What another node of the cluster could not write is that node's trouble. */
    private static boolean isOfThisDisk(Throwable failure) {
        var files = false;
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RemoteException) {
                return false;
            }
            files |= cause instanceof IOException || cause instanceof PersistenceException;
        }
        return files;
    }

    private static <T> T orProblem(Supplier<T> use) {
        try {
            return use.get();
        } catch (CacheException | IllegalStateException e) {
            throw StoreProblem.down(e);
        }
    }
}
