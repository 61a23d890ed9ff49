package dev.sallyport.proxy.transport;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all request bodies that are held at one time take together, on all event loops. Without a bound a stranger could
 * fill the memory with bodies that each are small enough, sent to the endpoints that anybody may call.
 */
final class BodyMemory {

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    /** @param limit in bytes */
    BodyMemory(long limit) {
        this.limit = limit;
    }

    /** False if there is no room for so many bytes; nothing is taken then. */
    boolean take(int bytes) {
        if (held.addAndGet(bytes) <= limit) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void giveBack(int bytes) {
        held.addAndGet(-bytes);
    }
}
