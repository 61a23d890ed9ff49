package dev.sallyport.proxy.transport;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** What a browser has to be told before a page may read an answer (Fetch standard, CORS). Never with credentials. */
final class Cors {

    private static final String EXPOSED =
            "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After, X-Request-Id";
    private static final String DAY = "86400";
    private static final String TEN_MINUTES = "600";

    private Cors() {}

    static boolean isPreflight(HttpServerRequest request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains(HttpHeaders.ORIGIN)
                && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    }

    /** Public documents: any page may read them. */
    static void open(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    }

    static void openPreflight(HttpServerRequest request) {
        open(request);
        request.response()
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS")
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Accept, MCP-Protocol-Version")
                .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, DAY);
    }

    /** An MCP endpoint: this origin, which has been checked. */
    static void allow(HttpServerRequest request, String origin) {
        request.response()
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                .putHeader(HttpHeaders.VARY, "Origin")
                .putHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }

    static void allowPreflight(HttpServerRequest request, String origin) {
        allow(request, origin);
        var asked = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
        // Mcp-Param-* can have any name, so whatever consists of header names is let through to the real request.
        var names = asked != null && asked.chars().allMatch(Cors::isNameList) ? asked : "Authorization, Content-Type";
        request.response()
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE")
                .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, names)
                .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, TEN_MINUTES);
    }

    private static boolean isNameList(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_, ".indexOf(c) >= 0;
    }
}
