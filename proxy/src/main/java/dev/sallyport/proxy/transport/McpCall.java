package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.gate.Mirrored;
import dev.sallyport.proxy.gate.Request;
import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.trace.Trace;
import dev.sallyport.proxy.trace.TraceContext;
import dev.sallyport.proxy.upstream.Dispatch;
import dev.sallyport.proxy.upstream.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One request to an MCP endpoint on its way through the gate. The token is verified before a byte of the body is read.
 * What is in memory is decided on the event loop; only what may wait takes the way over a virtual thread.
 */
final class McpCall implements Outcome, BodyReader.Reader {

    private static final Logger LOG = Logger.getLogger(McpCall.class);

    /** Reading more than this would hold up the other requests of the loop. */
    private static final int SMALL = 64 * 1024;

    private static final int UNAUTHORIZED = 401;

    /** Headers with one meaning: two of them would let two readers see two things. */
    private static final List<String> ONCE = List.of(
            "content-type", "last-event-id", "mcp-method", "mcp-name", "mcp-protocol-version", "mcp-session-id");

    private final Arrival arrival;
    private final Endpoint endpoint;
    private final Door door;
    private final Trace trace;
    private Optional<VerifiedToken> token = Optional.empty();
    private Optional<byte[]> body = Optional.empty();
    private Optional<String> presented = Optional.empty();
    private boolean atGate;
    private boolean dispatched;
    private boolean renewed;
    private Optional<Dispatch> first = Optional.empty();

    private McpCall(Arrival arrival, Endpoint endpoint, Door door) {
        this.arrival = arrival;
        this.endpoint = endpoint;
        this.door = door;
        this.trace = endpoint.gate().trace(traceContext(arrival.request()));
    }

    /** For one of the endpoint's addresses, or a path below it where there is none; but only who has a token gets to know. */
    static void serve(Arrival arrival, Endpoint endpoint, Door door) {
        new McpCall(arrival, endpoint, door).start();
    }

    private void start() {
        guarded(() -> {
            var request = arrival.request();
            var origins = request.headers().getAll(HttpHeaders.ORIGIN);
            if (!origins.isEmpty()) {
                if (origins.size() > 1 || !arrival.site().origins().allows(origins.getFirst())) {
                    throw new Refused(new Refusal.BadRequest(403, "Pages of this origin may not call this server."));
                }
                if (Cors.isPreflight(request)) {
                    Cors.allowPreflight(request, origins.getFirst());
                    arrival.empty(204);
                    return;
                }
                Cors.allow(request, origins.getFirst());
            }
            var bearer = Bearer.of(request.headers());
            presented = Optional.of(bearer);
            var remembered = endpoint.gate().remembered(bearer);
            if (remembered.isPresent()) {
                admitted(remembered.get());
            } else {
                request.pause();
                arrival.lane().offLoop(() -> endpoint.gate().verify(bearer), this::admitted, this::failed);
            }
        });
    }

    private void admitted(VerifiedToken verified) {
        token = Optional.of(verified);
        var request = arrival.request();
        if (request.response().closed()) {
            gone();
            return;
        }
        guarded(() -> {
            checkShape(request);
            if (request.method().name().equals("POST")) {
                BodyReader.read(arrival, arrival.site().bodyLimit(), this);
            } else {
                request.resume();
                pass(verified);
            }
        });
    }

    private void checkShape(HttpServerRequest request) {
        if (door.methods().isEmpty()) {
            throw new Refused(new Refusal.BadRequest(404, "There is nothing at this path."));
        }
        var method = request.method().name();
        if (!door.methods().contains(method)) {
            var allowed = String.join(", ", door.methods());
            request.response().putHeader(HttpHeaders.ALLOW, allowed);
            throw new Refused(new Refusal.BadRequest(405, "This address takes " + allowed + " only."));
        }
        for (var name : ONCE) {
            if (request.headers().getAll(name).size() > 1) {
                throw new Refused(new Refusal.BadRequest(400, "The header " + name + " came more than once."));
            }
        }
        if (method.equals("POST")) {
            checkContent(request);
        }
    }

    private static void checkContent(HttpServerRequest request) {
        var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        var bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!bare.equals("application/json")) {
            throw new Refused(new Refusal.BadRequest(415, "Content-Type has to be application/json."));
        }
        var encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new Refused(new Refusal.BadRequest(415, "Content-Encoding is not supported."));
        }
    }

    @Override
    public void read(Buffer whole) {
        body = Optional.of(whole.getBytes());
        guarded(() -> token.ifPresent(this::pass));
    }

    private void pass(VerifiedToken verified) {
        var request = gateRequest();
        var gate = endpoint.gate();
        atGate = true;
        if (gate.waits(verified) || isLarge()) {
            arrival.lane().offLoop(() -> gate.pass(verified, request), this::dispatch, this::failed);
        } else {
            dispatch(gate.pass(verified, request));
        }
    }

    private boolean isLarge() {
        return body.filter(bytes -> bytes.length > SMALL).isPresent();
    }

    /** What was revoked while the gate had to wait is not sent: nobody would end it later. */
    private void dispatch(Dispatch dispatch) {
        guarded(() -> {
            presented.ifPresent(bearer -> endpoint.gate().remembered(bearer));
            if (!dispatched) {
                dispatched = true;
                first = Optional.of(dispatch);
                arrival.lane().traffic().running(1);
            }
            trace.sending();
            arrival.lane().upstreams().send(dispatch, arrival.request(), arrival.id(), this);
        });
    }

    @Override
    public void tooLarge() {
        refuse(new Refusal.BadRequest(
                413, "The body is larger than " + arrival.site().bodyLimit() + " bytes."));
    }

    @Override
    public void tooSlow() {
        refuse(new Refusal.BadRequest(408, "The body took too long to arrive."));
    }

    @Override
    public void noRoom() {
        refuse(new Refusal.Unavailable("memory for bodies"));
    }

    @Override
    public void gone() {
        over(Outcome.End.CLIENT_GONE, 499);
    }

    @Override
    public void failed(Refusal refusal) {
        if (refusal instanceof Refusal.CredentialRefused refused && first.isPresent()) {
            var sent = first.get();
            var again = refused.status() == UNAUTHORIZED && !renewed;
            renewed = true;
            arrival.lane().offLoop(() -> endpoint.gate().renew(sent, refused, again), this::dispatch, this::failed);
            return;
        }
        LOG.warnf("request %s to %s failed: %s", arrival.id(), endpoint.server().name(), refusal);
        answer(refusal);
    }

    @Override
    public void ended(Outcome.End end) {
        over(end, arrival.request().response().getStatusCode());
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(RuntimeException e) {
        if (e instanceof Refused refused) {
            // The gate has recorded what it decided itself; the rest fell before it got that far.
            if (atGate) {
                answer(refused.refusal());
            } else {
                refuse(refused.refusal());
            }
        } else {
            LOG.errorf(e, "request %s to %s", arrival.id(), endpoint.server().name());
            arrival.json(500, JsonRpcError.unexpected(arrival.id()).message(body));
            over(Outcome.End.COMPLETE, 500);
        }
    }

    private void refuse(Refusal refusal) {
        try {
            if (token.isPresent()) {
                endpoint.gate().turnedAway(token.get(), gateRequest(), refusal);
            } else {
                endpoint.gate().turnedAway(gateRequest(), refusal);
            }
            answer(refusal);
        } catch (Refused unrecorded) {
            answer(unrecorded.refusal());
        }
    }

    /** A large body is read for its id away from the loop, as it was read for the decision. */
    private void answer(Refusal refusal) {
        if (isLarge()) {
            arrival.lane().offLoop(() -> words(refusal), words -> say(refusal, words), this::failed);
        } else {
            say(refusal, words(refusal));
        }
    }

    /** What a refusal is for the client. {@code led}: a way to a page, which is an answer like others. */
    private record Words(boolean led, Buffer message) {}

    private Words words(Refusal refusal) {
        if (refusal instanceof Refusal.AtPage page && token.isPresent()) {
            var way = endpoint.gate().elicit(token.get(), gateRequest(), page);
            if (way.isPresent()) {
                return new Words(true, Buffer.buffer(way.get()));
            }
        }
        return new Words(false, JsonRpcError.of(refusal).message(body));
    }

    private void say(Refusal refusal, Words words) {
        answer(words.message(), () -> {
            if (words.led()) {
                json(200, words.message());
            } else {
                refused(refusal, words.message());
            }
        });
    }

    /**
     * What a client of HTTP+SSE asked for is answered on its stream, where it waits; the answer to its POST says only whether
     * that has come. Who has no right to a stream gets a status and a challenge like everybody.
     */
    private void answer(Buffer message, Runnable plainly) {
        if (token.isEmpty() || body.isEmpty() || door.channel().transport() != Transport.HTTP_SSE) {
            plainly.run();
            return;
        }
        var verified = token.get();
        var request = gateRequest();
        arrival.lane()
                .offLoop(
                        () -> isRequest() && endpoint.gate().tell(verified, request, message.getBytes()),
                        told -> {
                            if (told) {
                                arrival.empty(202);
                                over(Outcome.End.COMPLETE, 202);
                            } else {
                                plainly.run();
                            }
                        },
                        _ -> plainly.run());
    }

    private boolean isRequest() {
        return body.flatMap(JsonRpcError::id).isPresent();
    }

    private void json(int status, Buffer message) {
        arrival.json(status, message);
        over(Outcome.End.COMPLETE, status);
    }

    private void refused(Refusal refusal, Buffer message) {
        var answer = Answer.to(refusal, endpoint.challenges());
        var response = arrival.request().response();
        answer.challenge().ifPresent(value -> response.putHeader("WWW-Authenticate", value));
        answer.retryAfter()
                .ifPresent(time -> response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(time.toSeconds())));
        json(answer.status(), message);
    }

    private void over(Outcome.End end, int status) {
        if (dispatched) {
            dispatched = false;
            arrival.lane().traffic().running(-1);
        }
        trace.ended(status, end == Outcome.End.BROKEN);
        arrival.lane().traffic().served(endpoint.server().name(), status, end, arrival.nanos());
    }

    private static TraceContext traceContext(HttpServerRequest request) {
        var parents = request.headers().getAll("traceparent");
        return parents.size() == 1
                ? new TraceContext(
                        Optional.of(parents.getFirst()),
                        Optional.of(String.join(",", request.headers().getAll("tracestate"))))
                : TraceContext.NONE;
    }

    private Request gateRequest() {
        var headers = arrival.request().headers();
        var mirrored = new Mirrored(
                Optional.ofNullable(headers.get("mcp-protocol-version")),
                Optional.ofNullable(headers.get("mcp-method")),
                Optional.ofNullable(headers.get("mcp-name")));
        return new Request(arrival.id(), trace, arrival.request().method().name(), body, mirrored, door.channel());
    }
}
