package dev.sallyport.proxy.gate;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One HTTP request to an MCP server, read whole. {@code method} is one of GET, POST and DELETE; only POST has a body. The
 * array is not copied: these are the bytes that are judged and the bytes that are sent.
 */
public final class Request {

    private static final Pattern TRACEPARENT =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

    private final String id;
    private final Optional<String> traceId;
    private final String method;
    private final Optional<byte[]> body;
    private final Mirrored mirrored;
    private final Optional<String> sessionId;

    public Request(
            String id,
            Optional<String> traceId,
            String method,
            Optional<byte[]> body,
            Mirrored mirrored,
            Optional<String> sessionId) {
        this.id = id;
        this.traceId = traceId;
        this.method = method;
        this.body = body;
        this.mirrored = mirrored;
        this.sessionId = sessionId;
    }

    public String id() {
        return id;
    }

    public Optional<String> traceId() {
        return traceId;
    }

    /** The trace id of a {@code traceparent} (W3C Trace Context): version, trace id, parent id, flags. */
    public static Optional<String> traceIdOf(String traceparent) {
        return TRACEPARENT.matcher(traceparent).matches()
                ? Optional.of(traceparent.substring(3, 35))
                : Optional.empty();
    }

    public String method() {
        return method;
    }

    public Optional<byte[]> body() {
        return body;
    }

    public Mirrored mirrored() {
        return mirrored;
    }

    /** The client's {@code Mcp-Session-Id}. */
    public Optional<String> sessionId() {
        return sessionId;
    }
}
