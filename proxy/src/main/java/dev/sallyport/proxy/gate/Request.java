package dev.sallyport.proxy.gate;

import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.trace.Trace;
import java.util.Optional;

/**
 * One HTTP request to an MCP server, read whole. {@code method} is one of GET, POST and DELETE; only POST has a body. The
 * array is not copied: these are the bytes that are judged and the bytes that are sent.
 */
public final class Request {

    private final String id;
    private final Trace trace;
    private final String method;
    private final Optional<byte[]> body;
    private final Mirrored mirrored;
    private final Channel channel;

    /**
     * What it came by.
     *
     * @param sessionId the session that the client names, in the way of its transport
     */
    public record Channel(Transport transport, Optional<String> sessionId) {}

    public Request(String id, Trace trace, String method, Optional<byte[]> body, Mirrored mirrored, Channel channel) {
        this.id = id;
        this.trace = trace;
        this.method = method;
        this.body = body;
        this.mirrored = mirrored;
        this.channel = channel;
    }

    public String id() {
        return id;
    }

    public Trace trace() {
        return trace;
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

    public Transport transport() {
        return channel.transport();
    }

    /** The client's {@code Mcp-Session-Id}, or what stands for it. */
    public Optional<String> sessionId() {
        return channel.sessionId();
    }
}
