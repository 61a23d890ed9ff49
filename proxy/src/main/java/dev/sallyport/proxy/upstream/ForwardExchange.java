package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.refusal.Refusal;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/** One request to the authorization server and its answer. */
final class ForwardExchange implements Deadlines.Expiring {

    private static final long CANCEL = 0x8;
    private static final Refusal DOWN =
            new Refusal.UpstreamFailed(502, "The authorization server does not answer. Try again in a moment.");

    private final Upstreams upstreams;
    private final HttpServerRequest client;
    private final Outcome outcome;
    private Optional<HttpClientRequest> request = Optional.empty();
    private long deadline;
    private boolean over;

    ForwardExchange(Upstreams upstreams, HttpServerRequest client, Outcome outcome) {
        this.upstreams = upstreams;
        this.client = client;
        this.outcome = outcome;
    }

    void start(Forward forward) {
        client.response().closeHandler(_ -> clientGone()).exceptionHandler(_ -> clientGone());
        deadline = upstreams.deadlines().in(upstreams.limits().firstByte());
        upstreams.deadlines().watch(this);
        var options = upstreams
                .optionsFor(forward.origin(), client.method(), forward.target())
                .setHeaders(ForwardHeaders.request(client.headers(), forward.forwardedFor()));
        upstreams.clientFor(forward.origin()).request(options).onComplete(connected -> {
            if (over) {
                connected.map(late -> late.reset(CANCEL));
            } else if (connected.succeeded()) {
                send(connected.result(), forward);
            } else {
                fail(DOWN);
            }
        });
    }

    private void send(HttpClientRequest connected, Forward forward) {
        request = Optional.of(connected);
        var response = forward.body().length() > 0 ? connected.send(forward.body()) : connected.send();
        response.onComplete(answered -> {
            if (over) {
                return;
            }
            if (answered.succeeded()) {
                answer(answered.result(), client.response(), forward.openToScripts());
            } else {
                fail(DOWN);
            }
        });
    }

    private void answer(HttpClientResponse from, HttpServerResponse to, boolean openToScripts) {
        stillAlive();
        to.setStatusCode(from.statusCode());
        ForwardHeaders.answer(from.headers(), to.headers(), openToScripts);
        var bodiless = client.method().equals(HttpMethod.HEAD) || from.statusCode() == 204 || from.statusCode() == 304;
        if (!bodiless && !to.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            to.setChunked(true);
        }
        var pump = new Pump(from, to);
        from.exceptionHandler(_ -> broken());
        from.handler(chunk -> {
            stillAlive();
            pump.write(chunk);
        });
        from.endHandler(_ -> {
            if (finish()) {
                to.end();
                outcome.ended(Outcome.End.COMPLETE);
            }
        });
    }

    private void stillAlive() {
        deadline = upstreams.deadlines().in(upstreams.limits().firstByte());
    }

    private void fail(Refusal refusal) {
        if (finish()) {
            cancel();
            outcome.failed(refusal);
        }
    }

    private void broken() {
        if (finish()) {
            cancel();
            client.response().reset();
            outcome.ended(Outcome.End.BROKEN);
        }
    }

    private void clientGone() {
        if (finish()) {
            cancel();
            outcome.ended(Outcome.End.CLIENT_GONE);
        }
    }

    @Override
    public long deadline() {
        return deadline;
    }

    @Override
    public void expire() {
        if (client.response().headWritten()) {
            broken();
        } else {
            fail(new Refusal.UpstreamFailed(504, "The authorization server took too long to answer."));
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

    private void cancel() {
        request.ifPresent(running -> running.reset(CANCEL));
    }
}
