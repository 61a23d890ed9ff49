package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What one client of a revision with {@code initialize} says to its MCP server and hears from it: its calls, and what it
 * was asked. How that travels to the client is its session's business.
 */
final class Conversation implements Client {

    /** {@code RequestCancelled}, as the Language Server Protocol has it; JSON-RPC and MCP name none. */
    private static final int CANCELLED = -32800;

    private static final int MAX_CALLS = 200;

    private final Owner owner;
    private final PeerSource source;
    private final Consumer<byte[]> general;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();
    private volatile Declared declared;
    private volatile String revision = Declared.NEWEST;
    private volatile Optional<Peer> last = Optional.empty();
    private volatile boolean closed;

    /** A call that the MCP server works on. */
    private record Running(Peer peer, long number, Call.Answers answers) {}

    /** Where a session gets its MCP server, which may have been started anew since the last time. */
    @FunctionalInterface
    interface PeerSource {
        Peers.Running of(UpstreamCredential credential);
    }

    /** @param general takes what belongs to no call in particular */
    Conversation(Owner owner, Declared declared, PeerSource source, Consumer<byte[]> general) {
        this.owner = owner;
        this.declared = declared;
        this.source = source;
        this.general = general;
    }

    @Override
    public Optional<Owner.Person> person() {
        return Optional.of(owner.person());
    }

    Declared declared() {
        return declared;
    }

    /** The revision that client and server agreed on. */
    String revision() {
        return revision;
    }

    boolean hasLostItsServer() {
        return last.filter(Peer::isClosed).isPresent();
    }

    boolean isBusy() {
        return !running.isEmpty();
    }

    /** The answer to {@code initialize}: {@code InitializeResult} as JSON. */
    byte[] begin(Declared said, UpstreamCredential credential) {
        declared = said;
        var server = source.of(credential);
        joined(server.peer());
        revision = server.introduction().agreed(declared.version());
        return server.introduction().inRevision(revision, server.peer().privacy());
    }

    /**
     * Takes what needs no answer, and returns the requests, which do.
     *
     * @param batch whether the messages came as one
     */
    List<byte[]> hear(Arriving arriving, List<byte[]> messages, boolean batch) {
        if (batch && !revision.equals("2025-03-26")) {
            throw new Refused(new Refusal.BadMessage(
                    MessageReader.INVALID_REQUEST, "Invalid request: batches exist in 2025-03-26 only"));
        }
        var requests = new ArrayList<byte[]>();
        for (var bytes : messages) {
            var message = JsonText.strict(bytes);
            var method = message.member("method").flatMap(JsonText::string);
            if (method.isPresent() && message.member("id").isPresent()) {
                requests.add(bytes);
            } else if (method.isPresent()) {
                notification(arriving, bytes, message, method.get());
            } else {
                message.member("id")
                        .map(JsonText::json)
                        .map(asked::remove)
                        .ifPresent(question -> question.answer(message, bytes));
            }
        }
        return requests;
    }

    /**
     * Sends one request on.
     *
     * @throws Refused if the MCP server cannot take it; nothing will come to {@code answers} then
     */
    void request(Arriving arriving, byte[] bytes, Call.Answers answers) {
        var message = JsonText.strict(bytes);
        var requestId = message.member("id").map(JsonText::json).orElseThrow();
        var method = message.member("method").flatMap(JsonText::string).orElseThrow();
        if (running.size() >= MAX_CALLS) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(1)));
        }
        var peer = source.of(arriving.credential()).peer();
        joined(peer);
        var known = answeredHere(peer, method, message);
        if (known.isPresent()) {
            answers.answered(Rewrite.result(requestId, known.get()));
            return;
        }
        var number = peer.nextNumber();
        if (running.putIfAbsent(requestId, new Running(peer, number, answers)) != null) {
            throw new Refused(new Refusal.BadMessage(
                    MessageReader.INVALID_REQUEST, "Invalid request: a request with this id is running"));
        }
        var token = Rewrite.progressToken(message).map(JsonText::json);
        var task = method.equals("tasks/result")
                ? message.member("params")
                        .flatMap(params -> params.member("taskId"))
                        .flatMap(JsonText::string)
                : Optional.<String>empty();
        var call = new Call(this, requestId, token, task, new Finishing(requestId, number, answers));
        try {
            peer.call(number, call, bytes, message);
        } catch (Refused refused) {
            running.remove(requestId);
            throw refused;
        }
    }

    /** The answer of a call on its way to the client. */
    private final class Finishing implements Call.Answers {
        private final String requestId;
        private final long number;
        private final Call.Answers answers;

        private Finishing(String requestId, long number, Call.Answers answers) {
            this.requestId = requestId;
            this.number = number;
            this.answers = answers;
        }

        @Override
        public void interim(byte[] message) {
            answers.interim(message);
        }

        @Override
        public void answered(byte[] message) {
            running.computeIfPresent(requestId, (_, call) -> call.number() == number ? null : call);
            answers.answered(message);
        }
    }

    /** What needs no answer of a server that serves everybody, or must not reach it while others still want it. */
    private Optional<String> answeredHere(Peer peer, String method, JsonText message) {
        var uri =
                message.member("params").flatMap(params -> params.member("uri")).flatMap(JsonText::string);
        return switch (method) {
            case "initialize" ->
                throw new Refused(new Refusal.BadMessage(
                        MessageReader.INVALID_REQUEST, "Invalid request: this session has begun already"));
            case "logging/setLevel" -> peer.privacy() == Peer.Privacy.EVERYBODY ? Optional.of("{}") : Optional.empty();
            case "resources/subscribe" -> {
                if (uri.isPresent() && !peer.subscribers().add(uri.get(), this)) {
                    throw new Refused(new Refusal.BadMessage(
                            MessageReader.INVALID_PARAMS, "Invalid params: too many subscriptions in this session"));
                }
                yield Optional.empty();
            }
            case "resources/unsubscribe" ->
                uri.isPresent() && !peer.subscribers().remove(uri.get(), this) ? Optional.of("{}") : Optional.empty();
            default -> {
                if (method.startsWith("tasks/") && peer.privacy() == Peer.Privacy.EVERYBODY) {
                    throw new Refused(new Refusal.BadMessage(MessageReader.METHOD_NOT_FOUND, "Method not found"));
                }
                yield Optional.empty();
            }
        };
    }

    private void notification(Arriving arriving, byte[] bytes, JsonText message, String method) {
        var params = message.member("params");
        switch (method) {
            // The server was told when it started.
            case "notifications/initialized" -> {}
            case "notifications/cancelled" ->
                params.flatMap(object -> object.member("requestId"))
                        .map(JsonText::json)
                        .ifPresent(requestId -> cancelled(requestId, bytes, message));
            case "notifications/progress" ->
                params.flatMap(object -> object.member("progressToken"))
                        .map(JsonText::json)
                        .filter(this::isAskedUnder)
                        .flatMap(_ -> last)
                        .ifPresent(peer -> peer.send(bytes));
            default -> {
                if (method.equals("notifications/roots/list_changed") && !declared.answers("roots/list")) {
                    return;
                }
                var peer = source.of(arriving.credential()).peer();
                if (peer.privacy() == Peer.Privacy.ONE_PERSON) {
                    peer.send(bytes);
                }
            }
        }
    }

    private boolean isAskedUnder(String token) {
        return asked.values().stream()
                .anyMatch(question -> Rewrite.progressToken(JsonText.ofServer(question.message()))
                        .map(JsonText::json)
                        .filter(token::equals)
                        .isPresent());
    }

    private void cancelled(String requestId, byte[] bytes, JsonText message) {
        var call = running.remove(requestId);
        if (call != null && call.peer().forget(call.number())) {
            call.peer().send(Rewrite.withParameter(bytes, message, "requestId", Long.toString(call.number())));
            call.answers().answered(Rewrite.error(requestId, CANCELLED, "The request was cancelled."));
        }
    }

    /** The client may not have these answers any more. */
    void abandon(Call.Answers answers) {
        running.forEach((requestId, call) -> {
            if (call.answers().equals(answers) && running.remove(requestId, call)) {
                call.peer().cancel(call.number(), "The client may not have the answer any more.");
            }
        });
    }

    /** Ends everything that belongs to it; the MCP server is told of what it need not finish. */
    void close() {
        closed = true;
        running.forEach((requestId, call) -> {
            if (running.remove(requestId, call)) {
                call.peer().cancel(call.number(), "The session has ended.");
            }
        });
        asked.values().forEach(question -> question.giveUp("The client has gone."));
        asked.clear();
        last.ifPresent(peer -> peer.leave(this));
    }

    private void joined(Peer peer) {
        if (last.filter(known -> known == peer).isEmpty()) {
            last.ifPresent(old -> old.leave(this));
            last = Optional.of(peer);
            peer.attend(this);
        }
    }

    @Override
    public void notified(String method, byte[] message) {
        general.accept(message);
    }

    @Override
    public boolean takes(String method) {
        return declared.answers(method);
    }

    @Override
    public void asked(Asked question) {
        asked.put(question.id(), question);
        if (closed) {
            question.giveUp("The client has gone.");
        } else {
            question.during().answers().interim(question.message());
        }
    }

    @Override
    public void withdrawn(Asked question, Optional<String> reason) {
        if (asked.remove(question.id(), question)) {
            var why = reason.map(text -> ",\"reason\":" + text).orElse("");
            // Where it was asked: a client need not listen anywhere else.
            question.during()
                    .answers()
                    .interim(Rewrite.notification(
                            "notifications/cancelled", "{\"requestId\":" + question.id() + why + "}"));
        }
    }

    @Override
    public void lost(Peer peer) {
        // The next request finds another one, or hears why there is none.
    }
}
