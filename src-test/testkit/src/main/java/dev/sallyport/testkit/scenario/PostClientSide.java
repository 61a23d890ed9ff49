package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Streamable HTTP, from 2025-03-26 on: with a session and a general stream, or, in 2026-07-28, without both. */
final class PostClientSide extends ClientSide {

    private static final String ACCEPT = "\nAccept: application/json, text/event-stream";

    private final String revision;
    private final boolean modern;
    private final JsonNode capabilities;
    private volatile String session = "";
    private Optional<RawClient> general = Optional.empty();

    PostClientSide(String revision, Endpoint endpoint, Arrivals arrivals, JsonNode capabilities) {
        super(endpoint, arrivals);
        this.revision = revision;
        this.modern = revision.equals(Modern.VERSION);
        this.capabilities = capabilities;
    }

    @Override
    void begin(JsonNode introduction) {
        if (modern) {
            return;
        }
        send(introduction);
        introduced(introduction.path("id"));
        send(Words.JSON.readTree("{jsonrpc: '2.0', method: 'notifications/initialized'}"));
        var stream = request("GET", path(), ACCEPT + ofSession(), "");
        general = Optional.of(stream);
        var head = stream.head();
        if (head.status() != 200) {
            throw new AssertionError("no general stream: " + head);
        }
        Thread.ofVirtual().start(() -> {
            try {
                read(stream, head, "", false);
            } catch (IOException _) {
                // What should have come is missed.
            }
        });
    }

    private String ofSession() {
        if (session.isEmpty()) {
            return "";
        }
        // That header came with 2025-06-18.
        return "\nMcp-Session-Id: " + session
                + (revision.equals("2025-03-26") ? "" : "\nMCP-Protocol-Version: " + revision);
    }

    @Override
    void send(JsonNode message) {
        var method = message.path("method").asString();
        var isAsked = message.isArray() || (message.has("id") && message.has("method"));
        if (!isAsked) {
            tell(request("POST", path(), ACCEPT + ofSession(), message.toString()));
        } else if (modern) {
            post(message, Modern.request(message, capabilities).toString(), method, standardHeaders(message, method));
        } else {
            post(message, message.toString(), method, ofSession());
        }
    }

    private void post(JsonNode message, String body, String method, String headers) {
        var connection = request("POST", path(), ACCEPT + headers, body);
        read(message.path("id"), connection, method, modern);
    }

    @Override
    void began(RawAnswer head) {
        if (session.isEmpty()) {
            session = head.header("mcp-session-id").orElse("");
        }
    }

    private static String standardHeaders(JsonNode message, String method) {
        var field = switch (method) {
            case "tools/call", "prompts/get" -> "name";
            case "resources/read" -> "uri";
            default -> "";
        };
        var name = field.isEmpty() ? "" : message.path("params").path(field).asString();
        return "\nMCP-Protocol-Version: " + Modern.version(message) + "\nMcp-Method: " + method
                + (name.isEmpty() ? "" : "\nMcp-Name: " + name);
    }

    @Override
    void cancel(JsonNode id) {
        if (modern) {
            close(id);
        } else {
            send(cancelled(id));
        }
    }

    static JsonNode cancelled(JsonNode id) {
        var cancelled = Words.JSON.createObjectNode().put("jsonrpc", "2.0").put("method", "notifications/cancelled");
        cancelled.putObject("params").set("requestId", id);
        return cancelled;
    }

    @Override
    void resume(JsonNode id, String lastEvent) {
        var stream = request("GET", path(), ACCEPT + ofSession() + "\nLast-Event-ID: " + lastEvent, "");
        read(id, stream, "", false);
    }

    @Override
    void leave() {
        try (var connection = request("DELETE", path(), ofSession(), "")) {
            var status = connection.head().status();
            if (status != 200 && status != 204) {
                throw new AssertionError("the session does not end: " + status);
            }
        }
    }

    @Override
    public void close() {
        general.ifPresent(RawClient::close);
        super.close();
        if (!session.isEmpty()) {
            request("DELETE", path(), ofSession(), "").close();
        }
    }
}
