package dev.sallyport.proxy.transport;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * A refusal as a JSON-RPC error, for the person behind the client. Codes are JSON-RPC's own where it has one, else the
 * HTTP status, since MCP 2026-07-28 reserves what lies between.
 */
record JsonRpcError(int code, String message) {

    private static final int INVALID_REQUEST = -32600;
    private static final int INTERNAL_ERROR = -32603;

    /** The one place where a refusal becomes a JSON-RPC code and words. */
    static JsonRpcError of(Refusal refusal) {
        return switch (refusal) {
            case Refusal.MissingToken _ -> new JsonRpcError(401, "Authorization is needed: log in to connect.");
            case Refusal.InvalidToken _ -> new JsonRpcError(401, "The access token is not valid here any more.");
            case Refusal.InsufficientScope(var _, var text) -> new JsonRpcError(403, text);
            case Refusal.NotPermitted(var text) -> new JsonRpcError(403, text);
            case Refusal.AtPage page ->
                new JsonRpcError(403, page.text() + " Open " + page.url() + " in a browser, then try again.");
            case Refusal.BadMessage(var code, var text) -> new JsonRpcError(code, text);
            case Refusal.BadRequest(var _, var text) -> new JsonRpcError(INVALID_REQUEST, text);
            case Refusal.UnknownSession _ -> new JsonRpcError(404, "There is no such session.");
            case Refusal.TooManyRequests _ -> new JsonRpcError(429, "Too many requests: wait a moment.");
            case Refusal.CannotVerify _ ->
                new JsonRpcError(INTERNAL_ERROR, "Tokens cannot be verified at the moment. Try again shortly.");
            case Refusal.Unavailable _ ->
                new JsonRpcError(INTERNAL_ERROR, "The gate cannot serve this at the moment. Try again shortly.");
            case Refusal.CredentialRefused _ ->
                new JsonRpcError(INTERNAL_ERROR, "The MCP server refused the proxy's credential.");
            case Refusal.UpstreamFailed(var _, var text) -> new JsonRpcError(INTERNAL_ERROR, text);
        };
    }

    /** For a bug of ours: nothing but the id under which the log tells more. */
    static JsonRpcError unexpected(String requestId) {
        return new JsonRpcError(INTERNAL_ERROR, "Something went wrong here. Request id: " + requestId);
    }

    /** The response message; its id is the request's if the body was one readable request, else null. */
    Buffer message(Optional<byte[]> body) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("jsonrpc", "2.0");
        json.putRawValue("id", new RawValue(body.flatMap(JsonRpcError::id).orElse("null")));
        json.putObject("error").put("code", code).put("message", message);
        return Buffer.buffer(json.toString());
    }

    /** The id of the one request that the body is, as JSON. */
    static Optional<String> id(byte[] body) {
        try {
            var read = MessageReader.read(body);
            return !read.batch() && read.messages().getFirst() instanceof Message.Request request
                    ? Optional.of(request.id().json())
                    : Optional.empty();
        } catch (Refused _) {
            return Optional.empty();
        }
    }
}
