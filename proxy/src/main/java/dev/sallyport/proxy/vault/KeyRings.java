package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.vault.KeyRing.MasterKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * The key ring as it is now. One that was changed is taken over while the proxy runs; one that cannot be used changes nothing. A key that was known once opens as long as the process lives, so a ring that lost one too early does no harm yet.
 */
public final class KeyRings {

    private static final Logger LOG = Logger.getLogger(KeyRings.class);
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final Optional<KeyRingSource> source;
    private final InstantSource clock;
    private final AtomicLong looked = new AtomicLong(System.nanoTime() - BETWEEN.toNanos());
    private final ReentrantLock reading = new ReentrantLock();
    private volatile KeyRing ring;
    private volatile KeyRing known;
    private String complaint = "";

    private KeyRings(Optional<KeyRingSource> source, KeyRing ring, InstantSource clock) {
        this.source = source;
        this.clock = clock;
        this.ring = ring;
        this.known = ring;
    }

    /** @throws VaultProblem if there is no key ring */
    public static KeyRings in(KeyRingSource source, InstantSource clock) {
        return new KeyRings(Optional.of(source), source.read(), clock);
    }

    /** A ring that stays as it is. */
    public static KeyRings fixed(KeyRing ring, InstantSource clock) {
        return new KeyRings(Optional.empty(), ring, clock);
    }

    public KeyRing now() {
        return ring;
    }

    /** The key that wraps new records. */
    public MasterKey active() {
        return ring.active(clock.instant());
    }

    /** All keys that ever were in the ring; looks for this one where the ring comes from if it is not among them. */
    KeyRing having(String id) {
        if (known.find(id).isEmpty() && mayLook()) {
            reload();
        }
        return known;
    }

    /** A record whose key is lost must not have a command run for each call. */
    private boolean mayLook() {
        if (source.filter(KeyRingSource::isCheap).isPresent()) {
            return true;
        }
        var now = System.nanoTime();
        var last = looked.get();
        return now - last >= BETWEEN.toNanos() && looked.compareAndSet(last, now);
    }

    /** Takes the ring over if it changed and looking costs nothing: no command is run for this, which comes twice a second. */
    void glance() {
        if (source.filter(KeyRingSource::isCheap).isPresent()) {
            reload();
        }
    }

    /** Takes the ring over if it changed. */
    public void reload() {
        reading.lock();
        try {
            source.ifPresent(this::take);
            complaint = "";
        } catch (VaultProblem e) {
            complain(String.valueOf(e.getMessage()));
        } finally {
            reading.unlock();
        }
    }

    /** Once, not twice a second until somebody has mended it. */
    private void complain(String problem) {
        if (!problem.equals(complaint)) {
            LOG.errorf("The changed key ring is not taken over: %s", problem);
        }
        complaint = problem;
    }

    private void take(KeyRingSource changed) {
        var next = changed.read();
        if (ids(next).equals(ids(ring))) {
            return;
        }
        for (var key : next.keys()) {
            // One that was taken out before its time came has wrapped nothing, and its number may come again.
            var replaced = known.find(key.id())
                    .filter(before -> !before.from().isAfter(clock.instant()))
                    .filter(before -> !before.key().matches(key.key()));
            if (replaced.isPresent()) {
                throw new VaultProblem("Key " + key.id() + " is another one than before. Restore the key ring.");
            }
        }
        known = next.and(known);
        ring = next;
        LOG.infof("The key ring now has %s; new records are wrapped with %s.", ids(next), active().id());
    }

    private static List<String> ids(KeyRing ring) {
        return ring.keys().stream().map(MasterKey::id).toList();
    }
}
