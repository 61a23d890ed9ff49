package dev.sallyport.proxy.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.infinispan.client.hotrod.Flag;
import org.infinispan.client.hotrod.MetadataValue;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.ServerStatistics;
import org.infinispan.client.hotrod.annotation.ClientCacheEntryCreated;
import org.infinispan.client.hotrod.annotation.ClientCacheEntryExpired;
import org.infinispan.client.hotrod.annotation.ClientCacheEntryModified;
import org.infinispan.client.hotrod.annotation.ClientCacheEntryRemoved;
import org.infinispan.client.hotrod.annotation.ClientListener;
import org.infinispan.client.hotrod.event.ClientCacheEntryCreatedEvent;
import org.infinispan.client.hotrod.event.ClientCacheEntryExpiredEvent;
import org.infinispan.client.hotrod.event.ClientCacheEntryModifiedEvent;
import org.infinispan.client.hotrod.event.ClientCacheEntryRemovedEvent;
import org.infinispan.commons.util.CloseableIterator;

/** An area in a cache of a remote server; keys are sent as UTF-8. Compare-and-set goes by the version of the record. */
final class RemoteArea implements Area {

    private static final int BATCH = 1000;

    private final RemoteCache<byte[], byte[]> cache;
    private final Room room;

    RemoteArea(AreaName name, RemoteCache<byte[], byte[]> cache) {
        this.cache = cache;
        room = new Room(name, this::roughSize, System::nanoTime);
    }

    @Override
    public Optional<byte[]> get(String key) {
        return orProblem(() -> Optional.ofNullable(cache.get(bytes(key))));
    }

    @Override
    public void put(String key, byte[] value, Duration lifespan) {
        room.forOne(value, () -> get(key).isPresent());
        orProblem(() -> {
            cache.put(bytes(key), value, millis(lifespan), TimeUnit.MILLISECONDS);
            return true;
        });
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value, Duration lifespan) {
        room.forOne(value, () -> get(key).isPresent());
        return orProblem(() -> cache.withFlags(Flag.FORCE_RETURN_VALUE)
                        .putIfAbsent(bytes(key), value, millis(lifespan), TimeUnit.MILLISECONDS)
                == null);
    }

    @Override
    public boolean replace(String key, byte[] expected, byte[] value, Duration lifespan) {
        room.fits(value);
        return orProblem(() -> {
            for (var now = expected(key, expected); now.isPresent(); now = expected(key, expected)) {
                if (cache.replaceWithVersion(
                        bytes(key),
                        value,
                        now.get().getVersion(),
                        millis(lifespan),
                        TimeUnit.MILLISECONDS,
                        -1,
                        TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
            return false;
        });
    }

    @Override
    public boolean remove(String key) {
        return orProblem(() -> cache.withFlags(Flag.FORCE_RETURN_VALUE).remove(bytes(key)) != null);
    }

    @Override
    public boolean remove(String key, byte[] expected) {
        return orProblem(() -> {
            for (var now = expected(key, expected); now.isPresent(); now = expected(key, expected)) {
                if (cache.removeWithVersion(bytes(key), now.get().getVersion())) {
                    return true;
                }
            }
            return false;
        });
    }

    /** The record with its version, while it is the expected one. */
    private Optional<MetadataValue<byte[]>> expected(String key, byte[] expected) {
        return Optional.ofNullable(cache.getWithMetadata(bytes(key)))
                .filter(now -> MessageDigest.isEqual(now.getValue(), expected));
    }

    @Override
    public void forEach(BiConsumer<String, byte[]> use) {
        try (var entries = orProblem(() -> cache.retrieveEntries(null, BATCH))) {
            for (var entry = next(entries); entry.isPresent(); entry = next(entries)) {
                use.accept(text((byte[]) entry.get().getKey()), (byte[])
                        entry.get().getValue());
            }
        }
    }

    private static Optional<Map.Entry<Object, Object>> next(CloseableIterator<Map.Entry<Object, Object>> entries) {
        return orProblem(() -> entries.hasNext() ? Optional.of(entries.next()) : Optional.empty());
    }

    /** Zero where the server's cache keeps no statistics; such a cache has to be bounded by whoever runs it. */
    @Override
    public long roughSize() {
        return orProblem(() -> {
            var statistics = cache.serverStatistics();
            return Optional.ofNullable(statistics.getStatistic(ServerStatistics.CLUSTER_APPROXIMATE_ENTRIES_UNIQUE))
                    .or(() -> Optional.ofNullable(statistics.getStatistic(ServerStatistics.APPROXIMATE_ENTRIES)))
                    .map(Long::parseLong)
                    .filter(count -> count > 0)
                    .orElse(0L);
        });
    }

    @Override
    public void onChange(Consumer<String> listener) {
        orProblem(() -> {
            cache.addClientListener(new Changes(listener));
            return true;
        });
    }

    /** Infinispan's way of being told; its methods must be public. */
    @ClientListener
    public static final class Changes {

        private final Consumer<String> listener;

        Changes(Consumer<String> listener) {
            this.listener = listener;
        }

        @ClientCacheEntryCreated
        public void created(ClientCacheEntryCreatedEvent<byte[]> event) {
            listener.accept(text(event.getKey()));
        }

        @ClientCacheEntryModified
        public void modified(ClientCacheEntryModifiedEvent<byte[]> event) {
            listener.accept(text(event.getKey()));
        }

        @ClientCacheEntryRemoved
        public void removed(ClientCacheEntryRemovedEvent<byte[]> event) {
            listener.accept(text(event.getKey()));
        }

        @ClientCacheEntryExpired
        public void expired(ClientCacheEntryExpiredEvent<byte[]> event) {
            listener.accept(text(event.getKey()));
        }
    }

    /** Infinispan's unit; negative means for ever. */
    private static long millis(Duration lifespan) {
        return lifespan.equals(FOREVER) ? -1 : Math.max(1, lifespan.toMillis());
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }

    /** The client has no common type for what can go wrong. */
    private static <T> T orProblem(Supplier<T> use) {
        try {
            return use.get();
        } catch (RuntimeException e) {
            throw StoreProblem.down(e);
        }
    }
}
