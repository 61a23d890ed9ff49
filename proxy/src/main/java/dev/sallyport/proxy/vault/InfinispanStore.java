package dev.sallyport.proxy.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;

/**
 * An embedded Infinispan on this node's disk: a soft-index file store that is synced on every write, so that what was
 * acknowledged survives a crash at any instant. The heap holds a bounded part; the file holds all.
 */
public final class InfinispanStore implements CredentialStore {

    private static final String CACHE = "connections";
    private static final int IN_MEMORY = 10_000;

    private final DefaultCacheManager caches;
    private final ConcurrentMap<String, byte[]> records;

    private InfinispanStore(DefaultCacheManager caches, ConcurrentMap<String, byte[]> records) {
        this.caches = caches;
        this.records = records;
    }

    /** @throws VaultProblem if the folder cannot be used, for instance because another process holds it */
    public static InfinispanStore embedded(Path folder) {
        try {
            createOwnerOnly(folder);
        } catch (IOException e) {
            throw new VaultProblem(
                    "The vault's folder " + folder + " cannot be created. Check rights and free space.", e);
        }
        var global = new GlobalConfigurationBuilder().nonClusteredDefault();
        global.globalState().disable();
        global.jmx().disable();
        var cache = new ConfigurationBuilder();
        cache.encoding().mediaType(MediaType.APPLICATION_OBJECT_TYPE);
        cache.memory().maxCount(IN_MEMORY);
        cache.persistence()
                .passivation(false)
                .addSoftIndexFileStore()
                .dataLocation(folder.resolve("data").toString())
                .indexLocation(folder.resolve("index").toString())
                .syncWrites(true)
                .preload(false)
                .purgeOnStartup(false);
        DefaultCacheManager caches = null;
        try {
            caches = new DefaultCacheManager(global.build());
            caches.defineConfiguration(CACHE, cache.build());
            return new InfinispanStore(caches, caches.getCache(CACHE));
        } catch (CacheException e) {
            if (caches != null) {
                caches.stop();
            }
            throw new VaultProblem(
                    "The vault in " + folder
                            + " cannot be opened. Check that no other proxy uses the same folder, that its"
                            + " files are readable and that the disk is not full.",
                    e);
        }
    }

    private static void createOwnerOnly(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    @Override
    public Optional<byte[]> get(String key) {
        return orProblem(() -> Optional.ofNullable(records.get(key)).map(byte[]::clone));
    }

    @Override
    public void put(String key, byte[] value) {
        orProblem(() -> Optional.ofNullable(records.put(key, value.clone())));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value) {
        return orProblem(() -> records.putIfAbsent(key, value.clone()) == null);
    }

    @Override
    public boolean replace(String key, byte[] expected, byte[] value) {
        return orProblem(() -> records.replace(key, expected, value.clone()));
    }

    @Override
    public boolean remove(String key) {
        return orProblem(() -> records.remove(key) != null);
    }

    @Override
    public void forEach(BiConsumer<String, byte[]> use) {
        orProblem(() -> {
            for (Map.Entry<String, byte[]> entry : records.entrySet()) {
                use.accept(entry.getKey(), entry.getValue().clone());
            }
            return true;
        });
    }

    @Override
    public void close() {
        caches.stop();
    }

    private static <T> T orProblem(Supplier<T> use) {
        try {
            return use.get();
        } catch (CacheException e) {
            throw new VaultProblem(
                    "The vault's store did not answer. Check its disk space and its log; nothing was changed.", e);
        }
    }
}
