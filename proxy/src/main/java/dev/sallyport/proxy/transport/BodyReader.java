package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.upstream.Deadlines;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Reads one request body whole, if it is small enough and comes soon enough. Calls back exactly once. */
final class BodyReader implements Deadlines.Expiring {

    private final Arrival arrival;
    private final HttpServerRequest request;
    private final int limit;
    private final Deadlines deadlines;
    private final Reader reader;
    private final Buffer body = Buffer.buffer();
    private final long deadline;
    private boolean done;

    /** Who wants the body. */
    interface Reader {
        void read(Buffer body);

        void tooLarge();

        void tooSlow();

        /** All bodies that are held at this moment leave no room for this one. */
        void noRoom();

        /** The client went away in the middle. */
        void gone();
    }

    private BodyReader(Arrival arrival, int limit, Reader reader) {
        this.arrival = arrival;
        this.request = arrival.request();
        this.limit = limit;
        this.deadlines = arrival.lane().deadlines();
        this.reader = reader;
        this.deadline = deadlines.in(arrival.lane().bodyTime());
    }

    static void read(Arrival arrival, int limit, Reader reader) {
        new BodyReader(arrival, limit, reader).start();
    }

    /** What the request says about the size of its body; more than a body can have when it says nonsense. */
    static long announced(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE;
        }
    }

    private void start() {
        if (announced(request) > limit) {
            reader.tooLarge();
            return;
        }
        if (request.headers().contains(HttpHeaders.EXPECT)) {
            request.response().writeContinue();
        }
        deadlines.watch(this);
        request.handler(this::chunk);
        request.endHandler(_ -> {
            if (finish()) {
                reader.read(body);
            }
        });
        request.exceptionHandler(_ -> {
            if (finish()) {
                reader.gone();
            }
        });
        request.resume();
    }

    private void chunk(Buffer chunk) {
        if (done) {
            return;
        }
        if (body.length() + chunk.length() > limit) {
            finish();
            reader.tooLarge();
        } else if (!arrival.hold(chunk.length())) {
            finish();
            reader.noRoom();
        } else {
            body.appendBuffer(chunk);
        }
    }

    @Override
    public long deadline() {
        return deadline;
    }

    @Override
    public void expire() {
        if (finish()) {
            arrival.hangUp();
            reader.tooSlow();
        }
    }

    private boolean finish() {
        if (done) {
            return false;
        }
        done = true;
        deadlines.forget(this);
        return true;
    }
}
