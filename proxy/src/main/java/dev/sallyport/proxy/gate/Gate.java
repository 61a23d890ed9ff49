package dev.sallyport.proxy.gate;

import dev.sallyport.proxy.credential.Credentials;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.session.Session;
import dev.sallyport.proxy.session.Sessions;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.Tokens;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.upstream.Dispatch;
import java.util.Optional;

/**
 * The gate of one MCP server: its requests, in order. Each step needs the type that the step before returned, so none can
 * be skipped, and a refused request has touched neither the credential nor the MCP server.
 */
public final class Gate {

    private final ServerSettings server;
    private final Tokens tokens;
    private final Permissions permissions;
    private final Sessions sessions;
    private final Credentials credentials;
    private final Recorder recorder;

    public Gate(
            ServerSettings server,
            Tokens tokens,
            Permissions permissions,
            Sessions sessions,
            Credentials credentials,
            Recorder recorder) {
        this.server = server;
        this.tokens = tokens;
        this.permissions = permissions;
        this.sessions = sessions;
        this.credentials = credentials;
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
    public boolean waits() {
        return !credentials.atHand();
    }

    /**
     * Everything between a verified token and the MCP server.
     *
     * @throws Refused if the request may not be sent
     */
    public Dispatch pass(VerifiedToken token, Request request) {
        var session = belonging(token, request);
        var permitted = decide(token, request);
        var credential = credentials.issueFor(permitted);
        return new Dispatch(server.upstream().url(), request.method(), request.body(), permitted, session, credential);
    }

    /** A session of another principal is refused before the message is looked at, as if it did not exist. */
    private Session belonging(VerifiedToken token, Request request) {
        try {
            return sessions.of(token, request.sessionId());
        } catch (Refused refused) {
            turnedAway(token, request, refused.refusal());
            throw refused;
        }
    }

    /** Deciding and recording are one act: an event that cannot be written is a refusal. */
    private PermittedCall decide(VerifiedToken token, Request request) {
        var started = recorder.nanos();
        Optional<Body> body = Optional.empty();
        try {
            body = request.body().map(MessageReader::read);
            body.ifPresent(request.mirrored()::agreeWith);
            var permitted = permissions.permit(token, body, request.method());
            recorder.allowed(server, request, permitted, started);
            return permitted;
        } catch (Refused refused) {
            recorder.refused(new Recorder.Failed(server, request, token, body, refused.refusal()), started);
            throw refused;
        }
    }
}
