package dev.sallyport.proxy.store;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One holder at a time among all nodes. A lease ends when it is released or expires, so a node that dies holds nobody up
 * for long. Whoever holds one for longer than its lifespan holds it no more: what is done under it must be safe to find
 * done by another, for instance by replacing only what was there before.
 */
public final class Leases {

    private static final int TOKEN = 16;
    private static final long FIRST_PAUSE = Duration.ofMillis(10).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(200).toNanos();

    private final Area area;
    private final SecureRandom random;
    private final LongSupplier nanos;

    /** @param nanos a clock that never goes back, as {@link System#nanoTime} */
    public Leases(Store store, SecureRandom random, LongSupplier nanos) {
        this.area = store.area(AreaName.LEASES);
        this.random = random;
        this.nanos = nanos;
    }

    /** What was acquired; closing releases it, if it is still held. */
    public final class Lease implements AutoCloseable {

        private final String name;
        private final byte[] token;

        private Lease(String name, byte[] token) {
            this.name = name;
            this.token = token;
        }

        /** Holds it for another lifespan from now; false if it had ended, and perhaps another holds it. */
        public boolean extend(Duration lifespan) {
            return area.replace(name, token, token, lifespan);
        }

        @Override
        public void close() {
            area.remove(name, token);
        }
    }

    /** The lease, if nobody holds it now. */
    public Optional<Lease> acquire(String name, Duration lifespan) {
        var token = new byte[TOKEN];
        random.nextBytes(token);
        // A write that a failing node cut short may have happened: then the token that is there is ours.
        var ours = area.putIfAbsent(name, token, lifespan)
                || area.get(name)
                        .filter(held -> MessageDigest.isEqual(held, token))
                        .isPresent();
        return ours ? Optional.of(new Lease(name, token)) : Optional.empty();
    }

    /** Waits for the lease; empty if others held it for all of {@code patience}, or the thread was interrupted. */
    public Optional<Lease> acquire(String name, Duration lifespan, Duration patience) {
        var until = nanos.getAsLong() + patience.toNanos();
        var pause = FIRST_PAUSE;
        while (true) {
            var lease = acquire(name, lifespan);
            if (lease.isPresent()
                    || nanos.getAsLong() - until >= 0
                    || Thread.currentThread().isInterrupted()) {
                return lease;
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
    }
}
