package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;

/** What stands for an answer that will not come. */
final class Unanswered {

    private Unanswered() {}

    /**
     * A JSON-RPC error for the request of this id.
     *
     * @param status that the server answered the request with; 0 if it did not answer at all
     */
    static byte[] error(JsonText id, int status) {
        return error(
                id.json(),
                status == 0
                        ? "The MCP server could not be reached."
                        : "The MCP server did not take the request (status " + status + ").");
    }

    /**
     * A JSON-RPC error.
     *
     * @param id as JSON
     * @param why words that need no escapes
     */
    static byte[] error(String id, String why) {
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32603,\"message\":\"" + why + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
