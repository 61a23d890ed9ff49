package dev.sallyport.testkit.scenario;

import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Servers to which every message is a POST, and whose answers come where the request came from: Streamable HTTP of 2025,
 * with sessions, and 2026-07-28, without. An answer that is all there is comes as JSON, others on a stream.
 */
final class PostSide implements ServerSide {

    private static final Set<String> ON_STREAM_OF_CHANGES = Set.of(
            "notifications/tools/list_changed",
            "notifications/prompts/list_changed",
            "notifications/resources/list_changed",
            "notifications/resources/updated",
            "notifications/subscriptions/acknowledged");

    private static final String CHANGES = "somebody listens to changes";

    private final boolean stateless;
    private final Map<String, ServerPart> sessions = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Exchange> open = new CopyOnWriteArrayList<>();
    private volatile ServerPart part = ServerPart.idle();
    private final ScriptedServer http = ScriptedServer.start(this::answer);

    PostSide(boolean stateless) {
        this.stateless = stateless;
    }

    @Override
    public String upstream() {
        return "url: \"" + http.url("/mcp") + '"';
    }

    @Override
    public void begin(ServerPart next) {
        part = next;
        open.clear();
    }

    private void answer(Received request, Wire wire) throws IOException {
        switch (request.method()) {
            case "POST" -> {
                if (stateless) {
                    statelessPost(request, wire);
                } else {
                    post(request, wire);
                }
            }
            case "GET" -> {
                var its = sessions.get(request.header("mcp-session-id").orElse(""));
                if (its == null) {
                    wire.answer(405, "text/plain", "");
                } else {
                    var exchange = new Exchange(its, wire, List.of());
                    exchange.carriesChanges();
                    exchange.untilHungUp();
                }
            }
            default -> {
                var its = sessions.remove(request.header("mcp-session-id").orElse(""));
                wire.answer(its == null ? 404 : 200, "text/plain", "");
                if (its != null) {
                    its.arrivals().happened(ServerPart.END);
                }
            }
        }
    }

    private void post(Received request, Wire wire) throws IOException {
        var message = Words.JSON.readTree(request.body());
        var session = request.header("mcp-session-id").orElse("");
        var its = sessions.get(session);
        if (message.path("method").asString().equals("initialize")) {
            session = "session-" + (sessions.size() + 1) + "-" + System.nanoTime();
            sessions.put(session, part);
            its = part;
        }
        if (its == null) {
            wire.json(
                    session.isEmpty() ? 400 : 404,
                    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Bad Request: no session\"},\"id\":null}");
            return;
        }
        var asked = requests(message);
        var exchange = new Exchange(its, wire, asked, "Mcp-Session-Id: " + session);
        if (asked.isEmpty()) {
            its.take(exchange, message);
            wire.answer(202, "text/plain", "");
            return;
        }
        open.addIfAbsent(exchange);
        var prepared = its.take(exchange, message);
        if (prepared.isPresent()) {
            exchange.say(prepared.get());
        }
        exchange.untilHungUp();
    }

    private void statelessPost(Received request, Wire wire) throws IOException {
        var message = Words.JSON.readTree(request.body());
        var method = message.path("method").asString();
        if (!request.header("mcp-protocol-version").orElse("").equals(Modern.VERSION)
                || !request.header("mcp-method").orElse("").equals(method)) {
            wire.json(
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + (message.has("id") ? message.get("id") : "null")
                            + ",\"error\":{\"code\":-32020,\"message\":\"Header mismatch\"}}");
            return;
        }
        var exchange = new Exchange(part, wire, requests(message));
        if (method.equals("subscriptions/listen")) {
            exchange.carriesChanges();
        }
        open.addIfAbsent(exchange);
        var prepared = part.take(exchange, Modern.plainRequest(message));
        if (prepared.isPresent()) {
            exchange.say(prepared.get());
        }
        exchange.untilHungUp();
    }

    private static List<JsonNode> requests(JsonNode message) {
        var found = new ArrayList<JsonNode>();
        if (message.isArray()) {
            message.forEach(each -> found.addAll(requests(each)));
        } else if (message.has("id") && message.has("method")) {
            found.add(message);
        }
        return found;
    }

    @Override
    public void send(JsonNode message) {
        try {
            where(message).say(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void send(JsonNode request, JsonNode message) {
        try {
            last("nobody asked", each -> each.isAsked(request)).say(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Exchange where(JsonNode message) {
        if (ON_STREAM_OF_CHANGES.contains(message.path("method").asString())) {
            part.arrivals().await(CHANGES);
            return last("nobody listens to changes", each -> each.isOfChanges);
        }
        return message.has("method")
                ? last("no request waits", Exchange::waits)
                : last("nobody asked", each -> each.isAsked(message.path("id")));
    }

    private Exchange last(String otherwise, Predicate<Exchange> condition) {
        return open.stream()
                .filter(each -> each.part.equals(part) && condition.test(each))
                .reduce((_, later) -> later)
                .orElseThrow(() -> new AssertionError(otherwise));
    }

    @Override
    public void close() {
        http.close();
    }

    /** One request of HTTP, and what it asks. */
    private final class Exchange {
        private final ServerPart part;
        private final Wire wire;
        private final List<JsonNode> asked;
        private final String[] headers;
        private volatile boolean isOfChanges;
        private boolean streaming;

        private Exchange(ServerPart part, Wire wire, List<JsonNode> asked, String... headers) {
            this.part = part;
            this.wire = wire;
            this.asked = new ArrayList<>(asked);
            this.headers = Stream.concat(Stream.of(headers), Stream.of("Connection: close"))
                    .toArray(String[]::new);
        }

        private synchronized boolean isAsked(JsonNode id) {
            return asked.stream().anyMatch(each -> each.path("id").equals(id));
        }

        private synchronized boolean waits() {
            return !isOfChanges && !asked.isEmpty();
        }

        private synchronized void streaming() throws IOException {
            if (!streaming) {
                streaming = true;
                wire.events(headers);
            }
        }

        private synchronized void say(JsonNode message) throws IOException {
            var answered = asked.stream()
                    .filter(each -> !message.has("method") && each.path("id").equals(message.path("id")))
                    .findFirst();
            var said = message;
            if (stateless && answered.isPresent()) {
                said = Modern.answer(message, answered.get().path("method").asString());
            }
            answered.ifPresent(asked::remove);
            var last = answered.isPresent() && asked.isEmpty();
            if (last && !streaming) {
                wire.answer(status(said), "application/json", said.toString(), headers);
                return;
            }
            streaming();
            wire.event(said.toString());
            if (last) {
                wire.end();
            }
        }

        private int status(JsonNode said) {
            return stateless && said.at("/error/code").asInt(0) == -32601 ? 404 : 200;
        }

        private void untilHungUp() {
            wire.awaitHangUp();
            open.remove(this);
            synchronized (this) {
                asked.forEach(each -> part.arrivals().happened(ServerPart.closed(each.path("id"))));
            }
        }

        private void carriesChanges() throws IOException {
            isOfChanges = true;
            streaming();
            open.addIfAbsent(this);
            part.arrivals().happened(CHANGES);
        }
    }
}
