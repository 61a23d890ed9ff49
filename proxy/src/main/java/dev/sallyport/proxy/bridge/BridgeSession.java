package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;

/** What a client of a revision with {@code initialize} has with a bridged server, whatever it comes by. */
sealed interface BridgeSession permits LegacySession, SseSession {

    /** Where a session gets its MCP server, which may have been started anew since the last time. */
    @FunctionalInterface
    interface PeerSource {
        Peers.Running of(BridgeSession session, UpstreamCredential credential);
    }

    String id();

    Owner owner();

    Conversation conversation();

    /** When it was last used, in the time of {@link System#nanoTime}. */
    long used();

    boolean isClosed();

    /** True if it has not been used for so long that it is not worth keeping. */
    boolean isIdle();

    /** Called every few seconds. */
    void tick();

    /** Ends everything that belongs to it; the MCP server is told of what it need not finish. */
    void close();
}
