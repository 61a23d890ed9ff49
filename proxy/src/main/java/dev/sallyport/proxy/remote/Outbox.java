package dev.sallyport.proxy.remote;

import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Messages on their way to a server, said one after the other in the order in which they came, and never too many. */
final class Outbox {

    /** What may wait for a server that takes nothing, or be with it unanswered; more, and it counts as dead. */
    private static final long MAX_WAITING = 16L * 1024 * 1024;

    private final LinkedBlockingQueue<Optional<byte[]>> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Says messages to the server, in one thread. */
    @FunctionalInterface
    interface Mouth {
        /** Returns when the next message may be said; {@code taken} is called once, when this one is off our hands. */
        void say(byte[] message, Runnable taken) throws InterruptedException;
    }

    /** Begins to say what comes, in a virtual thread. */
    void open(String name, Mouth mouth) {
        Thread.ofVirtual().name(name + " out").start(() -> run(mouth));
    }

    private void run(Mouth mouth) {
        try {
            for (var next = queue.take(); next.isPresent(); next = queue.take()) {
                var message = next.get();
                mouth.say(message, () -> waiting.addAndGet(-message.length));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** False if it is closed, or too much waits already. */
    boolean add(byte[] message) {
        if (closed.get() || waiting.addAndGet(message.length) > MAX_WAITING) {
            return false;
        }
        queue.add(Optional.of(message));
        return true;
    }

    boolean isClosed() {
        return closed.get();
    }

    /** What was not said yet is not said any more. True for the call that closed it. */
    boolean close() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        queue.clear();
        queue.add(Optional.empty());
        return true;
    }
}
