package dev.sallyport.proxy.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.manager.DefaultCacheManager;

/**
 * Infinispan inside this process. Areas that outlive it lie in soft-index file stores in the folder; the heap holds a bounded
 * part of those, the files hold all. What is kept for good is synced on every write, so that what was acknowledged survives a
 * crash at any instant.
 */
public final class CacheStore implements Store {

    /** How many records of an area on disk the heap holds as well. */
    private static final int IN_HEAP = 10_000;

    private final DefaultCacheManager caches;
    private final Map<AreaName, Area> areas = new EnumMap<>(AreaName.class);

    private CacheStore(DefaultCacheManager caches) {
        this.caches = caches;
    }

    /** @throws StoreProblem if the folder cannot be used, for instance because another process holds it */
    public static CacheStore embedded(Path folder) {
        createOwnerOnly(folder);
        var global = new GlobalConfigurationBuilder().nonClusteredDefault();
        global.globalState().disable();
        global.jmx().disable();
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        DefaultCacheManager caches = null;
        try {
            caches = new DefaultCacheManager(global.build());
            var store = new CacheStore(caches);
            for (var name : AreaName.values()) {
                store.open(name, configuration(name, folder));
            }
            return store;
        } catch (CacheException e) {
            if (caches != null) {
                caches.stop();
            }
            throw new StoreProblem(
                    "The store in " + folder
                            + " cannot be opened. Check that no other proxy uses the same folder, that its"
                            + " files are readable and that the disk is not full.",
                    e);
        }
    }

    private void open(AreaName name, ConfigurationBuilder configuration) {
        caches.defineConfiguration(name.cache(), configuration.build());
        var cache = caches.<String, byte[]>getCache(name.cache());
        areas.put(name, new CacheArea(name, cache.getAdvancedCache()));
    }

    private static ConfigurationBuilder configuration(AreaName name, Path folder) {
        var cache = new ConfigurationBuilder();
        cache.encoding().mediaType(MediaType.APPLICATION_OBJECT_TYPE);
        if (name.keeps() == AreaName.Keeps.WHILE_RUNNING) {
            if (name.whenFull() == AreaName.WhenFull.OLDEST_GIVES_WAY) {
                cache.memory().maxCount(name.maxEntries()).whenFull(EvictionStrategy.REMOVE);
            }
            return cache;
        }
        cache.memory().maxCount(IN_HEAP);
        cache.persistence()
                .passivation(false)
                .addSoftIndexFileStore()
                .dataLocation(folder.resolve("data").toString())
                .indexLocation(folder.resolve("index").toString())
                .syncWrites(name.keeps() == AreaName.Keeps.FOR_GOOD)
                .preload(false)
                .purgeOnStartup(false);
        return cache;
    }

    private static void createOwnerOnly(Path folder) {
        try {
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new StoreProblem(
                    "The store's folder " + folder + " cannot be created. Check rights and free space.", e);
        }
    }

    @Override
    public Area area(AreaName name) {
        var area = areas.get(name);
        if (area == null) {
            throw new IllegalStateException("every area is opened at the start");
        }
        return area;
    }

    @Override
    public Optional<String> problem() {
        try {
            for (var area : areas.values()) {
                area.get("");
            }
            return Optional.empty();
        } catch (StoreProblem e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        caches.stop();
    }
}
