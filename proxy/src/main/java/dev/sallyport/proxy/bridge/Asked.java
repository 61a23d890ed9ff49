package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;

/** One request of an MCP server to a client, under an id that only the two of them and we know. Answered at most once. */
final class Asked {

    private final Peer peer;
    private final Call during;
    private final String serverId;
    private final String method;
    private final byte[] message;
    private final String id;

    Asked(Peer peer, Call during, String serverId, String id, String method, byte[] message) {
        this.peer = peer;
        this.during = during;
        this.serverId = serverId;
        this.id = id;
        this.method = method;
        this.message = message;
    }

    /** The client's call that it was made in. */
    Call during() {
        return during;
    }

    /** The MCP server's own id, as JSON. */
    String serverId() {
        return serverId;
    }

    /** The id that the client sees, as JSON. */
    String id() {
        return id;
    }

    String method() {
        return method;
    }

    /** As the client gets it. */
    byte[] message() {
        return message;
    }

    /** A response of the client, whatever its id. */
    void answer(JsonText response, byte[] bytes) {
        peer.answer(this, Rewrite.withId(bytes, response, serverId));
    }

    /** Nobody will answer. */
    void giveUp(String why) {
        peer.answer(this, Rewrite.error(serverId, Rewrite.INTERNAL_ERROR, why));
    }
}
