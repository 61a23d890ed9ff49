package dev.sallyport.proxy.store;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.testkit.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Several nodes of one cluster in this process. */
public final class Nodes implements AutoCloseable {

    static final Secret SECRET = Secret.of("a secret that all nodes of this test share");

    private final Path folder;
    private final List<Integer> ports;
    private final Map<Integer, CacheStore> stores = new HashMap<>();

    public Nodes(Path folder, int count) {
        this.folder = folder;
        ports = freePorts(count);
    }

    /** Ports that were free a moment ago, all different. */
    private static List<Integer> freePorts(int count) {
        var ports = new LinkedHashSet<Integer>();
        while (ports.size() < count) {
            ports.add(Ports.free());
        }
        return List.copyOf(ports);
    }

    StoreSettings.Cluster settings(int node) {
        return new StoreSettings.Cluster(
                "127.0.0.1",
                ports.get(node),
                new StoreSettings.Discovery.Members(
                        ports.stream().map(port -> "127.0.0.1:" + port).toList()),
                ports.size(),
                new SecretRef.Inline(SECRET));
    }

    CacheStore open(int node, Secret secret, Duration patience) {
        return CacheStore.clustered(folder.resolve("node-" + node), settings(node), secret, patience);
    }

    public void startAll() throws InterruptedException, ExecutionException {
        start(IntStream.range(0, ports.size()).toArray());
    }

    /** Starts these at once and returns when all are there. */
    void start(int... which) throws InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var started = new HashMap<Integer, Future<CacheStore>>();
            for (var node : which) {
                started.put(
                        node, threads.submit((Callable<CacheStore>) () -> open(node, SECRET, Duration.ofMinutes(2))));
            }
            for (var node : which) {
                stores.put(
                        node,
                        Optional.ofNullable(started.get(node)).orElseThrow().get());
            }
        }
    }

    public CacheStore store(int node) {
        return Optional.ofNullable(stores.get(node)).orElseThrow();
    }

    public void stop(int node) {
        store(node).close();
        stores.remove(node);
    }

    @Override
    public void close() {
        List.copyOf(stores.keySet()).forEach(this::stop);
    }
}
