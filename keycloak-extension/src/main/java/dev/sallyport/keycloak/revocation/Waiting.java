package dev.sallyport.keycloak.revocation;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Readers of the feed that wait on this node. An event of this node wakes them at once; those of other nodes are found
 * by looking again after {@link #LOOK_AGAIN_MILLIS}. One for the whole process, as Keycloak makes providers per request.
 */
final class Waiting {
    static final long LOOK_AGAIN_MILLIS = 400;

    private static final Semaphore PLACES = new Semaphore(32);
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition APPENDED = LOCK.newCondition();

    /** How many events this node has appended. */
    private static long count;

    private Waiting() {}

    static void wake() {
        LOCK.lock();
        try {
            count++;
            APPENDED.signalAll();
        } finally {
            LOCK.unlock();
        }
    }

    /** To be taken before looking, so that no event falls between looking and waiting. */
    static long seen() {
        LOCK.lock();
        try {
            return count;
        } finally {
            LOCK.unlock();
        }
    }

    /** Returns when this node has appended more than was seen, or when it is time to look again. */
    static void pause(long seen, long nanos) {
        var left = Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(LOOK_AGAIN_MILLIS));
        LOCK.lock();
        try {
            while (count == seen && left > 0) {
                left = APPENDED.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            LOCK.unlock();
        }
    }

    /** Whoever finds all places taken is not to wait at all. */
    static boolean enter() {
        return PLACES.tryAcquire();
    }

    static void leave() {
        PLACES.release();
    }
}
