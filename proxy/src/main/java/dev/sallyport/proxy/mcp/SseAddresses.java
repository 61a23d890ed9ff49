package dev.sallyport.proxy.mcp;

/** Where HTTP+SSE (2024-11-05) stands below the address of an MCP server. */
public final class SseAddresses {

    /** The stream, beside the address of the server itself. */
    public static final String STREAM = "/sse";

    /** Where clients post; they are told by the {@code endpoint} event. */
    public static final String MESSAGES = "/messages";

    /** The query parameter that names the session. */
    public static final String SESSION = "sessionId";

    private SseAddresses() {}

    /** The reference in an {@code endpoint} event; clients resolve it against the address of the stream. */
    public static String messages(String serverPath, String session) {
        return serverPath + MESSAGES + "?" + SESSION + "=" + session;
    }
}
