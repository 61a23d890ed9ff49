package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.StoreProblem;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * The running proxy's side of {@code sallyport keys}: takes a changed key ring over and does what is asked, beside the calls
 * that go on. One node at a time renews. What was asked before a restart is done after it.
 */
public final class KeyDesk {

    private static final Logger LOG = Logger.getLogger(KeyDesk.class);
    private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final long REPORT_EVERY = 1_000;

    private final KeyErrand errand;
    private final KeyRings rings;
    private final Vault vault;
    private final Leases leases;

    public KeyDesk(KeyErrand errand, KeyRings rings, Vault vault, Leases leases) {
        this.errand = errand;
        this.rings = rings;
        this.vault = vault;
        this.leases = leases;
    }

    /** Looks for work until the process ends, or the thread is interrupted. */
    public Thread start() {
        return Thread.ofVirtual().name("keys").start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    look();
                } catch (VaultProblem | StoreProblem e) {
                    // For instance a full disk: what was asked is still asked when there is room again.
                    LOG.warnf("What was asked of the keys waits: %s", e.getMessage());
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        });
    }

    /** Looks once: takes the ring over, and does what was asked and not yet done. */
    void look() {
        rings.glance();
        errand.asked()
                .filter(request -> errand.answered(request.id())
                        .filter(answer -> answer.state() != KeyErrand.State.WORKING)
                        .isEmpty())
                .ifPresent(this::serve);
    }

    private void serve(KeyErrand.Request request) {
        rings.reload();
        try {
            var done = switch (request.task()) {
                case RENEW -> renew(request.id());
                case COUNT -> count(request.id());
            };
            errand.answer(done);
        } catch (VaultProblem | StoreProblem e) {
            LOG.warnf("What was asked of the keys could not be done: %s", e.getMessage());
            errand.answer(answer(request.id(), KeyErrand.State.FAILED, 0, 0, String.valueOf(e.getMessage())));
        }
    }

    private KeyErrand.Answer count(String id) {
        return new KeyErrand.Answer(id, KeyErrand.State.DONE, 0, 0, "", vault.needs());
    }

    private KeyErrand.Answer renew(String id) {
        errand.answer(answer(id, KeyErrand.State.WORKING, 0, 0, ""));
        var lease = leases.acquire("renew keys", LEASE, LEASE.plusSeconds(10));
        if (lease.isEmpty()) {
            return answer(id, KeyErrand.State.FAILED, 0, 0, "Another node is renewing; ask again when it is done.");
        }
        try (var held = lease.get()) {
            var seen = new long[1];
            var renewed = vault.renewAll((all, changed) -> {
                seen[0] = all;
                if (all % REPORT_EVERY == 0) {
                    held.extend(LEASE);
                    errand.answer(answer(id, KeyErrand.State.WORKING, all, changed, ""));
                }
            });
            LOG.infof("%d of %d records were renewed.", renewed, seen[0]);
            return new KeyErrand.Answer(id, KeyErrand.State.DONE, seen[0], renewed, "", vault.needs());
        }
    }

    private static KeyErrand.Answer answer(String id, KeyErrand.State state, long seen, long renewed, String problem) {
        return new KeyErrand.Answer(id, state, seen, renewed, problem, new TreeMap<>());
    }
}
