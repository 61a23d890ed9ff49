package dev.sallyport.proxy.session;

import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Optional;

/** The session of one request: checked to belong to its principal, or not opened yet. Only {@link Sessions} makes one. */
public final class Session {

    private final Sessions sessions;
    private final VerifiedToken token;
    private final Optional<String> sealed;
    private final Optional<String> upstreamId;

    Session(Sessions sessions, VerifiedToken token, Optional<String> sealed, Optional<String> upstreamId) {
        this.sessions = sessions;
        this.token = token;
        this.sealed = sealed;
        this.upstreamId = upstreamId;
    }

    /** The id by which the MCP server knows it. */
    public Optional<String> upstreamId() {
        return upstreamId;
    }

    /** What the client gets to see instead of the MCP server's id: the id that it sent, or one for a new session. */
    public String shown(String id) {
        return upstreamId.filter(id::equals).isPresent() ? sealed.orElseThrow() : sessions.begin(token, id);
    }
}
