package dev.sallyport.proxy.registry;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A wait that can be cut short: by {@link #wake()} once, by {@link #end()} for good. */
final class Pause {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition signal = lock.newCondition();
    private boolean woken;
    private boolean ended;

    /** Returns after this long, or earlier when woken; a wake-up before the wait counts. False when it is over for good. */
    boolean await(Duration duration) {
        lock.lock();
        try {
            var left = duration.toNanos();
            while (!woken && !ended && left > 0) {
                left = signal.awaitNanos(left);
            }
            woken = false;
            return !ended;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    void wake() {
        set(false);
    }

    void end() {
        set(true);
    }

    boolean isOver() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private void set(boolean forGood) {
        lock.lock();
        try {
            woken = true;
            ended |= forGood;
            signal.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Half a second, doubled for every failure in a row, at most {@code most}. */
    static Duration afterFailures(int failures, Duration most) {
        var wait = Duration.ofMillis(500).multipliedBy(1L << Math.min(failures, 10));
        return wait.compareTo(most) > 0 ? most : wait;
    }
}
