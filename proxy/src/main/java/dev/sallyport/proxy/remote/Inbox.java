package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.bridge.Wire;
import dev.sallyport.proxy.refusal.Refusal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The near end of a wire: what comes from several streams and threads reaches the receiver one at a time. */
final class Inbox {

    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<Optional<Wire.Receiver>> receiver = new CompletableFuture<>();

    void listen(Wire.Receiver listener) {
        receiver.complete(Optional.of(listener));
    }

    /** Nobody will listen, if nobody does yet: who waits for a listener goes on. */
    void end() {
        receiver.complete(Optional.empty());
    }

    /** Waits until somebody listens. */
    void received(byte[] message) {
        deliver(listener -> listener.received(message));
    }

    /**
     * Waits until somebody listens.
     *
     * @param request to whose answer it belongs, as JSON
     */
    void received(byte[] message, String request) {
        deliver(listener -> listener.received(message, request));
    }

    /** Waits until somebody listens. */
    void tooLong(byte[] lastBytes) {
        deliver(listener -> listener.tooLong(lastBytes));
    }

    /** Says why it will be over at once. */
    void refused(Refusal why) {
        deliver(listener -> listener.refused(why));
    }

    /** Says why this request was not taken. */
    void refused(byte[] error, Refusal why) {
        deliver(listener -> listener.refused(error, why));
    }

    /** Tells whoever listens, or will listen, that nothing comes any more. */
    void closed() {
        var _ = receiver.thenAccept(found -> found.ifPresent(this::tellClosed));
    }

    private void tellClosed(Wire.Receiver listener) {
        deliver(_ -> listener.closed());
    }

    private void deliver(Consumer<Wire.Receiver> what) {
        var listener = receiver.join();
        lock.lock();
        try {
            listener.ifPresent(what);
        } finally {
            lock.unlock();
        }
    }
}
