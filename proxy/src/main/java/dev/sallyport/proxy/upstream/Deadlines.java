package dev.sallyport.proxy.upstream;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The deadlines of one event loop. One sweep twice a second serves them all, because a timer for each request and each
 * chunk would cost more than the request. Precise to half a second, which is all that limits in seconds need.
 */
public final class Deadlines {

    private static final long SWEEP_MILLIS = 500;

    private final Set<Expiring> pending = new HashSet<>();
    private long now = System.nanoTime();

    private Deadlines() {}

    /** Must be called on the event loop that will use it. */
    public static Deadlines on(Vertx vertx) {
        var deadlines = new Deadlines();
        vertx.setPeriodic(SWEEP_MILLIS, _ -> deadlines.sweep());
        return deadlines;
    }

    /** Something that is not allowed to last for ever. Identity counts, not equality. */
    public interface Expiring {
        /** On the clock of {@link Deadlines#in}; may move while it is watched. */
        long deadline();

        /** Called once, when the deadline has passed; it is not watched any more then. */
        void expire();
    }

    /** The deadline that lies so far ahead on this loop's coarse clock; one sweep late rather than early. */
    public long in(Duration duration) {
        return now + duration.toNanos() + TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS);
    }

    /** Whether the time of something has come; false of what was ended before. */
    boolean isDue(Expiring expiring) {
        return expiring.deadline() - now < 0;
    }

    public void watch(Expiring expiring) {
        pending.add(expiring);
    }

    public void forget(Expiring expiring) {
        pending.remove(expiring);
    }

    private void sweep() {
        now = System.nanoTime();
        expireWhere(each -> each.deadline() - now < 0);
    }

    /** Ends at once what the condition holds for, as if its time had come. */
    void expireWhere(Predicate<Expiring> condition) {
        var expired = new ArrayList<Expiring>();
        for (var each : pending) {
            if (condition.test(each)) {
                expired.add(each);
            }
        }
        for (var each : expired) {
            if (pending.remove(each)) {
                each.expire();
            }
        }
    }
}
