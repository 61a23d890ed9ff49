package dev.sallyport.proxy.bridge;

/** Somebody whom an MCP server may say something to on its own. */
interface Client {

    /** A notification that is about no call in particular. */
    void notified(String method, byte[] message);

    /** Whether this client said that it can answer requests of this method. */
    boolean takes(String method);

    /** A request of the MCP server, made while the call was running. */
    void asked(Asked asked, Call during);

    /** The MCP server does not want the answer any more. */
    void withdrawn(Asked asked);

    /** The pipe broke; its calls have been told. */
    void lost(Peer peer);
}
