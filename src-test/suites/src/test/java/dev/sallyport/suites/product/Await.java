package dev.sallyport.suites.product;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something that another process does and does not announce; never longer than said. */
public final class Await {

    private static final long PAUSE = Duration.ofMillis(50).toNanos();

    private Await() {}

    public static void until(Duration patience, String what, BooleanSupplier done) {
        var end = System.nanoTime() + patience.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited " + patience + " in vain for " + what);
            }
            LockSupport.parkNanos(PAUSE);
        }
    }
}
