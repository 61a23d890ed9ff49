package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.remote.StreamableServer;
import dev.sallyport.proxy.token.VerifiedToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.ConnectException;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One request to an MCP server and its answer. Ends exactly once: whole, broken, timed out, or because the client hung
 * up, which ends the upstream's side at once.
 */
final class Exchange implements Deadlines.Expiring, Revocable {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    /** HTTP/2 error code for a stream that is not wanted any more. */
    private static final long CANCEL = 0x8;

    private final Upstreams upstreams;
    private final Destination.Url to;
    private final URI url;
    private final Dispatch dispatch;
    private final HttpServerRequest client;
    private final Outcome outcome;
    private Optional<HttpClientRequest> request = Optional.empty();
    private Optional<AnswerStream> answer = Optional.empty();
    private long deadline;
    private long last;
    private boolean over;

    Exchange(Upstreams upstreams, Destination.Url to, Dispatch dispatch, HttpServerRequest client, Outcome outcome) {
        this.to = to;
        this.url = to.url();
        this.upstreams = upstreams;
        this.dispatch = dispatch;
        this.client = client;
        this.outcome = outcome;
    }

    void start(String requestId) {
        if (client.response().closed()) {
            clientGone();
            return;
        }
        client.response().closeHandler(_ -> clientGone()).exceptionHandler(_ -> clientGone());
        deadline = upstreams.deadlines().in(upstreams.limits().firstByte());
        last = upstreams.deadlines().in(whileTokenLives(dispatch.method()));
        upstreams.deadlines().watch(this);
        var options = upstreams
                .optionsFor(url, HttpMethod.valueOf(dispatch.method()), target())
                .setHeaders(RequestHeaders.of(client.headers(), requestId, dispatch));
        upstreams.clientFor(url).request(options).onComplete(connected -> {
            if (over) {
                connected.map(late -> late.reset(CANCEL));
            } else if (connected.succeeded()) {
                send(connected.result());
            } else {
                fail(unreachable(connected.cause()));
            }
        });
    }

    @Override
    public VerifiedToken token() {
        return dispatch.permitted().token();
    }

    Dispatch dispatch() {
        return dispatch;
    }

    private String target() {
        var path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        var query = dispatch.credential().query(Optional.ofNullable(url.getRawQuery()));
        return query.isEmpty() ? path : path + "?" + query;
    }

    private void send(HttpClientRequest connected) {
        request = Optional.of(connected);
        Future<HttpClientResponse> response = dispatch.body().isPresent()
                ? connected.send(Buffer.buffer(dispatch.body().get()))
                : connected.send();
        response.onComplete(answered -> {
            if (over) {
                return;
            }
            if (answered.succeeded()) {
                stillAlive();
                var stream = new AnswerStream(this, answered.result(), client.response());
                answer = Optional.of(stream);
                stream.start();
            } else {
                fail(new Refusal.UpstreamFailed(502, "The MCP server closed the connection, or did not speak HTTP."));
            }
        });
    }

    private static Refusal unreachable(Throwable cause) {
        return cause instanceof ConnectException || !isTimeout(cause)
                ? new Refusal.UpstreamFailed(502, "The MCP server cannot be reached.")
                : new Refusal.UpstreamFailed(504, "The MCP server did not accept the connection in time.");
    }

    private static boolean isTimeout(Throwable cause) {
        return cause.getClass().getName().contains("Timeout");
    }

    /** Bytes came: the deadline is now the one for silence inside an answer. */
    void stillAlive() {
        deadline = upstreams.deadlines().in(upstreams.limits().idleStream());
    }

    /** The answer cannot be used, and nothing of it has been sent. */
    void fail(Refusal refusal) {
        if (finish()) {
            cancelUpstream();
            outcome.failed(refusal);
        }
    }

    /** The answer is whole; {@code last} sends what is left of it, unless the exchange is over already. */
    void complete(Runnable last) {
        if (finish()) {
            last.run();
            outcome.ended(Outcome.End.COMPLETE);
        }
    }

    /** The answer broke off after its head was sent; {@code last} tells the client, unless the exchange is over already. */
    void broken(Runnable last) {
        if (finish()) {
            last.run();
            cancelUpstream();
            outcome.ended(Outcome.End.BROKEN);
        }
    }

    /**
     * The server may be one that clients of this era cannot speak to. If it proves so, the bridge answers instead; else
     * {@code asItIs} delivers what it said.
     */
    void reconsider(Predicate<StreamableServer> proof, Runnable asItIs) {
        var loop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop");
        Thread.ofVirtual().start(() -> {
            var translated = proof.test(to.server());
            loop.runOnContext(_ -> {
                if (over) {
                    return;
                }
                if (translated) {
                    over = true;
                    upstreams.deadlines().forget(this);
                    new BridgedExchange(upstreams, dispatch, client, outcome).start(to.bridge());
                } else {
                    asItIs.run();
                }
            });
        });
    }

    /**
     * Does this on a virtual thread and comes back to the event loop with what came of it, unless the exchange is over by
     * then. {@code failed} is for bugs.
     */
    <T> void aside(Supplier<T> work, Consumer<T> then, Runnable failed) {
        var loop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop");
        Thread.ofVirtual().start(() -> {
            Runnable next;
            try {
                var result = work.get();
                next = () -> then.accept(result);
            } catch (RuntimeException e) {
                LOG.error("an answer could not be filtered", e);
                next = failed;
            }
            var last = next;
            loop.runOnContext(_ -> {
                if (!over) {
                    last.run();
                }
            });
        });
    }

    private void clientGone() {
        if (finish()) {
            cancelUpstream();
            outcome.ended(Outcome.End.CLIENT_GONE);
        }
    }

    @Override
    public long deadline() {
        return last - deadline < 0 ? last : deadline;
    }

    @Override
    public void expire() {
        request.filter(running -> running.version() == HttpVersion.HTTP_2)
                .ifPresent(running -> Probe.of(running.connection(), upstreams));
        if (answer.isPresent()) {
            answer.get().cut();
        } else {
            fail(new Refusal.UpstreamFailed(504, "The MCP server took too long to answer."));
        }
    }

    private boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        upstreams.deadlines().forget(this);
        return true;
    }

    private void cancelUpstream() {
        request.ifPresent(running -> running.reset(CANCEL));
    }
}
