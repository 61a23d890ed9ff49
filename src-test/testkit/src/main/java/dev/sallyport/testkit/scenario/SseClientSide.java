package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.wire.RawClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/** HTTP+SSE of 2024-11-05: one stream on which everything comes, and an address to post to. */
final class SseClientSide extends ClientSide {

    private final RawClient stream;
    private final CompletableFuture<String> address = new CompletableFuture<>();

    SseClientSide(Endpoint endpoint, Arrivals arrivals) {
        super(endpoint, arrivals);
        stream = request("GET", path() + "/sse", "\nAccept: text/event-stream", "");
        var head = stream.head();
        if (head.status() != 200) {
            throw new AssertionError("no stream: " + head);
        }
        // The first event says where messages go.
        Thread.ofVirtual()
                .start(() -> new EventLines(text -> {
                            if (!address.complete(text)) {
                                arrivals.add(stream, Words.JSON.readTree(text));
                            }
                        })
                        .read(stream));
    }

    @Override
    void begin(JsonNode introduction) {
        send(introduction);
        introduced(introduction.path("id"));
        send(Words.JSON.readTree("{jsonrpc: '2.0', method: 'notifications/initialized'}"));
    }

    @Override
    void send(JsonNode message) {
        try {
            var connection = request("POST", address.get(60, TimeUnit.SECONDS), "", message.toString());
            if (message.has("id") && message.has("method")) {
                // It may be taken only when it has begun to be answered.
                read(message.path("id"), connection, "", false);
            } else {
                tell(connection);
            }
        } catch (InterruptedException | TimeoutException | java.util.concurrent.ExecutionException e) {
            throw new AssertionError("no address came", e);
        }
    }

    @Override
    void cancel(JsonNode id) {
        send(PostClientSide.cancelled(id));
    }

    @Override
    void resume(JsonNode id, String lastEvent) {
        throw new AssertionError("2024-11-05 has one stream for all requests");
    }

    @Override
    void leave() {
        throw new AssertionError("2024-11-05 has no way of ending a session but to go");
    }

    @Override
    public void close() {
        stream.close();
    }
}
