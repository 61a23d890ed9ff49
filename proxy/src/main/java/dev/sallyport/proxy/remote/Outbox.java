package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Messages on their way to the address of one HTTP+SSE session, a POST each. Requests do not wait for one another, for
 * there are servers that answer the POST only when the request is done; what is no request is waited for, so that nothing
 * overtakes it.
 */
final class Outbox {

    private static final Logger LOG = Logger.getLogger(Outbox.class);

    /** What may wait for a server that takes nothing; more, and it counts as dead. */
    private static final long MAX_WAITING = 16L * 1024 * 1024;

    /** Until the server has taken a notification or an answer. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    /** Until it has answered the POST of a request: some do so only after the work. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final int NO_STATUS = 0;

    private final RemoteServer server;
    private final Undelivered undelivered;
    private final LinkedBlockingQueue<Optional<byte[]>> queue = new LinkedBlockingQueue<>();
    private final Map<Long, CompletableFuture<HttpResponse<Void>>> running = new ConcurrentHashMap<>();
    private final AtomicLong nextNumber = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile UpstreamCredential credential;

    /** Hears of messages that the server did not take. */
    @FunctionalInterface
    interface Undelivered {
        /** @param status 0 if there was no answer at all */
        void undelivered(byte[] message, int status);
    }

    Outbox(RemoteServer server, UpstreamCredential credential, Undelivered undelivered) {
        this.server = server;
        this.credential = credential;
        this.undelivered = undelivered;
    }

    /** Begins to send. */
    void to(URI address) {
        Thread.ofVirtual().name(server.name() + " out").start(() -> write(address));
    }

    /** What is sent from now on carries this credential. */
    void renew(UpstreamCredential another) {
        credential = another;
    }

    /** False if it is closed, or too much waits already. */
    boolean add(byte[] message) {
        if (closed.get()) {
            return false;
        }
        if (waiting.addAndGet(message.length) > MAX_WAITING) {
            LOG.warnf("%s does not take its messages; the session is ended", server.name());
            return false;
        }
        queue.add(Optional.of(message));
        return true;
    }

    /** What was not sent yet is not sent any more. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            queue.clear();
            queue.add(Optional.empty());
            running.values().forEach(each -> each.cancel(true));
        }
    }

    private void write(URI address) {
        try {
            for (var next = queue.take(); next.isPresent(); next = queue.take()) {
                post(address, next.get());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void post(URI address, byte[] message) throws InterruptedException {
        var request = isRequest(message);
        CompletableFuture<HttpResponse<Void>> sent;
        try {
            sent = server.tell(server.request(address, credential)
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json, text/event-stream")
                    .timeout(request ? LONG : SHORT)
                    .POST(BodyPublishers.ofByteArray(message))
                    .build());
        } catch (Refused _) {
            over(message, NO_STATUS);
            return;
        }
        var number = nextNumber.getAndIncrement();
        running.put(number, sent);
        var done = sent.handle((answer, failure) -> {
            running.remove(number);
            over(message, failure == null ? answer.statusCode() : NO_STATUS);
            return true;
        });
        if (closed.get()) {
            sent.cancel(true);
        } else if (!request) {
            await(done, sent);
        }
    }

    private static void await(CompletableFuture<Boolean> done, CompletableFuture<HttpResponse<Void>> sent)
            throws InterruptedException {
        try {
            done.get(SHORT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException _) {
            sent.cancel(true);
        }
    }

    private void over(byte[] message, int status) {
        waiting.addAndGet(-message.length);
        if (!closed.get() && (status < 200 || status >= 300)) {
            undelivered.undelivered(message, status);
        }
    }

    private static boolean isRequest(byte[] message) {
        var read = JsonText.strict(message);
        return read.member("method").isPresent() && read.member("id").isPresent();
    }
}
