package dev.sallyport.proxy.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;

/**
 * The headers of a request to an MCP server: rebuilt from an allow-list, never copied whole. {@code Mcp-*} passes
 * untouched, known or not, as MCP 2026-07-28 demands of intermediaries. {@code Authorization}, cookies, and everything
 * that names a person or an address stay here.
 */
final class RequestHeaders {

    private static final Set<String> ALLOWED = Set.of(
            "accept", "accept-language", "content-type", "last-event-id", "traceparent", "tracestate", "user-agent");

    private static final String MCP = "mcp-";

    /** Ours towards the client, the MCP server's towards it; never passed as it is. */
    static final String SESSION = "mcp-session-id";

    private RequestHeaders() {}

    static MultiMap of(MultiMap client, String requestId, Dispatch dispatch) {
        var headers = HttpHeaders.headers();
        for (var header : client) {
            var name = header.getKey();
            if (isMcp(name) || ALLOWED.contains(name.toLowerCase(Locale.ROOT))) {
                headers.add(name, header.getValue());
            }
        }
        headers.remove(SESSION);
        dispatch.session().upstreamId().ifPresent(id -> headers.set(SESSION, id));
        dispatch.trace().outgoing().ifPresent(trace -> {
            headers.remove("traceparent").remove("tracestate");
            trace.traceparent().ifPresent(value -> headers.set("traceparent", value));
            trace.tracestate().ifPresent(value -> headers.set("tracestate", value));
        });
        headers.set("x-request-id", requestId);
        for (var header : dispatch.credential().headers()) {
            headers.set(header.name(), header.value().revealText());
        }
        return headers;
    }

    static boolean isMcp(String name) {
        return name.regionMatches(true, 0, MCP, 0, MCP.length());
    }
}
