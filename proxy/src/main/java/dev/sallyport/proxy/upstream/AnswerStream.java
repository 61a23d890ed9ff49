package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.refusal.Refusal;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One answer of an MCP server on its way to the client, as far as it may go there. */
final class AnswerStream {

    /** Up to this size a JSON answer is sent in one write, which saves a system call; a larger one is streamed. */
    private static final int ONE_WRITE = 16 * 1024;

    private static final int ERROR_BODY = 64 * 1024;

    /** The largest message that is held in memory to take something out of it. */
    private static final int FILTERED = 16 * 1024 * 1024;

    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence EVENTS = HttpHeaders.createOptimized("text/event-stream");

    private final Exchange exchange;
    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private Runnable cut;
    private boolean aside;
    private boolean broken;

    AnswerStream(Exchange exchange, HttpClientResponse from, HttpServerResponse to) {
        this.exchange = exchange;
        this.from = from;
        this.to = to;
        this.cut = () -> exchange.fail(new Refusal.UpstreamFailed(504, "The MCP server stopped in mid-answer."));
    }

    void start() {
        from.exceptionHandler(_ -> cut());
        switch (Verdict.of(exchange.dispatch().method(), from.statusCode(), from.headers())) {
            case JSON -> json();
            case EVENTS -> events();
            case STATUS_ONLY -> statusOnly();
            case ERROR -> gather(ERROR_BODY, this::error);
            case CREDENTIAL_REFUSED -> exchange.fail(new Refusal.CredentialRefused(from.statusCode()));
            case REDIRECT -> unusable("The MCP server answered with a redirect.");
            case UNUSABLE -> unusable("The MCP server's answer is neither JSON nor an event stream.");
        }
    }

    /** Breaks off, in the way that leaves the client least in doubt. */
    void cut() {
        if (aside) {
            // What came before the break is delivered first.
            broken = true;
            return;
        }
        var once = cut;
        // Cancelling the upstream's side is reported back to us as one more break.
        cut = () -> {};
        once.run();
    }

    private void unusable(String text) {
        exchange.fail(new Refusal.UpstreamFailed(502, text));
    }

    private void json() {
        var filter = exchange.dispatch().permitted().filter();
        if (filter.reads() == Integer.MAX_VALUE) {
            gather(FILTERED, this::filtered);
        } else if (filter.readsAnswers()) {
            gatherOrStream(filter.reads(), this::filtered);
        } else if (announcedLength() <= ONE_WRITE) {
            gather(ONE_WRITE, this::unread);
        } else {
            gatherOrStream(ONE_WRITE, this::unread);
        }
    }

    private void filtered(Buffer whole) {
        var filter = exchange.dispatch().permitted().filter();
        var bytes = whole.getBytes();
        if (filter.takesTime(bytes.length)) {
            aside(() -> filter.apply(bytes), filtered -> filtered(whole, filtered));
        } else {
            filtered(whole, filter.apply(bytes));
        }
    }

    private void filtered(Buffer whole, byte[] filtered) {
        if (filtered.length == 0) {
            unusable("The MCP server's answer may not be delivered.");
        } else {
            considered(whole, () -> whole(from.statusCode(), Buffer.buffer(filtered)));
        }
    }

    /** A lone object is the answer; only an array can hold something else besides. */
    private void unread(Buffer whole) {
        if (!exchange.dispatch().permitted().filter().passesEverything() && isArray(whole)) {
            filtered(whole);
        } else {
            considered(whole, () -> whole(from.statusCode(), whole));
        }
    }

    private static boolean isArray(Buffer json) {
        for (var i = 0; i < json.length(); i++) {
            var b = json.getByte(i);
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b == '[';
            }
        }
        return false;
    }

    /** Streams what proves to be larger, unless it could hold more than one message. */
    private void gatherOrStream(int most, Consumer<Buffer> whole) {
        var start = Buffer.buffer();
        from.handler(chunk -> {
            exchange.stillAlive();
            start.appendBuffer(chunk);
            if (start.length() <= most) {
                return;
            }
            if (isArray(start) && !exchange.dispatch().permitted().filter().passesEverything()) {
                unusable("The MCP server's answer is too large.");
            } else {
                streamJson(start);
            }
        });
        from.endHandler(_ -> whole.accept(start));
    }

    private void streamJson(Buffer start) {
        head(from.statusCode(), JSON);
        var length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            to.setChunked(true);
        } else {
            to.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        // Half a JSON text must not look like a whole one: the client's connection is closed instead.
        cut = () -> exchange.broken(to::reset);
        var pump = new Pump(from, to);
        pump.write(start);
        from.handler(chunk -> {
            exchange.stillAlive();
            pump.write(chunk);
        });
        from.endHandler(_ -> end());
    }

    private void events() {
        head(from.statusCode(), EVENTS);
        to.putHeader("X-Accel-Buffering", "no");
        to.setChunked(true);
        var events = EventStream.of(exchange.dispatch(), FILTERED);
        cut = () -> exchange.broken(() -> to.end(events.farewell()));
        // The client waits for the head, the first event may be long in coming.
        to.write(Buffer.buffer());
        var pump = new Pump(from, to);
        from.handler(chunk -> {
            exchange.stillAlive();
            if (events.takesTime(chunk)) {
                pump.hold();
                aside(() -> events.accept(chunk), ready -> {
                    ready.ifPresentOrElse(pump::write, this::cut);
                    pump.release();
                });
            } else {
                events.accept(chunk).ifPresentOrElse(pump::write, this::cut);
            }
        });
        from.endHandler(_ -> end());
    }

    /** Does on a virtual thread what would hold up the other requests of this event loop. */
    private <T> void aside(Supplier<T> work, Consumer<T> then) {
        aside = true;
        exchange.aside(
                work,
                result -> {
                    aside = false;
                    then.accept(result);
                    if (broken) {
                        cut();
                    }
                },
                () -> {
                    aside = false;
                    cut();
                });
    }

    private void statusOnly() {
        from.handler(_ -> {});
        from.endHandler(_ -> considered(Buffer.buffer(), this::status));
    }

    private void status() {
        exchange.complete(() -> {
            head(from.statusCode());
            to.end();
        });
    }

    /** An answer that says that the client speaks another revision is not delivered if there is a way to translate. */
    private void considered(Buffer body, Runnable asItIs) {
        var dispatch = exchange.dispatch();
        if (Era.mayBeModernOnly(dispatch, from.statusCode(), body.getBytes())) {
            exchange.reconsider(server -> server.turnsOutModern(dispatch.credential()), asItIs);
        } else if (Era.mayBeLegacyOnly(dispatch, from.statusCode(), body.getBytes())) {
            exchange.reconsider(server -> server.turnsOutLegacy(dispatch.credential()), asItIs);
        } else {
            asItIs.run();
        }
    }

    private void error(Buffer body) {
        considered(body, () -> delivered(body));
    }

    private void delivered(Buffer body) {
        if (JsonRpcShape.isMessage(body.getBytes())
                && !Leak.of(exchange.dispatch().credential(), body.getBytes())) {
            whole(from.statusCode(), body);
        } else if (from.statusCode() < 500) {
            status();
        } else {
            unusable("The MCP server failed.");
        }
    }

    private void whole(int status, Buffer body) {
        exchange.complete(() -> {
            head(status, JSON);
            to.end(body);
        });
    }

    private void end() {
        exchange.complete(to::end);
    }

    private void gather(int limit, Consumer<Buffer> then) {
        var whole = Buffer.buffer();
        from.handler(chunk -> {
            exchange.stillAlive();
            if (whole.length() + chunk.length() > limit) {
                unusable("The MCP server's answer is too large.");
            } else {
                whole.appendBuffer(chunk);
            }
        });
        from.endHandler(_ -> then.accept(whole));
    }

    private int announcedLength() {
        var length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? Integer.MAX_VALUE : Integer.parseInt(length);
        } catch (NumberFormatException _) {
            return Integer.MAX_VALUE;
        }
    }

    private void head(int status, CharSequence contentType) {
        head(status);
        to.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    }

    /** The allow-list downwards: no cookie, no challenge, no redirect, nothing that steers a browser. */
    private void head(int status) {
        to.setStatusCode(status);
        var headers = to.headers();
        for (var header : from.headers()) {
            if (header.getKey().equalsIgnoreCase(RequestHeaders.SESSION)) {
                headers.set(header.getKey(), exchange.dispatch().session().shown(header.getValue()));
            } else if (RequestHeaders.isMcp(header.getKey())) {
                headers.add(header.getKey(), header.getValue());
            }
        }
        copy("Retry-After");
        if (status == 405) {
            copy("Allow");
        }
        headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
        headers.set(CONTENT_TYPE_OPTIONS, NOSNIFF);
    }

    private void copy(String name) {
        var value = from.getHeader(name);
        if (value != null) {
            to.putHeader(name, value);
        }
    }
}
