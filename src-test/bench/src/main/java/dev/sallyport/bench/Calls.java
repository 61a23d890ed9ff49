package dev.sallyport.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The requests that are sent: a {@code tools/call} of 289 bytes, whatever the proxy. */
final class Calls {

    /** The tool whose answer is an event stream that stays open. */
    static final String WATCH = "watch_notes";

    /** A tool that the bench's tokens do not cover. */
    static final String DELETE = "delete_note";

    static final String GET = "get_note";
    private static final int BODY = 289;

    private Calls() {}

    /** What goes to the MCP server without anything between: the caller brings the server's own key. */
    static ByteBuffer direct(int port) {
        return request(port, GET, "X-Api-Key: " + Upstream.KEY + "\r\n");
    }

    /** One call for each token, in turn. */
    static List<ByteBuffer> of(int port, List<String> tokens) {
        return tokens.stream().map(token -> of(port, token, GET)).toList();
    }

    static ByteBuffer of(int port, String token, String tool) {
        return request(port, tool, "Authorization: Bearer " + token + "\r\n");
    }

    static ByteBuffer withoutToken(int port) {
        return request(port, GET, "");
    }

    private static ByteBuffer request(int port, String tool, String credential) {
        var body = body(tool);
        var text = "POST /notes/mcp HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + credential
                + "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
                + "MCP-Protocol-Version: 2025-06-18\r\nUser-Agent: sallyport-bench\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Also what the benchmarks of the gate's parts read. */
    static String body(String tool) {
        var start = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":{\"id\":\"2f1b6f0e-note\",\"format\":\"markdown\",\"query\":\"";
        var end = "\"},\"_meta\":{\"progressToken\":\"7\"}}}";
        return start + "shed ".repeat(BODY).substring(0, BODY - start.length() - end.length()) + end;
    }
}
