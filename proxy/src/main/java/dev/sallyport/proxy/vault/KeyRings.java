package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.vault.KeyRing.MasterKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * The key ring as it is now. A file that was changed is taken over while the proxy runs; one that cannot be used changes
 * nothing. A key that was known once opens as long as the process lives, so a ring that lost one too early does no harm yet.
 */
public final class KeyRings {

    private static final Logger LOG = Logger.getLogger(KeyRings.class);

    private final Optional<KeyRingFile> file;
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile KeyRing ring;
    private volatile KeyRing known;

    private KeyRings(Optional<KeyRingFile> file, KeyRing ring, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        this.ring = ring;
        this.known = ring;
    }

    /** @throws VaultProblem if the file is not a key ring */
    public static KeyRings in(KeyRingFile file, InstantSource clock) {
        return new KeyRings(Optional.of(file), file.read(), clock);
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

    /** All keys that ever were in the ring; looks at the file if this one is not among them. */
    KeyRing having(String id) {
        if (known.find(id).isEmpty()) {
            reload();
        }
        return known;
    }

    /** Takes the file over if it changed. */
    public void reload() {
        reading.lock();
        try {
            file.ifPresent(this::take);
        } catch (VaultProblem e) {
            LOG.errorf("The changed key ring is not taken over: %s", e.getMessage());
        } finally {
            reading.unlock();
        }
    }

    private void take(KeyRingFile changed) {
        var next = changed.read();
        if (ids(next).equals(ids(ring))) {
            return;
        }
        for (var key : next.keys()) {
            var same = known.find(key.id());
            if (same.isPresent() && !same.get().key().matches(key.key())) {
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
