package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.bridge.Arriving;
import dev.sallyport.proxy.bridge.Bridge;
import dev.sallyport.proxy.bridge.Reply;
import dev.sallyport.proxy.mcp.SseAddresses;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.token.VerifiedToken;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * One request that a {@link Bridge} answers. The bridge speaks from threads of its own; everything that touches the client's
 * connection happens on its event loop, in the order in which it was said.
 */
final class BridgedExchange implements Reply, Deadlines.Expiring, Revocable {

    private static final Logger LOG = Logger.getLogger(BridgedExchange.class);

    /** What may wait for one stream's client that reads too slowly; more, and its connection is closed. */
    private static final long MAX_UNREAD = 16L * 1024 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private final Upstreams upstreams;
    private final Dispatch dispatch;
    private final HttpServerResponse to;
    private final Arriving.Headers headers;
    private final Outcome outcome;
    private final Context loop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop");
    private final AtomicLong unread = new AtomicLong();
    private final UnreadMemory.Part memory;
    private final List<Consumer<Gone>> listeners = new ArrayList<>();
    private Optional<Gone> gone = Optional.empty();
    private volatile Optional<String> shownSession = Optional.empty();
    private long deadline;
    private long last;
    private boolean streaming;
    private boolean over;

    BridgedExchange(Upstreams upstreams, Dispatch dispatch, HttpServerRequest client, Outcome outcome) {
        this.upstreams = upstreams;
        this.dispatch = dispatch;
        this.to = client.response();
        this.outcome = outcome;
        this.memory = upstreams.unread().of(dispatch.permitted().token());
        var accept =
                String.join(",", client.headers().getAll(HttpHeaders.ACCEPT)).toLowerCase(Locale.ROOT);
        this.headers = new Arriving.Headers(
                accept.contains("text/event-stream") || accept.contains("*/*"),
                Optional.ofNullable(client.getHeader("last-event-id")),
                Optional.ofNullable(client.getHeader("mcp-protocol-version")),
                arguments(client));
    }

    /** Of several with one name all count, so that they agree with nothing. */
    private static Map<String, String> arguments(HttpServerRequest client) {
        var found = new HashMap<String, String>();
        for (var header : client.headers()) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("mcp-param-")) {
                found.merge(name, header.getValue(), (one, other) -> one + ", " + other);
            }
        }
        return found;
    }

    void start(Bridge bridge) {
        if (to.closed()) {
            lose(Gone.CLIENT);
            return;
        }
        to.closeHandler(_ -> lose(Gone.CLIENT)).exceptionHandler(_ -> lose(Gone.CLIENT));
        stillAlive();
        last = upstreams.deadlines().in(whileTokenLives(dispatch.method()));
        upstreams.deadlines().watch(this);
        var arriving = new Arriving(
                dispatch.method(),
                traced(dispatch),
                dispatch.permitted(),
                dispatch.session(),
                dispatch.credential(),
                dispatch.transport(),
                headers);
        Thread.ofVirtual().start(() -> take(bridge, arriving));
    }

    /** What was judged, with the trace where a server finds it that sees none of the client's headers. */
    private static Optional<byte[]> traced(Dispatch dispatch) {
        return dispatch.body()
                .map(body -> dispatch.trace()
                        .continued()
                        .map(context -> TracedBody.of(body, context))
                        .orElse(body));
    }

    private void take(Bridge bridge, Arriving arriving) {
        try {
            bridge.take(arriving, this);
        } catch (Refused refused) {
            refuse(refused.refusal());
        } catch (RuntimeException e) {
            LOG.error("a request could not be bridged", e);
            refuse(new Refusal.Unavailable("bridge"));
        }
    }

    @Override
    public VerifiedToken token() {
        return dispatch.permitted().token();
    }

    @Override
    public void json(byte[] message, Optional<String> session) {
        var filtered = filtered(message);
        onLoop(() -> {
            if (filtered.length == 0) {
                fail(new Refusal.UpstreamFailed(502, "The MCP server's answer may not be delivered."));
                return;
            }
            if (!memory.take(filtered.length)) {
                tooSlow();
                return;
            }
            session.ifPresent(
                    id -> to.putHeader("Mcp-Session-Id", dispatch.session().shown(id)));
            head(200)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(Buffer.buffer(filtered))
                    .onComplete(_ -> memory.giveBack(filtered.length));
            finish(Outcome.End.COMPLETE);
        });
    }

    @Override
    public void error(int status, byte[] message) {
        onLoop(() -> {
            head(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(Buffer.buffer(message));
            finish(Outcome.End.COMPLETE);
        });
    }

    @Override
    public void status(int status) {
        onLoop(() -> {
            head(status).end();
            finish(Outcome.End.COMPLETE);
        });
    }

    @Override
    public void events() {
        onLoop(() -> {
            streaming = true;
            head(200)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                    .putHeader("X-Accel-Buffering", "no")
                    .setChunked(true);
            // The client waits for the head, the first event may be long in coming.
            to.write(Buffer.buffer());
        });
    }

    @Override
    public void endpoint(String session, long after) {
        var id = dispatch.session().shown(session);
        shownSession = Optional.of(id);
        var address =
                SseAddresses.messages(dispatch.permitted().token().resource().path(), id);
        say(Optional.of(Long.toString(after)), "endpoint", address.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void event(Optional<String> id, byte[] message) {
        var filtered = message.length == 0 ? message : filtered(message);
        if (message.length == 0 || filtered.length > 0) {
            filteredEvent(id, filtered);
        }
    }

    @Override
    public void filteredEvent(Optional<String> id, byte[] message) {
        say(id, "message", oneLine(message));
    }

    /** Ids of events tell which session they are of where nothing else does. */
    private void say(Optional<String> id, String name, byte[] data) {
        var event = Buffer.buffer(data.length + 64);
        id.map(text -> shownSession.map(session -> session + "." + text).orElse(text))
                .ifPresent(text -> event.appendString("id: ").appendString(text).appendByte((byte) '\n'));
        event.appendString("event: " + name + "\ndata: ").appendBytes(data).appendString("\n\n");
        onLoop(() -> {
            stillAlive();
            write(event);
        });
    }

    @Override
    public void prolong(VerifiedToken later, boolean calling) {
        var own = token();
        if (own.grantId().equals(later.grantId()) && own.sessionId().equals(later.sessionId())) {
            var life = Revocable.lifeOf(later, calling ? CALLING_AFTER_EXPIRY : LISTENING_AFTER_EXPIRY);
            onLoop(() -> {
                var until = upstreams.deadlines().in(life);
                last = until - last > 0 ? until : last;
            });
        }
    }

    @Override
    public void keepAlive() {
        onLoop(() -> write(Buffer.buffer(": still here\n\n")));
    }

    @Override
    public void end() {
        onLoop(() -> {
            if (streaming) {
                to.end();
                finish(Outcome.End.COMPLETE);
            } else {
                fail(new Refusal.UpstreamFailed(502, "The MCP server ended the session before it answered."));
            }
        });
    }

    @Override
    public void refuse(Refusal refusal) {
        onLoop(() -> fail(refusal));
    }

    @Override
    public void onGone(Consumer<Gone> listener) {
        Optional<Gone> known;
        synchronized (listeners) {
            known = gone;
            if (known.isEmpty()) {
                listeners.add(listener);
            }
        }
        known.ifPresent(listener);
    }

    @Override
    public long deadline() {
        return last - deadline < 0 ? last : deadline;
    }

    /** The time is up, or the grant was revoked. */
    @Override
    public void expire() {
        var due = upstreams.deadlines().isDue(this);
        if (streaming) {
            to.end();
        } else {
            fail(new Refusal.UpstreamFailed(504, "The MCP server took too long to answer."));
        }
        lose(due ? Gone.EXPIRED : Gone.ENDED);
    }

    private void onLoop(Runnable step) {
        loop.runOnContext(_ -> {
            if (!over) {
                step.run();
            }
        });
    }

    /** In the thread that brought it, for a large list is worth some time. */
    @Override
    public byte[] filtered(byte[] message) {
        if (Leak.of(dispatch.credential(), message)) {
            LOG.warn("an answer that held the upstream credential was not delivered");
            return NOTHING;
        }
        return dispatch.permitted().filter().apply(message);
    }

    /** In JSON a line break can only stand between tokens, so a space says the same. */
    private static byte[] oneLine(byte[] message) {
        var line = message.clone();
        for (var at = 0; at < line.length; at++) {
            if (line[at] == '\n' || line[at] == '\r') {
                line[at] = ' ';
            }
        }
        return line;
    }

    private void write(Buffer buffer) {
        var length = buffer.length();
        if (unread.addAndGet(length) > MAX_UNREAD || !memory.take(length)) {
            tooSlow();
            return;
        }
        to.write(buffer).onComplete(_ -> {
            unread.addAndGet(-length);
            memory.giveBack(length);
        });
    }

    private void tooSlow() {
        LOG.warn("a client does not read what it asked for; its connection was closed");
        to.reset();
        lose(Gone.CLIENT);
    }

    private HttpServerResponse head(int status) {
        return to.setStatusCode(status)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
    }

    private void stillAlive() {
        deadline = upstreams.deadlines().in(upstreams.limits().idleStream());
    }

    private void fail(Refusal refusal) {
        if (!over) {
            over = true;
            upstreams.deadlines().forget(this);
            outcome.failed(refusal);
        }
    }

    private void finish(Outcome.End end) {
        if (!over) {
            over = true;
            upstreams.deadlines().forget(this);
            outcome.ended(end);
        }
    }

    private void lose(Gone why) {
        finish(why == Gone.CLIENT ? Outcome.End.CLIENT_GONE : Outcome.End.BROKEN);
        List<Consumer<Gone>> told;
        synchronized (listeners) {
            if (gone.isPresent()) {
                return;
            }
            gone = Optional.of(why);
            told = List.copyOf(listeners);
            listeners.clear();
        }
        told.forEach(listener -> listener.accept(why));
    }
}
