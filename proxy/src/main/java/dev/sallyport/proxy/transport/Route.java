package dev.sallyport.proxy.transport;

/** Where a path leads. */
sealed interface Route {

    /** The MCP endpoint itself. */
    record Mcp(Endpoint endpoint) implements Route {}

    /** The stream of HTTP+SSE (2024-11-05). */
    record SseStream(Endpoint endpoint) implements Route {}

    /** Where clients of HTTP+SSE post. */
    record SseMessages(Endpoint endpoint) implements Route {}

    /** A path below an MCP endpoint: nothing is there, but that is for holders of a token to know. */
    record Below(Endpoint endpoint) implements Route {}

    /** The protected resource metadata of one server. */
    record Metadata(Endpoint endpoint) implements Route {}

    /** A path of the authorization server. */
    record AuthorizationServer(String path, Access access) implements Route {}

    /** A page of the proxy itself. */
    record Page() implements Route {}

    record Nothing() implements Route {}

    /** Who may read an answer of the authorization server from a page of another origin. */
    enum Access {
        /** Metadata: anybody, and we answer the preflight. */
        DOCUMENT,
        /** Token, registration, revocation: what an MCP client in a browser has to call. */
        SCRIPTS,
        /** Whatever Keycloak says. */
        BROWSER
    }
}
