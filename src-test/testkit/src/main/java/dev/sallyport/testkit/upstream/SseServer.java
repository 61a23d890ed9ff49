package dev.sallyport.testkit.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An MCP server of the HTTP+SSE transport (2024-11-05): its stream is at {@code /sse}, and each session has {@link Tools}
 * of its own. {@link #drop} ends all streams.
 */
public final class SseServer implements AutoCloseable {

    private static final String MESSAGES = "/messages?session=";

    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger(1);
    private final ScriptedServer http = ScriptedServer.start(this::answer);

    private record Session(Tools tools, Wire wire) {}

    private SseServer() {}

    public static SseServer start() {
        return new SseServer();
    }

    /** The address of the stream. */
    public URI url() {
        return http.url("/sse");
    }

    /** All requests so far. */
    public List<Received> received() {
        return http.received();
    }

    /** How many streams are open. */
    public int open() {
        return sessions.size();
    }

    /** Ends all streams, in the middle of a chunk. */
    public void drop() throws IOException {
        for (var session : sessions.values()) {
            session.wire().raw("ffff\r\ndata: {\"half\":");
            session.wire().close();
        }
    }

    /** Exactly these bytes on every stream, as one chunk. */
    public void say(byte[] bytes) throws IOException {
        for (var session : sessions.values()) {
            session.wire().chunk(bytes);
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private void answer(Received request, Wire wire) throws IOException {
        if (request.method().equals("GET") && request.target().equals("/sse")) {
            stream(wire);
            return;
        }
        var session = request.target().startsWith(MESSAGES)
                ? sessions.get(request.target().substring(MESSAGES.length()))
                : null;
        if (session == null) {
            wire.answer(404, "text/plain", "no such session");
            return;
        }
        wire.answer(202, "text/plain", "Accepted");
        session.tools().take(request.body());
    }

    private void stream(Wire wire) throws IOException {
        var id = Integer.toString(next.getAndIncrement());
        var tools = new Tools(message -> wire.chunk(event(message)));
        wire.events();
        sessions.put(id, new Session(tools, wire));
        try {
            wire.chunk("event: endpoint\ndata: " + MESSAGES + id + "\n\n");
            wire.awaitHangUp();
        } finally {
            sessions.remove(id);
        }
    }

    private static byte[] event(byte[] message) {
        var event = new ByteArrayOutputStream();
        event.writeBytes("event: message\ndata: ".getBytes(StandardCharsets.UTF_8));
        event.writeBytes(message);
        event.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        return event.toByteArray();
    }
}
