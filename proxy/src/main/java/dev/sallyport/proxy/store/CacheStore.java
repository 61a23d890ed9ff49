package dev.sallyport.proxy.store;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Infinispan inside this process. Areas that outlive it lie in soft-index file stores in the folder; the heap holds a bounded
 * part of those, the files hold all. What is kept for good is synced on every write, so that what was acknowledged survives a
 * crash at any instant.
 */
public final class CacheStore implements Store {

    /** How many records of an area on disk the heap holds as well. */
    private static final int IN_HEAP = 10_000;

    private static final int SECRET = 32;
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final Logger LOG = Logger.getLogger(CacheStore.class);
    private static final String CLUSTER = "sallyport";
    private static final String NOTES = "nodes";
    private static final String GENERATION = "generation";

    private final DefaultCacheManager caches;
    private final FolderLock lock;
    private final Disk disk;
    private final Map<AreaName, Area> areas = new EnumMap<>(AreaName.class);

    private CacheStore(DefaultCacheManager caches, FolderLock lock, Disk disk) {
        this.caches = caches;
        this.lock = lock;
        this.disk = disk;
    }

    /** @throws StoreProblem if the folder cannot be used, for instance because another process holds it */
    public static CacheStore embedded(Path folder) {
        return embedded(folder, Disk.under(folder));
    }

    static CacheStore embedded(Path folder, Disk disk) {
        createOwnerOnly(folder);
        var lock = FolderLock.on(folder);
        // When this node becomes one of several, what it knows counts more than the empty folders of new ones.
        var generation = new Generation(folder.resolve(GENERATION));
        if (generation.read() == 0) {
            generation.write(1);
        }
        var global = global(new GlobalConfigurationBuilder().nonClusteredDefault());
        DefaultCacheManager caches = null;
        try {
            caches = new DefaultCacheManager(global.build());
            var store = new CacheStore(caches, lock, disk);
            for (var name : AreaName.values()) {
                store.open(name, configuration(name, folder));
            }
            return store;
        } catch (CacheException e) {
            stop(caches, lock);
            throw unusable(folder, e);
        }
    }

    /**
     * One of several nodes, each of which has everything on its own disk. Waits for more than half of the nodes.
     *
     * @throws StoreProblem if the folder cannot be used, or the other nodes did not come in time
     */
    public static CacheStore clustered(Path folder, StoreSettings.Cluster settings, Secret secret, Duration patience) {
        if (secret.length() < SECRET) {
            throw new StoreProblem("The secret of store.cluster is shorter than " + SECRET
                    + " characters. Make one with: openssl rand -base64 33");
        }
        createOwnerOnly(folder);
        var lock = FolderLock.on(folder);
        var channel = new EncryptedChannel(Cluster.protocols(settings, ClusterTls.sockets(secret)));
        var global = global(GlobalConfigurationBuilder.defaultClusteredBuilder());
        global.transport()
                // Not transport(...): Infinispan replaces a transport with a new one, which has the default UDP stack.
                .addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, channel)
                .clusterName(CLUSTER)
                .initialClusterSize(1)
                .distributedSyncTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
        DefaultCacheManager caches = null;
        try {
            caches = new DefaultCacheManager(global.build());
            caches.defineConfiguration(
                    NOTES, replicated(new ConfigurationBuilder()).build());
            var notes = caches.<String, byte[]>getCache(NOTES).getAdvancedCache();
            var gathering = new Gathering(
                    caches, notes, new Generation(folder.resolve(GENERATION)), settings.nodes(), patience);
            var role = gathering.await();
            var store = new CacheStore(caches, lock, Disk.under(folder));
            for (var name : AreaName.values()) {
                var configuration = replicated(configuration(name, folder));
                configuration
                        .persistence()
                        .stores()
                        .forEach(files -> files.purgeOnStartup(role == Gathering.Role.JOINS));
                store.open(name, configuration);
            }
            gathering.opened(role);
            return store;
        } catch (CacheException e) {
            stop(caches, lock);
            throw unusable(folder, e);
        } catch (StoreProblem e) {
            stop(caches, lock);
            throw e;
        }
    }

    private static GlobalConfigurationBuilder global(GlobalConfigurationBuilder global) {
        global.globalState().disable();
        global.jmx().disable();
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        return global;
    }

    /** Every node has everything; whoever does not see more than half of the nodes answers nothing. */
    private static ConfigurationBuilder replicated(ConfigurationBuilder cache) {
        cache.encoding().mediaType(MediaType.APPLICATION_OBJECT_TYPE);
        cache.clustering()
                .cacheMode(CacheMode.REPL_SYNC)
                .remoteTimeout(10, TimeUnit.SECONDS)
                .stateTransfer()
                .timeout(10, TimeUnit.MINUTES)
                .awaitInitialTransfer(true);
        cache.clustering().partitionHandling().whenSplit(PartitionHandling.DENY_READ_WRITES);
        return cache;
    }

    private static StoreProblem unusable(Path folder, CacheException e) {
        return new StoreProblem(
                "The store in " + folder
                        + " cannot be opened. Check that no other proxy uses the same folder, that its"
                        + " files are readable, that the disk is not full, and in a cluster that the port is free.",
                e);
    }

    private static void stop(@Nullable DefaultCacheManager caches, FolderLock lock) {
        if (caches != null) {
            caches.stop();
        }
        lock.close();
    }

    private void open(AreaName name, ConfigurationBuilder configuration) {
        caches.defineConfiguration(name.cache(), configuration.build());
        var cache = caches.<String, byte[]>getCache(name.cache());
        var onDisk = name.keeps() != AreaName.Keeps.WHILE_RUNNING;
        areas.put(name, new CacheArea(name, cache.getAdvancedCache(), onDisk ? Optional.of(disk) : Optional.empty()));
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
        return Optional.ofNullable(areas.get(name))
                .orElseThrow(() -> new IllegalStateException("every area is opened at the start"));
    }

    @Override
    public Optional<String> problem() {
        try {
            for (var area : areas.values()) {
                area.get("");
            }
            return disk.problem();
        } catch (StoreProblem e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * After a write has failed, Infinispan goes on waiting for it when it stops. What was acknowledged is on the disk, so
     * there is nothing to wait for.
     */
    @Override
    public void close() {
        var stopped = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().name("sallyport-store-stop").start(() -> {
            try {
                caches.stop();
                stopped.complete(null);
            } catch (RuntimeException e) {
                stopped.completeExceptionally(e);
            }
        });
        CompletableFuture.anyOf(stopped.handle((_, _) -> true), disk.broken()).join();
        try {
            stopped.get(STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            LOG.warnf("The store did not stop within %d s after a write to it had failed", STOP.toSeconds());
        } catch (ExecutionException e) {
            throw new StoreProblem("The store did not stop in good order.", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.close();
        }
    }
}
