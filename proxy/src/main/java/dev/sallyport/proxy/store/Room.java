package dev.sallyport.proxy.store;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Keeps an area within its bounds: asks every few seconds how full it is, and counts what this node adds in between. */
final class Room {

    private static final long AGE = 5_000_000_000L;

    private final AreaName area;
    private final LongSupplier size;
    private final LongSupplier nanos;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong askedAt;

    Room(AreaName area, LongSupplier size, LongSupplier nanos) {
        this.area = area;
        this.size = size;
        this.nanos = nanos;
        askedAt = new AtomicLong(nanos.getAsLong() - AGE);
    }

    /** @throws StoreProblem if the value is too large */
    void fits(byte[] value) {
        if (value.length > area.maxValue()) {
            throw StoreProblem.tooLarge(area);
        }
    }

    /** @throws StoreProblem if the value is too large, or if it would be a new one in a full area where none gives way */
    void forOne(byte[] value, BooleanSupplier known) {
        fits(value);
        if (area.whenFull() == AreaName.WhenFull.OLDEST_GIVES_WAY) {
            return;
        }
        var now = nanos.getAsLong();
        var asked = askedAt.get();
        if (now - asked >= AGE && askedAt.compareAndSet(asked, now)) {
            used.set(size.getAsLong());
        }
        if (used.incrementAndGet() > area.maxEntries()) {
            used.decrementAndGet();
            if (!known.getAsBoolean()) {
                throw StoreProblem.full(area);
            }
        }
    }
}
