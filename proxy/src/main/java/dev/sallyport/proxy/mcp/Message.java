package dev.sallyport.proxy.mcp;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;

/** One JSON-RPC 2.0 message, read strictly. The bytes it was read from are what is forwarded. */
public sealed interface Message {

    /** A call that expects an answer. {@code content} is the object {@code params}, absent when there is none. */
    record Request(Id id, String method, Optional<JsonText> content) implements Message {

        /** {@code params} as a tree, built on every call; missing when absent. */
        public JsonNode params() {
            return content.map(JsonText::tree).orElseGet(MissingNode::getInstance);
        }
    }

    record Notification(String method, Optional<JsonText> content) implements Message {

        /** {@code params} as a tree, built on every call; missing when absent. */
        public JsonNode params() {
            return content.map(JsonText::tree).orElseGet(MissingNode::getInstance);
        }
    }

    /** An answer that the client gives to a request of the server. */
    record Response(Optional<Id> id, boolean error) implements Message {}

    /**
     * A JSON-RPC id: {@code text} is the characters of a string id after escapes, or the digits of an integer. A string
     * and an integer never equal each other.
     */
    record Id(boolean string, String text) {

        /** As it goes into an answer. */
        public String json() {
            return string ? '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"' : text;
        }
    }

    /** The method, for a request or a notification. */
    default Optional<String> methodName() {
        return switch (this) {
            case Request request -> Optional.of(request.method());
            case Notification notification -> Optional.of(notification.method());
            case Response _ -> Optional.empty();
        };
    }

    /** The object {@code params}, of a request or a notification that has one. */
    default Optional<JsonText> parameters() {
        return switch (this) {
            case Request request -> request.content();
            case Notification notification -> notification.content();
            case Response _ -> Optional.empty();
        };
    }
}
