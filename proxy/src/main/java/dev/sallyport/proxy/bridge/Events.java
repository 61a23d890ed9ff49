package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.StoreProblem;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Events of this node's streams where other nodes can read them, and what tells those whether this node still runs. One for
 * a process.
 */
public final class Events implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Events.class);

    /** A node that has said nothing for this long is gone. */
    private static final Duration GONE = Duration.ofSeconds(30);

    private static final Duration BEAT = Duration.ofSeconds(8);
    private static final byte[] HERE = "here".getBytes(StandardCharsets.US_ASCII);

    private final Optional<Area> area;
    private final String node;
    private final EventMemory memory = EventMemory.ofThisProcess();
    private final Map<String, Runnable> readers = new ConcurrentHashMap<>();
    private final Optional<ScheduledExecutorService> clock;

    private Events(Optional<Area> area) {
        this.area = area;
        var id = new byte[12];
        new SecureRandom().nextBytes(id);
        node = HexFormat.of().formatHex(id);
        clock = area.map(_ -> Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("events").factory()));
        clock.ifPresent(timer -> {
            var _ = timer.scheduleWithFixedDelay(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    /** For nodes that share this area. */
    public static Events in(Area area) {
        return new Events(Optional.of(area));
    }

    /** For a node that has no others: what its sessions remember themselves is all. */
    public static Events nowhere() {
        return new Events(Optional.empty());
    }

    /** The place of one session, which only who knows its id here and is its owner can find and read. */
    Shelf shelf(String session, Owner owner) {
        return new Shelf(area, node, session, owner);
    }

    /** What all streams of this node may keep. */
    EventMemory memory() {
        return memory;
    }

    /** From now on this one reads that stream for its client; who did so before stops. */
    void reading(String stream, Runnable stop) {
        Optional.ofNullable(readers.put(stream, stop)).ifPresent(Runnable::run);
    }

    void read(String stream, Runnable stop) {
        readers.remove(stream, stop);
    }

    /** Whether the node is there. */
    boolean isHere(String name) {
        return name.equals(node)
                || area.flatMap(records -> records.get(key(name))).isPresent();
    }

    private static String key(String name) {
        return "node/" + name;
    }

    private void beat() {
        try {
            area.ifPresent(records -> records.put(key(node), HERE, GONE));
        } catch (StoreProblem e) {
            LOG.debugf("not heard by other nodes: %s", e.getMessage());
        }
    }

    /** The node ends: others need not wait for it. */
    @Override
    public void close() {
        clock.ifPresent(ScheduledExecutorService::shutdownNow);
        try {
            area.ifPresent(records -> {
                var _ = records.remove(key(node));
            });
        } catch (StoreProblem e) {
            LOG.debugf("other nodes find out by themselves: %s", e.getMessage());
        }
    }
}
