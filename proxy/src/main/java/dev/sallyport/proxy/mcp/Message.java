package dev.sallyport.proxy.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** One JSON-RPC 2.0 message, read strictly. The bytes it was read from are what is forwarded. */
public sealed interface Message {

    /** A call that expects an answer. {@code id} is the JSON text of the id: a string with quotes, or an integer. */
    record Request(String id, String method, JsonNode params) implements Message {}

    record Notification(String method, JsonNode params) implements Message {}

    /** An answer that the client gives to a request of the server. */
    record Response(String id, boolean error) implements Message {}

    /** The method, for a request or a notification. */
    default Optional<String> methodName() {
        return switch (this) {
            case Request request -> Optional.of(request.method());
            case Notification notification -> Optional.of(notification.method());
            case Response _ -> Optional.empty();
        };
    }
}
