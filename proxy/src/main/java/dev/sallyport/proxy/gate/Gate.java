package dev.sallyport.proxy.gate;

import dev.sallyport.proxy.credential.Credentials;
import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.elicitation.Elicitation;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.session.Session;
import dev.sallyport.proxy.session.Sessions;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.token.Tokens;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.trace.Trace;
import dev.sallyport.proxy.trace.TraceContext;
import dev.sallyport.proxy.upstream.Destination;
import dev.sallyport.proxy.upstream.Dispatch;
import dev.sallyport.proxy.vault.VaultProblem;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The gate of one MCP server: its requests, in order. Each step needs the type that the step before returned, so none can
 * be skipped, and a refused request has touched neither the credential nor the MCP server.
 */
public final class Gate {

    private static final Logger LOG = Logger.getLogger(Gate.class);

    private final ServerSettings server;
    private final Tokens tokens;
    private final Permissions permissions;
    private final Clients clients;
    private final Credentials credentials;
    private final Destination destination;
    private final Recorder recorder;

    /** What clients hold between requests: their sessions, and pages that their people were sent to. */
    public record Clients(Sessions sessions, Elicitation elicitation) {}

    /** What stands behind: where it is, and what opens it. */
    public record Behind(Destination destination, Credentials credentials) {}

    public Gate(
            ServerSettings server,
            Tokens tokens,
            Permissions permissions,
            Clients clients,
            Behind behind,
            Recorder recorder) {
        this.server = server;
        this.tokens = tokens;
        this.permissions = permissions;
        this.clients = clients;
        this.credentials = behind.credentials();
        this.destination = behind.destination();
        this.recorder = recorder;
    }

    /**
     * The token, if it was verified before and still holds; answers from memory. Empty means {@link #verify}.
     *
     * @throws Refused if it is known to hold no more
     */
    public Optional<VerifiedToken> remembered(String bearer) {
        return tokens.remembered(bearer, server.resource());
    }

    /** What is to be told of a request that has just come in with these headers. */
    public Trace trace(TraceContext header) {
        return recorder.trace(header);
    }

    /**
     * The token, checked; may wait for keys.
     *
     * @throws Refused if it does not open this server
     */
    public VerifiedToken verify(String bearer) {
        return tokens.verify(bearer, server);
    }

    /** Records that a request was refused without a token that holds. */
    public void turnedAway(Request request, Refusal refusal) {
        recorder.turnedAway(server, request, refusal);
    }

    /** Records that a request was refused before its body was read, for what it is as HTTP. */
    public void turnedAway(VerifiedToken token, Request request, Refusal refusal) {
        recorder.refused(new Recorder.Failed(server, request, token, Optional.empty(), refusal), recorder.nanos());
    }

    /** True if {@link #pass} would have to wait for a disk or a network, and so belongs on a virtual thread. */
    public boolean waits(VerifiedToken token) {
        return !credentials.atHand() || permissions.mayWait(token);
    }

    /**
     * Everything between a verified token and the MCP server.
     *
     * @throws Refused if the request may not be sent
     */
    public Dispatch pass(VerifiedToken token, Request request) {
        var session = belonging(token, request);
        var decided = decide(token, request);
        var credential = orUnavailable(() -> credentials.issueFor(decided.permitted()));
        decided.permitted().body().ifPresent(body -> clients.elicitation().hear(token, body));
        return new Dispatch(
                destination,
                request.transport(),
                request.method(),
                decided.message().map(Incoming::bytes),
                decided.permitted(),
                session,
                credential,
                request.trace());
    }

    /**
     * The same request with another credential, after the MCP server refused the first.
     *
     * @param again whether there is a point in another
     * @throws Refused if there is none: with what the client and its person can do about it
     */
    public Dispatch renew(Dispatch sent, Refusal.CredentialRefused refusal, boolean again) {
        var another = again
                ? orUnavailable(() -> credentials.renew(sent.permitted(), sent.credential()))
                : Optional.<UpstreamCredential>empty();
        return sent.with(another.orElseThrow(() -> new Refused(credentials.afterwards(refusal))));
    }

    /**
     * How this client is told that its person is wanted at a page: a JSON-RPC answer for HTTP status 200. Empty if an
     * ordinary error has to do.
     */
    public Optional<String> elicit(VerifiedToken token, Request request, Refusal.AtPage refusal) {
        try {
            return incoming(token, request, request.body().map(MessageReader::read))
                    .flatMap(incoming -> clients.elicitation()
                            .answer(
                                    new Elicitation.Asked(
                                            token,
                                            incoming.body(),
                                            request.mirrored().protocolVersion()),
                                    refusal));
        } catch (Refused _) {
            return Optional.empty();
        }
    }

    /**
     * Tells a client of HTTP+SSE by its stream what became of a request: it reads no answers to its POSTs. False if it has no
     * stream.
     */
    public boolean tell(VerifiedToken token, Request request, byte[] message) {
        try {
            var session = clients.sessions().of(token, request.sessionId());
            return destination.bridge().tell(session, token, message);
        } catch (Refused _) {
            return false;
        }
    }

    /** True if every client of an older revision is translated: then each of Streamable HTTP has a session of ours. */
    public boolean translates() {
        return switch (destination) {
            case Destination.Url url -> url.server().isModernOnly();
            case Destination.Bridged _ -> true;
        };
    }

    /** A body and the bytes it was read from, which are the bytes that may be sent. */
    private static final class Incoming {
        private final Body body;
        private final byte[] bytes;

        private Incoming(Body body, byte[] bytes) {
            this.body = body;
            this.bytes = bytes;
        }

        Body body() {
            return body;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    private record Decided(Optional<Incoming> message, PermittedCall permitted) {}

    /** What came in, without what a page of ours had added to it. */
    private Optional<Incoming> incoming(VerifiedToken token, Request request, Optional<Body> sent) {
        return sent.flatMap(body -> request.body()
                .map(bytes -> clients.elicitation()
                        .resumed(token, body, bytes)
                        .map(resumed -> new Incoming(MessageReader.read(resumed), resumed))
                        .orElseGet(() -> new Incoming(body, bytes))));
    }

    /** Whatever kind of credential it is: what cannot be read or kept now is no reason to send anything. */
    private <T> T orUnavailable(Supplier<T> credential) {
        try {
            return credential.get();
        } catch (StoreProblem | VaultProblem e) {
            LOG.errorf("No credential for %s: %s", server.name(), e.getMessage());
            throw new Refused(new Refusal.Unavailable("store"));
        }
    }

    /** A session of another principal is refused before the message is looked at, as if it did not exist. */
    private Session belonging(VerifiedToken token, Request request) {
        if (request.transport() == Transport.HTTP_SSE && request.method().equals("GET")) {
            return resumed(token, request);
        }
        try {
            return clients.sessions().of(token, request.sessionId());
        } catch (Refused refused) {
            turnedAway(token, request, refused.refusal());
            throw refused;
        }
    }

    /** A stream that cannot be resumed is begun anew: its client would not know what to do with a refusal. */
    private Session resumed(VerifiedToken token, Request request) {
        try {
            return clients.sessions().of(token, request.sessionId());
        } catch (Refused _) {
            return clients.sessions().of(token, Optional.empty());
        }
    }

    /** Deciding and recording are one act: an event that cannot be written is a refusal. */
    private Decided decide(VerifiedToken token, Request request) {
        var started = recorder.nanos();
        Optional<Body> body = Optional.empty();
        try {
            body = request.body().map(MessageReader::read);
            body.ifPresent(each -> request.mirrored().agreeWith(each, request.transport()));
            var incoming = incoming(token, request, body);
            body = incoming.map(Incoming::body);
            var permitted = permissions.permit(token, body, request.method());
            recorder.allowed(server, request, permitted, started);
            return new Decided(incoming, permitted);
        } catch (Refused refused) {
            recorder.refused(new Recorder.Failed(server, request, token, body, refused.refusal()), started);
            throw refused;
        }
    }
}
