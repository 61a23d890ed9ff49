package dev.sallyport.proxy.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.util.concurrent.CompletableFutures;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryCreated;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryModified;
import org.infinispan.notifications.cachelistener.event.CacheEntryEvent;
import org.infinispan.notifications.cachemanagerlistener.annotation.ViewChanged;
import org.infinispan.notifications.cachemanagerlistener.event.ViewChangedEvent;
import org.infinispan.remoting.transport.Address;
import org.jboss.logging.Logger;

/**
 * How nodes begin together. Nobody begins before more than half of the nodes are there, so two halves that do not see each
 * other never begin both. Of those that are there, the one with the freshest files begins with them; all others throw theirs
 * away and take over what it has: a record that was removed while a node was down does not come back with it.
 */
final class Gathering {

    private static final Logger LOG = Logger.getLogger(Gathering.class);
    private static final String OPEN = "open";
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    private final EmbeddedCacheManager caches;
    private final AdvancedCache<String, byte[]> notes;
    private final Generation generation;
    private final int needed;
    private final long until;
    private final ReentrantLock writing = new ReentrantLock();
    private long written;

    /** @param notes a cache of all nodes that ends with them */
    Gathering(
            EmbeddedCacheManager caches,
            AdvancedCache<String, byte[]> notes,
            Generation generation,
            int nodes,
            Duration patience) {
        this.caches = caches;
        this.notes = notes;
        this.generation = generation;
        needed = nodes / 2 + 1;
        until = System.nanoTime() + patience.toNanos();
    }

    /** Whose files count. */
    enum Role {
        BEGINS,
        JOINS
    }

    /** Waits until it is clear. */
    Role await() {
        awaitNodes();
        var own = caches.getAddress();
        notes.put(name(own), number(generation.read()));
        while (true) {
            var open = notes.get(OPEN);
            if (open != null) {
                refuseIfFresher(value(open));
                generation.forget();
                return Role.JOINS;
            }
            var members = caches.getMembers();
            if (members.size() >= needed && members.stream().allMatch(member -> notes.get(name(member)) != null)) {
                var freshest = members.stream()
                        .max(Comparator.comparingLong((Address member) -> generationOf(member))
                                .thenComparing(Address::toString))
                        .orElse(own);
                if (freshest.equals(own)) {
                    return Role.BEGINS;
                }
            }
            pause("the node with the freshest records has not begun");
        }
    }

    /** Nodes without records may have been more than half: what this node knows and they do not is not thrown away. */
    private void refuseIfFresher(long open) {
        if (generation.read() > open) {
            throw new StoreProblem(
                    "This node's records are newer than those with which the cluster runs: the other nodes"
                            + " began without them. Stop all nodes and start this one among the first. If its records are not"
                            + " wanted, remove " + generation.file() + " and start it again. Nothing was changed.");
        }
    }

    /** To be called when the areas are open: others may join now, and this node's files count. */
    void opened(Role role) {
        if (role == Role.BEGINS) {
            notes.put(OPEN, number(generation.read() + 1));
        }
        var told = new Told();
        notes.addListener(told);
        caches.addListener(told);
        write(value(notes.get(OPEN)));
    }

    private void awaitNodes() {
        LOG.infof("waiting for %d nodes of the cluster", needed);
        while (caches.getMembers().size() < needed) {
            pause("only " + caches.getMembers().size() + " of the " + needed + " nodes that are needed are there");
        }
    }

    private void pause(String reason) {
        if (System.nanoTime() - until >= 0 || Thread.currentThread().isInterrupted()) {
            throw new StoreProblem("The cluster cannot begin: " + reason + ". Start the other nodes, the one that was"
                    + " stopped last among them; check that store.cluster names the same members and has the same secret on"
                    + " all of them. Nothing was changed.");
        }
        LockSupport.parkNanos(LOOK_NANOS);
    }

    private long generationOf(Address member) {
        return value(notes.get(name(member)));
    }

    private static String name(Address member) {
        return "node " + member;
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static long value(byte @org.jspecify.annotations.Nullable [] bytes) {
        return bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong();
    }

    /** The first of the nodes counts comings and goings. */
    private void count() {
        try {
            for (var now = notes.get(OPEN); now != null && !notes.replace(OPEN, now, number(value(now) + 1)); ) {
                now = notes.get(OPEN);
            }
        } catch (CacheException | IllegalStateException e) {
            LOG.debug("a node that is no longer one of many does not count", e);
        }
    }

    /** Every node writes the number down. */
    private void write(long number) {
        writing.lock();
        try {
            if (number > written) {
                generation.write(number);
                written = number;
            }
        } catch (StoreProblem e) {
            LOG.warn(e.getMessage());
        } finally {
            writing.unlock();
        }
    }

    /** Told by Infinispan, which wants its threads back at once. */
    @Listener(sync = false)
    public final class Told {

        @ViewChanged
        public CompletionStage<Void> changed(ViewChangedEvent event) {
            if (event.getNewMembers().getFirst().equals(event.getLocalAddress())) {
                Thread.startVirtualThread(Gathering.this::count);
            }
            return CompletableFutures.completedNull();
        }

        @CacheEntryCreated
        @CacheEntryModified
        public CompletionStage<Void> changed(CacheEntryEvent<String, byte[]> event) {
            if (!event.isPre() && event.getKey().equals(OPEN)) {
                var number = value(event.getValue());
                Thread.startVirtualThread(() -> write(number));
            }
            return CompletableFutures.completedNull();
        }
    }
}
