package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** HTTP+SSE of 2024-11-05: a stream for each session, and an address that takes messages. */
final class SseSide implements ServerSide {

    private static final String MESSAGES = "/messages?session=";

    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    private volatile ServerPart part = ServerPart.idle();
    private final ScriptedServer http = ScriptedServer.start(this::answer);

    private record Session(ServerPart part, Wire wire) {
        void say(JsonNode message) {
            try {
                wire.chunk("event: message\ndata: " + message + "\n\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public String upstream() {
        return "sse: \"" + http.url("/sse") + '"';
    }

    @Override
    public void begin(ServerPart next) {
        part = next;
    }

    private void answer(Received request, Wire wire) throws IOException {
        if (request.method().equals("GET")) {
            stream(wire);
            return;
        }
        var session = sessions.get(request.target().replace(MESSAGES, ""));
        if (session == null) {
            wire.answer(404, "text/plain", "no such session");
            return;
        }
        session.part().take(request, Words.JSON.readTree(request.body())).ifPresent(session::say);
        wire.answer(202, "text/plain", "Accepted");
    }

    private void stream(Wire wire) throws IOException {
        var id = Integer.toString(next.incrementAndGet());
        var session = new Session(part, wire);
        sessions.put(id, session);
        try {
            wire.events().chunk("event: endpoint\ndata: " + MESSAGES + id + "\n\n");
            wire.awaitHangUp();
        } finally {
            sessions.remove(id);
            session.part().arrivals().happened(ServerPart.END);
        }
    }

    @Override
    public void send(JsonNode message) {
        sessions.values().stream()
                .filter(each -> each.part().equals(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no stream is open"))
                .say(message);
    }

    @Override
    public void close() {
        http.close();
    }
}
