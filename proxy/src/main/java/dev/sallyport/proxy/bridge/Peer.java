package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * An MCP server of a revision with {@code initialize}, at the other end of a wire, and the clients that it serves. Every
 * request gets an id of ours, so that answers find back to whom they belong; what belongs to nobody is dropped.
 */
final class Peer implements Wire.Receiver {

    private static final Logger LOG = Logger.getLogger(Peer.class);

    private static final int MAX_ASKED = 100;

    /** Names the subscription that a message belongs to (MCP 2026-07-28, subscriptions). */
    static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

    /** Where libraries put the id when they write the result first. */
    private static final Pattern LAST_ID =
            Pattern.compile("\"id\"\\s*:\\s*(\\d{1,18})\\s*(,\\s*\"jsonrpc\"[^{}]*)?}\\s*$");

    /** Whether what the MCP server says on its own may go to all clients, because they are one person's. */
    enum Privacy {
        ONE_PERSON,
        EVERYBODY
    }

    private final Wire wire;
    private final Privacy privacy;
    private final Calls calls;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final Subscribers subscribers = new Subscribers();
    private final AtomicLong nextId = new AtomicLong(1);
    private final AtomicLong nextAsked = new AtomicLong(1);
    private final long began = System.nanoTime();
    private volatile long used = began;
    private volatile boolean closed;
    private volatile Optional<Refusal> refusal = Optional.empty();
    private volatile Optional<Duration> crashedAfter = Optional.empty();

    Peer(Wire wire, Privacy privacy) {
        this.wire = wire;
        this.privacy = privacy;
        this.calls = new Calls(privacy);
        wire.listen(this);
    }

    /** An id that no call has had. */
    long nextNumber() {
        return nextId.getAndIncrement();
    }

    /**
     * Sends a request on, under an id of ours.
     *
     * @param id from {@link #nextNumber}
     * @throws Refused if the MCP server cannot take it
     */
    void call(long id, Call call, byte[] bytes, JsonText message) {
        calls.add(id, call);
        used = System.nanoTime();
        var sent = wire.send(Rewrite.request(bytes, message, id));
        // Closed in between: whoever takes the call out of the map tells it.
        if ((!sent || closed) && calls.remove(id).isPresent()) {
            throw new Refused(new Refusal.UpstreamFailed(502, "The MCP server has stopped. Try again."));
        }
    }

    /** Tells the MCP server that nobody waits for this call any more. */
    void cancel(long id, String reason) {
        if (calls.remove(id).isPresent()) {
            send(Rewrite.notification(
                    "notifications/cancelled", "{\"requestId\":" + id + ",\"reason\":" + Rewrite.quoted(reason) + "}"));
        }
    }

    /** Forgets a call without telling the MCP server, which is told by the client itself. */
    boolean forget(long id) {
        return calls.remove(id).isPresent();
    }

    void send(byte[] notification) {
        used = System.nanoTime();
        if (!wire.send(notification)) {
            LOG.debug("a notification found its wire closed");
        }
    }

    /** Goes on with another credential; false if only another server can have one. */
    boolean renew(UpstreamCredential credential) {
        return wire.renew(credential);
    }

    void answer(Asked question, byte[] response) {
        if (asked.remove(question.serverId(), question)) {
            send(response);
        }
    }

    void join(Client client) {
        clients.add(client);
    }

    /** Joins it, and wants to hear what the server says unasked. */
    void attend(Client client) {
        join(client);
        wire.attended();
    }

    void leave(Client client) {
        clients.remove(client);
        subscribers.forget(client);
    }

    /** True if no client of it is left. */
    boolean isLeft() {
        return clients.isEmpty();
    }

    Subscribers subscribers() {
        return subscribers;
    }

    Privacy privacy() {
        return privacy;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether it takes requests of 2026-07-28 as they are. */
    boolean isModern() {
        return wire.isModern();
    }

    /** True if nothing has been said for so long, and nobody waits for anything. */
    boolean isIdle(Duration time) {
        return calls.isEmpty() && asked.isEmpty() && System.nanoTime() - used > time.toNanos();
    }

    long used() {
        return used;
    }

    int running() {
        return calls.size();
    }

    /** True if it ended by itself, so soon after its start. */
    boolean crashedWithin(Duration time) {
        return crashedAfter.filter(age -> age.compareTo(time) < 0).isPresent();
    }

    /** Why the pipe was closed, if it said so. */
    Optional<Refusal> refusal() {
        return refusal;
    }

    void close() {
        closed = true;
        wire.close();
        closed();
    }

    @Override
    public void received(byte[] bytes) {
        received(bytes, Optional.empty());
    }

    @Override
    public void received(byte[] bytes, String request) {
        received(bytes, Optional.of(request));
    }

    /** @param on the request to whose answer it belongs, as JSON; empty if the wire cannot tell */
    private void received(byte[] bytes, Optional<String> on) {
        used = System.nanoTime();
        try {
            var text = JsonText.ofServer(bytes);
            if (text.kind() == JsonText.Kind.ARRAY) {
                for (var element : text.elements()) {
                    var copy = element.copy();
                    received(copy, JsonText.ofServer(copy), on);
                }
            } else {
                received(bytes, text, on);
            }
        } catch (JsonProblem problem) {
            LOG.debugf("an MCP server wrote %d bytes that are no JSON message (%s)", bytes.length, problem.rule());
        }
    }

    private void received(byte[] bytes, JsonText message, Optional<String> on) {
        var method = message.member("method").flatMap(JsonText::string);
        var id = message.member("id");
        if (method.isPresent() && id.isPresent()) {
            request(bytes, message, method.get(), on);
        } else if (method.isPresent()) {
            notification(bytes, message, method.get(), on);
        } else if (message.member("result").isPresent()
                != message.member("error").isPresent()) {
            id.flatMap(Peer::ours)
                    .flatMap(calls::remove)
                    .ifPresent(call -> call.answers().answered(Rewrite.withId(bytes, message, call.id())));
        }
    }

    private static Optional<Long> ours(JsonText id) {
        var json = id.json();
        return id.kind() == JsonText.Kind.NUMBER && json.matches("[0-9]{1,18}")
                ? Optional.of(Long.valueOf(json))
                : Optional.empty();
    }

    private void request(byte[] bytes, JsonText message, String method, Optional<String> on) {
        var id = message.member("id").orElseThrow();
        var serverId = id.json();
        if (id.kind() != JsonText.Kind.STRING && id.kind() != JsonText.Kind.NUMBER) {
            return;
        }
        if (method.equals("ping")) {
            send(Rewrite.result(serverId, "{}"));
            return;
        }
        var task = message.member("params")
                .flatMap(params -> params.member("_meta"))
                .flatMap(meta -> meta.member(TaskAnswer.RELATED))
                .flatMap(related -> related.member("taskId"))
                .flatMap(JsonText::string);
        var during = calls.during(method, task, on);
        if (privacy == Privacy.EVERYBODY || during.isEmpty()) {
            send(Rewrite.error(serverId, Rewrite.METHOD_NOT_FOUND, "Method not found"));
            return;
        }
        var shown = "\"sallyport-" + nextAsked.getAndIncrement() + '"';
        var question = new Asked(this, during.get(), serverId, shown, method, Rewrite.withId(bytes, message, shown));
        if (asked.size() >= MAX_ASKED || asked.putIfAbsent(serverId, question) != null) {
            send(Rewrite.error(serverId, Rewrite.INTERNAL_ERROR, "Too many requests are waiting for an answer"));
            return;
        }
        during.get().client().asked(question);
    }

    private void notification(byte[] bytes, JsonText message, String method, Optional<String> on) {
        var params = message.member("params");
        var subscription = params.flatMap(object -> object.member("_meta"))
                .flatMap(meta -> meta.member(SUBSCRIPTION))
                .flatMap(Peer::ours)
                .flatMap(calls::of);
        if (subscription.isPresent()) {
            subscription.get().answers().interim(bytes);
            return;
        }
        switch (method) {
            case "notifications/progress" ->
                params.flatMap(object -> object.member("progressToken"))
                        .flatMap(Peer::ours)
                        .flatMap(calls::of)
                        .ifPresent(call -> call.progressToken()
                                .ifPresent(token -> call.answers()
                                        .interim(Rewrite.withParameter(bytes, message, "progressToken", token))));
            case "notifications/cancelled" -> {
                var reason = params.flatMap(object -> object.member("reason"))
                        .filter(value -> value.kind() == JsonText.Kind.STRING)
                        .map(JsonText::json);
                params.flatMap(object -> object.member("requestId"))
                        .map(JsonText::json)
                        .map(asked::remove)
                        .ifPresent(question -> withdraw(question, reason));
            }
            case "notifications/resources/updated" ->
                params.flatMap(object -> object.member("uri"))
                        .flatMap(JsonText::string)
                        .ifPresent(uri -> subscribers.of(uri).forEach(client -> client.notified(method, bytes)));
            case "notifications/tools/list_changed",
                    "notifications/resources/list_changed",
                    "notifications/prompts/list_changed" -> clients.forEach(client -> client.notified(method, bytes));
            default -> {
                var its = on.flatMap(calls::of);
                if (its.isPresent()) {
                    its.get().client().notified(method, bytes);
                } else if (privacy == Privacy.ONE_PERSON) {
                    clients.forEach(client -> client.notified(method, bytes));
                }
            }
        }
    }

    @Override
    public void tooLong(byte[] lastBytes) {
        var id = LAST_ID.matcher(new String(lastBytes, StandardCharsets.ISO_8859_1));
        if (id.find()) {
            calls.remove(Long.parseLong(id.group(1)))
                    .ifPresent(call -> call.answers()
                            .answered(Rewrite.error(
                                    call.id(), Rewrite.INTERNAL_ERROR, "The MCP server's answer is too large.")));
        }
    }

    @Override
    public void refused(Refusal why) {
        refusal = Optional.of(why);
    }

    @Override
    public void refused(byte[] error, Refusal why) {
        var message = JsonText.ofServer(error);
        message.member("id")
                .flatMap(Peer::ours)
                .flatMap(calls::remove)
                .ifPresent(call -> call.answers().refused(Rewrite.withId(error, message, call.id()), why));
    }

    @Override
    public void closed() {
        if (!closed) {
            crashedAfter = Optional.of(Duration.ofNanos(System.nanoTime() - began));
        }
        closed = true;
        calls.removeAll()
                .forEach(call -> call.answers()
                        .answered(Rewrite.error(
                                call.id(), Rewrite.INTERNAL_ERROR, "The MCP server stopped before it answered.")));
        for (var question : List.copyOf(asked.values())) {
            if (asked.remove(question.serverId(), question)) {
                withdraw(question, Optional.of(Rewrite.quoted("The MCP server has stopped.")));
            }
        }
        clients.forEach(client -> client.lost(this));
    }

    private static void withdraw(Asked question, Optional<String> reason) {
        question.during().client().withdrawn(question, reason);
    }
}
