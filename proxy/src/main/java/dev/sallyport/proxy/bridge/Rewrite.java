package dev.sallyport.proxy.bridge;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** JSON-RPC messages with another id or progress token; every other byte stays. */
final class Rewrite {

    static final int METHOD_NOT_FOUND = -32601;
    static final int INTERNAL_ERROR = -32603;

    private Rewrite() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param id as JSON */
    static byte[] withId(byte[] bytes, JsonText message, String id) {
        var edits = new Edits(bytes);
        message.member("id").ifPresent(value -> edits.replace(value, utf8(id)));
        return edits.applied();
    }

    /** @param json what stands in the place of {@code value} */
    static byte[] replaced(byte[] bytes, JsonText value, String json) {
        var edits = new Edits(bytes);
        edits.replace(value, utf8(json));
        return edits.applied();
    }

    /** A request under an id that also becomes its progress token, if it wants to hear of its progress. */
    static byte[] request(byte[] bytes, JsonText message, long id) {
        var edits = new Edits(bytes);
        var number = utf8(Long.toString(id));
        message.member("id").ifPresent(value -> edits.replace(value, number));
        progressToken(message).ifPresent(value -> edits.replace(value, number));
        return edits.applied();
    }

    /** A notification in which one parameter is another. */
    static byte[] withParameter(byte[] bytes, JsonText message, String name, String json) {
        var edits = new Edits(bytes);
        message.member("params")
                .flatMap(params -> params.member(name))
                .ifPresent(value -> edits.replace(value, utf8(json)));
        return edits.applied();
    }

    static Optional<JsonText> progressToken(JsonText message) {
        return message.member("params")
                .flatMap(params -> params.member("_meta"))
                .flatMap(meta -> meta.member("progressToken"));
    }

    /** @param id as JSON */
    static byte[] error(String id, int code, String text) {
        return utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":"
                + quoted(text) + "}}");
    }

    /** Of a batch, for the one request that the MCP server does not get. */
    static byte[] notTaken(JsonText request) {
        var id = request.member("id").map(JsonText::json).orElse("null");
        return error(id, INTERNAL_ERROR, "The MCP server cannot take this now.");
    }

    /**
     * @param id as JSON
     * @param result as JSON
     */
    static byte[] result(String id, String result) {
        return utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
    }

    /** @param params as JSON */
    static byte[] notification(String method, String params) {
        return utf8("{\"jsonrpc\":\"2.0\",\"method\":" + quoted(method) + ",\"params\":" + params + "}");
    }

    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
