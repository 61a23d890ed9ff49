package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** A client of one revision. */
abstract sealed class ClientSide implements AutoCloseable permits SseClientSide, PostClientSide {

    private final Endpoint endpoint;
    private final Arrivals arrivals;
    private final Map<JsonNode, RawClient> waiting = new ConcurrentHashMap<>();
    private final Map<RawClient, String> lastEvents = new ConcurrentHashMap<>();

    ClientSide(Endpoint endpoint, Arrivals arrivals) {
        this.endpoint = endpoint;
        this.arrivals = arrivals;
    }

    static ClientSide of(String revision, Endpoint endpoint, Arrivals arrivals, JsonNode capabilities) {
        return revision.equals("2024-11-05")
                ? new SseClientSide(endpoint, arrivals)
                : new PostClientSide(revision, endpoint, arrivals, capabilities);
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** Introduces itself, as far as its revision has that. */
    abstract void begin(JsonNode introduction);

    /** Waits for the answer to its introduction; another one ends the scenario at once. */
    void introduced(JsonNode id) {
        var answer = arrivals.take(
                "the server's introduction", message -> message.path("id").equals(id) || message.has("status"));
        if (!answer.has("result")) {
            throw new AssertionError("instead of an introduction: " + answer);
        }
    }

    abstract void send(JsonNode message);

    abstract void cancel(JsonNode id);

    abstract void leave();

    /** Closes the connection on which this request waits; the id of the last event that came on it. */
    String close(JsonNode id) {
        var connection = waiting.remove(id);
        if (connection == null) {
            throw new AssertionError("no request waits under the id " + id);
        }
        connection.close();
        return lastEvents.getOrDefault(connection, "");
    }

    /** Goes on with the stream on which this request waited when its connection was closed. */
    abstract void resume(JsonNode id, String lastEvent);

    RawClient request(String method, String path, String more, String body) {
        return RawClient.connect(endpoint.port())
                .send(
                        method + " " + path + " HTTP/1.1\nHost: " + endpoint.host() + "\nAuthorization: Bearer "
                                + endpoint.token() + "\nContent-Type: application/json\nContent-Length: "
                                + body.getBytes(StandardCharsets.UTF_8).length + more,
                        body);
    }

    String path() {
        return endpoint.path();
    }

    /** Reads what comes on this connection, beside whatever else happens, while the request waits for it. */
    void read(JsonNode id, RawClient connection, String method, boolean modern) {
        waiting.put(id, connection);
        Thread.ofVirtual().start(() -> {
            try (connection) {
                var head = connection.head();
                began(head);
                read(connection, head, method, modern);
            } catch (IOException _) {
                // The other side hung up: what should have come is missed.
            } finally {
                waiting.remove(id, connection);
            }
        });
    }

    /** An answer to a request has begun. */
    void began(RawAnswer head) {
        // Only sessions begin so.
    }

    /** Reads an answer to its end. */
    void read(RawClient connection, RawAnswer head, String method, boolean modern) throws IOException {
        if (head.header("content-type").orElse("").startsWith("text/event-stream")) {
            new EventLines(
                            event -> lastEvents.put(connection, event),
                            text -> arrived(connection, text, method, modern))
                    .read(connection);
        } else if (head.status() != 202 && head.status() != 0) {
            var body = connection.body(head);
            arrived(
                    connection,
                    body.startsWith("{") || body.startsWith("[") ? body : "{\"status\":" + head.status() + '}',
                    method,
                    modern);
        }
    }

    private void arrived(Object lane, String text, String method, boolean modern) {
        var message = Words.JSON.readTree(text);
        arrivals.add(lane, modern ? Modern.plainAnswer(message, method) : message);
    }

    /** Sends a message that has no answer, and waits until it was taken. */
    void tell(RawClient connection) {
        try (connection) {
            var head = connection.head();
            if (head.status() != 202) {
                read(connection, head, "", false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        waiting.values().forEach(RawClient::close);
    }
}
