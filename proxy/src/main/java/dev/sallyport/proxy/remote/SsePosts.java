package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says messages to the address of one HTTP+SSE session, a POST each. Requests do not wait for one another, for there are
 * servers that answer the POST only when the request is done; what is no request is waited for, so that nothing overtakes
 * it.
 */
final class SsePosts implements Outbox.Mouth {

    /** Until the server has taken a notification or an answer. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    /** Until it has answered the POST of a request: some do so only after the work. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final int NO_STATUS = 0;

    private final RemoteServer server;
    private final URI address;
    private final Undelivered undelivered;
    private final Map<Long, CompletableFuture<HttpResponse<Void>>> running = new ConcurrentHashMap<>();
    private final AtomicLong nextNumber = new AtomicLong();
    private volatile UpstreamCredential credential;
    private volatile boolean closed;

    /** Hears of messages that the server did not take. */
    @FunctionalInterface
    interface Undelivered {
        /** @param status 0 if there was no answer at all */
        void undelivered(byte[] message, int status);
    }

    SsePosts(RemoteServer server, URI address, UpstreamCredential credential, Undelivered undelivered) {
        this.server = server;
        this.address = address;
        this.credential = credential;
        this.undelivered = undelivered;
    }

    /** What is sent from now on carries this credential. */
    void renew(UpstreamCredential another) {
        credential = another;
    }

    /** Nothing of what is on its way is of interest any more. */
    void close() {
        closed = true;
        running.values().forEach(each -> each.cancel(true));
    }

    @Override
    public void say(byte[] message, Runnable taken) throws InterruptedException {
        var request = isRequest(message);
        CompletableFuture<HttpResponse<Void>> sent;
        try {
            sent = server.tell(post(message, request ? LONG : SHORT));
        } catch (Refused _) {
            taken.run();
            undelivered.undelivered(message, NO_STATUS);
            return;
        }
        var number = nextNumber.getAndIncrement();
        running.put(number, sent);
        var done = sent.handle((answer, failure) -> {
            running.remove(number);
            taken.run();
            over(message, failure == null ? answer.statusCode() : NO_STATUS);
            return true;
        });
        if (closed) {
            sent.cancel(true);
        } else if (!request) {
            await(done, sent);
        }
    }

    private HttpRequest post(byte[] message, Duration patience) {
        return server.request(address, credential)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .timeout(patience)
                .POST(BodyPublishers.ofByteArray(message))
                .build();
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
        if (!closed && (status < 200 || status >= 300)) {
            undelivered.undelivered(message, status);
        }
    }

    private static boolean isRequest(byte[] message) {
        var read = JsonText.strict(message);
        return read.member("method").isPresent() && read.member("id").isPresent();
    }
}
