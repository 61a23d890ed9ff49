package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.gate.Request;
import dev.sallyport.proxy.mcp.SseAddresses;
import dev.sallyport.proxy.mcp.Transport;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/**
 * By which of its addresses a request reached an MCP server, and which session it names there.
 *
 * @param methods what the address is for; none for one that is not there
 */
record Door(List<String> methods, Request.Channel channel) {

    /** Below an MCP server, where there is nothing. */
    static final Door NOTHING = streamable(List.of(), Optional.empty());

    private static final List<String> MCP = List.of("GET", "POST", "DELETE");

    private static final String SESSION_ID = "mcp-session-id";
    private static final String LAST_EVENT_ID = "last-event-id";

    /** The address of the server itself, which clients of every revision use. */
    static Door server(HttpServerRequest request, Endpoint endpoint) {
        return opensSse(request, endpoint)
                ? sse(MCP, resumed(request))
                : streamable(MCP, Optional.ofNullable(request.getHeader(SESSION_ID)));
    }

    /**
     * A GET without a session. In front of a server that is translated every client of Streamable HTTP has one, so this is
     * one of HTTP+SSE, which opens its stream. Elsewhere the server itself knows what it means.
     */
    private static boolean opensSse(HttpServerRequest request, Endpoint endpoint) {
        return request.method().equals(HttpMethod.GET)
                && !request.headers().contains(SESSION_ID)
                && endpoint.gate().translates();
    }

    /** The stream of HTTP+SSE. */
    static Door stream(HttpServerRequest request) {
        return sse(List.of("GET"), resumed(request));
    }

    /** Where clients of HTTP+SSE post. What is not one session id is none. */
    static Door messages(RequestTarget target) {
        var prefix = SseAddresses.SESSION + "=";
        var session = target.query()
                .filter(query -> query.startsWith(prefix))
                .map(query -> query.substring(prefix.length()))
                .orElse("");
        return sse(List.of("POST"), Optional.of(session));
    }

    /** The id of the last event says which session it was of. */
    private static Optional<String> resumed(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(LAST_EVENT_ID))
                .filter(id -> id.indexOf('.') > 0)
                .map(id -> id.substring(0, id.indexOf('.')));
    }

    private static Door streamable(List<String> methods, Optional<String> session) {
        return new Door(methods, new Request.Channel(Transport.STREAMABLE_HTTP, session));
    }

    private static Door sse(List<String> methods, Optional<String> session) {
        return new Door(methods, new Request.Channel(Transport.HTTP_SSE, session));
    }
}
