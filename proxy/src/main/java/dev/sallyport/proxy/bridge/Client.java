package dev.sallyport.proxy.bridge;

import java.util.Optional;

/** Somebody whom an MCP server may say something to on its own. */
interface Client {

    /** Whom it belongs to; nobody in particular if it is ours. */
    default Optional<Owner.Person> person() {
        return Optional.empty();
    }

    /** A notification that is about no call in particular. */
    void notified(String method, byte[] message);

    /** Whether this client said that it can answer requests of this method. */
    boolean takes(String method);

    /** A request of the MCP server, made while a call was running. */
    void asked(Asked asked);

    /**
     * The MCP server does not want the answer any more.
     *
     * @param reason what it said why, as JSON
     */
    void withdrawn(Asked asked, Optional<String> reason);

    /** The pipe broke; its calls have been told. */
    void lost(Peer peer);
}
