package dev.sallyport.proxy.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One request of Streamable HTTP and what is answered: a JSON body, or a stream of events. Its thread waits as long as the
 * answer takes; {@link #cancel} ends that from another one.
 */
final class Posting implements EventReader.Events {

    private static final int ERROR_BODY = 64 * 1024;

    /** How long a stream may stay open after its last message, before it is closed from here. */
    private static final long LINGER_SECONDS = 5;

    private final RemoteServer server;
    private final Predicate<byte[]> messages;
    private final Consumer<byte[]> tooLong;
    private Optional<CompletableFuture<HttpResponse<InputStream>>> sent = Optional.empty();
    private Optional<InputStream> body = Optional.empty();
    private boolean cancelled;
    private boolean done;

    /** How it ended. */
    sealed interface Outcome {
        /** The last message was there. */
        record Answered() implements Outcome {}

        /** Accepted, and nothing to say. */
        record Empty() implements Outcome {}

        /** Not what was asked for: the status, and a JSON body if there is one, else nothing. */
        record Refusal(int status, Json body) implements Outcome {}

        /** A stream that ended before its last message. */
        record BrokenOff(EventReader.Place place) implements Outcome {}

        /** A JSON body beyond the limit. */
        record TooLarge() implements Outcome {}

        /** No answer at all. */
        record Unreachable() implements Outcome {}

        record Cancelled() implements Outcome {}
    }

    /** Bytes in a type of their own, since records hold no arrays. */
    static final class Json {
        private final byte[] bytes;

        Json(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /**
     * @param messages takes each message as it comes, and says whether it is the last
     * @param tooLong hears of the last bytes of a message that is too long to be kept
     */
    Posting(RemoteServer server, Predicate<byte[]> messages, Consumer<byte[]> tooLong) {
        this.server = server;
        this.messages = messages;
        this.tooLong = tooLong;
    }

    /** Sends, and reads until the end; {@code head} sees the head of an answer that is neither refused nor empty. */
    Outcome run(HttpRequest request, Consumer<HttpResponse<?>> head) {
        try {
            var answer = head(request);
            try (var in = answer.body()) {
                return read(answer, in, head);
            } finally {
                body = Optional.empty();
            }
        } catch (CancellationException _) {
            return new Outcome.Cancelled();
        } catch (CompletionException | IOException _) {
            return isCancelled() ? new Outcome.Cancelled() : new Outcome.Unreachable();
        }
    }

    private HttpResponse<InputStream> head(HttpRequest request) {
        CompletableFuture<HttpResponse<InputStream>> answer;
        synchronized (this) {
            if (cancelled) {
                throw new CancellationException();
            }
            answer = server.http().sendAsync(request, BodyHandlers.ofInputStream());
            sent = Optional.of(answer);
        }
        var response = answer.join();
        synchronized (this) {
            body = Optional.of(response.body());
            if (cancelled) {
                RemoteServer.close(response.body());
                throw new CancellationException();
            }
        }
        return response;
    }

    private Outcome read(HttpResponse<?> answer, InputStream in, Consumer<HttpResponse<?>> head) throws IOException {
        var status = answer.statusCode();
        var json = RemoteServer.type(answer).equals("application/json") && RemoteServer.isPlain(answer);
        if (status != 200) {
            return status == 202 || status == 204
                    ? new Outcome.Empty()
                    : new Outcome.Refusal(
                            status, new Json(json && status >= 400 ? in.readNBytes(ERROR_BODY) : new byte[0]));
        }
        head.accept(answer);
        if (RemoteServer.isEvents(answer)) {
            return events(in);
        }
        return json ? whole(in) : new Outcome.Refusal(status, new Json(new byte[0]));
    }

    private Outcome whole(InputStream in) throws IOException {
        var bytes = in.readNBytes(server.limit() + 1);
        if (bytes.length > server.limit()) {
            return new Outcome.TooLarge();
        }
        if (bytes.length == 0) {
            return new Outcome.Empty();
        }
        return messages.test(bytes) ? new Outcome.Answered() : new Outcome.BrokenOff(EventReader.Place.NOWHERE);
    }

    private Outcome events(InputStream in) {
        var reader = new EventReader(server.limit(), this);
        try {
            reader.readAll(in);
        } catch (IOException _) {
            // It broke off, or was closed from here: what counts is whether the last message had come.
        }
        if (done) {
            return new Outcome.Answered();
        }
        return isCancelled() ? new Outcome.Cancelled() : new Outcome.BrokenOff(reader.place());
    }

    @Override
    public void event(String type, byte[] data) {
        if (type.equals("message") && data.length > 0 && messages.test(data) && !done) {
            done = true;
            // The server ends the stream; one that does not must not hold it for ever.
            CompletableFuture.delayedExecutor(LINGER_SECONDS, TimeUnit.SECONDS).execute(this::cancel);
        }
    }

    @Override
    public void tooLong(byte[] lastBytes) {
        tooLong.accept(lastBytes);
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Ends it: the server sees the connection close. May be called again, and from any thread. */
    void cancel() {
        Optional<CompletableFuture<HttpResponse<InputStream>>> request;
        Optional<InputStream> stream;
        synchronized (this) {
            cancelled = true;
            request = sent;
            stream = body;
        }
        request.ifPresent(each -> each.cancel(true));
        stream.ifPresent(RemoteServer::close);
    }
}
