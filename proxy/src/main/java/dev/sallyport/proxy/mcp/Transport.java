package dev.sallyport.proxy.mcp;

/** How the messages of a client travel. */
public enum Transport {
    /** One address for everything (2025-03-26 and later). */
    STREAMABLE_HTTP,
    /** One stream for all that the server says, and an address for what the client says (2024-11-05). */
    HTTP_SSE
}
