package dev.sallyport.testkit.upstream;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP server of Streamable HTTP as it was in 2025: sessions with {@link Tools} of their own, a stream for each request
 * but {@code echo}, which is answered as JSON, a general stream, and streams that can be taken up again.
 */
public final class StreamableServer implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int GENERAL = 0;

    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger(1);
    private final ScriptedServer http = ScriptedServer.start(this::answer);

    private StreamableServer() {}

    public static StreamableServer start() {
        return new StreamableServer();
    }

    public URI url() {
        return http.url("/mcp");
    }

    /** All requests so far. */
    public List<Received> received() {
        return http.received();
    }

    /** How many sessions there are. */
    public int sessions() {
        return sessions.size();
    }

    /** Forgets all sessions, as after a new start. */
    public void forget() {
        sessions.clear();
    }

    /** Hangs up on all streams in the middle of an event; they can be taken up again. */
    public void drop() throws IOException {
        for (var session : sessions.values()) {
            for (var stream : session.streams.values()) {
                stream.drop();
            }
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private void answer(Received request, Wire wire) throws IOException {
        if (request.method().equals("POST") && request.body().contains("\"initialize\"")) {
            var session = new Session("session-" + next.getAndIncrement());
            sessions.put(session.id, session);
            session.json(request.body(), wire, "Mcp-Session-Id: " + session.id);
            return;
        }
        var session = sessions.get(request.header("mcp-session-id").orElse(""));
        if (session == null) {
            wire.json(
                    request.header("mcp-session-id").isPresent() ? 404 : 400,
                    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Bad Request: no session\"},\"id\":null}");
            return;
        }
        switch (request.method()) {
            case "GET" -> session.listen(request.header("last-event-id").orElse(GENERAL + "-0"), wire);
            case "DELETE" -> {
                sessions.remove(session.id);
                wire.answer(200, "text/plain", "");
            }
            default -> session.post(request.body(), wire);
        }
    }

    /** One session; its streams are numbered, the general one is 0. */
    private static final class Session {
        private final String id;
        private final Tools tools = new Tools(this::say);
        private final Stream general = new Stream(GENERAL);
        private final Map<Integer, Stream> streams = new ConcurrentHashMap<>(Map.of(GENERAL, general));
        private final Map<String, Integer> byCall = new ConcurrentHashMap<>();
        private final AtomicInteger next = new AtomicInteger(1);
        private volatile int current;

        private Session(String id) {
            this.id = id;
        }

        private void json(String body, Wire wire, String... headers) throws IOException {
            var said = new ArrayList<String>();
            new Tools(message -> said.add(new String(message, StandardCharsets.UTF_8))).take(body);
            wire.answer(200, "application/json", said.getFirst(), headers);
        }

        private void post(String body, Wire wire) throws IOException {
            var message = JSON.readTree(body);
            if (!message.has("id") || !message.has("method")) {
                wire.answer(202, "text/plain", "");
                tools.take(body);
            } else if (message.at("/params/name").asString().equals("echo")) {
                json(body, wire);
            } else {
                var stream = new Stream(next.getAndIncrement());
                streams.put(stream.number, stream);
                byCall.put(message.path("id").toString(), stream.number);
                stream.open(wire.events("Connection: close"), 0);
                current = stream.number;
                tools.take(body);
                stream.await(wire);
            }
        }

        private void listen(String lastEventId, Wire wire) throws IOException {
            var place = lastEventId.split("-", -1);
            var stream = streams.getOrDefault(Integer.valueOf(place[0]), general);
            stream.open(wire.events("Connection: close"), Integer.parseInt(place[1]));
            stream.await(wire);
        }

        /** Answers go where the call came from, changes to the general stream, and all else to the latest call. */
        private void say(byte[] bytes) throws IOException {
            var text = new String(bytes, StandardCharsets.UTF_8);
            var message = parsed(text);
            var answered = message.has("result") || message.has("error");
            var number = answered ? byCall.getOrDefault(message.path("id").toString(), current) : current;
            if (text.contains("changed") || text.contains("updated")) {
                number = GENERAL;
            }
            streams.getOrDefault(number, general)
                    .say(text, answered && byCall.containsKey(message.path("id").toString()));
        }

        private static JsonNode parsed(String text) {
            try {
                return JSON.readTree(text);
            } catch (tools.jackson.core.JacksonException _) {
                return JSON.createObjectNode();
            }
        }
    }

    /** Events of one stream, kept for who comes back. */
    private static final class Stream {
        private final int number;
        private final List<String> events = new ArrayList<>();
        private @org.jspecify.annotations.Nullable Wire wire;
        private boolean over;

        private Stream(int number) {
            this.number = number;
        }

        private synchronized void open(Wire to, int after) throws IOException {
            wire = to;
            to.chunk("id: " + number + "-" + after + "\nretry: 50\ndata: \n\n");
            for (var at = after; at < events.size(); at++) {
                to.chunk(events.get(at));
            }
            if (over) {
                to.end();
            }
        }

        private synchronized void say(String message, boolean last) throws IOException {
            events.add("id: " + number + "-" + (events.size() + 1) + "\ndata: " + message + "\n\n");
            over |= last;
            if (wire != null) {
                wire.chunk(events.getLast());
                if (last) {
                    wire.end();
                }
            }
        }

        private void await(Wire of) {
            boolean done;
            synchronized (this) {
                done = over;
            }
            if (!done) {
                of.awaitHangUp();
            }
        }

        private synchronized void drop() throws IOException {
            if (wire != null && !over) {
                wire.raw("ffff\r\ndata: {\"half\":");
                wire.close();
                wire = null;
            }
        }
    }
}
