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
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** One session of one client of a revision with {@code initialize}: its calls, its streams, and what it was asked. */
final class LegacySession implements Client {

    /** {@code RequestCancelled}, as the Language Server Protocol has it; JSON-RPC and MCP name none. */
    private static final int CANCELLED = -32800;

    private static final int MAX_CALLS = 200;
    private static final int STREAMS_KEPT = 32;

    private final String id;
    private final Owner owner;
    private final Declared declared;
    private final PeerSource source;
    private final EventLog general = new EventLog(0);
    private final AtomicInteger nextStream = new AtomicInteger(1);
    private final Map<Integer, CallStream> streams = new ConcurrentHashMap<>();
    private final ConcurrentLinkedDeque<Integer> ended = new ConcurrentLinkedDeque<>();
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();
    private volatile String revision = Declared.NEWEST;
    private volatile Optional<Peer> last = Optional.empty();
    private volatile long used = System.nanoTime();
    private volatile boolean closed;

    /** A call that the MCP server works on. */
    private record Running(Peer peer, long number, CallStream stream) {}

    /** Where a session gets its MCP server, which may have been started anew since the last time. */
    @FunctionalInterface
    interface PeerSource {
        Peers.Running of(LegacySession session, UpstreamCredential credential);
    }

    LegacySession(String id, Owner owner, Declared declared, PeerSource source) {
        this.id = id;
        this.owner = owner;
        this.declared = declared;
        this.source = source;
    }

    String id() {
        return id;
    }

    Owner owner() {
        return owner;
    }

    Declared declared() {
        return declared;
    }

    EventLog general() {
        return general;
    }

    boolean isPrimed() {
        return revision.compareTo("2025-11-25") >= 0;
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasLostItsServer() {
        return last.filter(Peer::isClosed).isPresent();
    }

    long used() {
        return used;
    }

    boolean isIdle(Duration time) {
        return running.isEmpty() && !general.isRead() && System.nanoTime() - used > time.toNanos();
    }

    /** The answer to {@code initialize}: {@code InitializeResult} as JSON. */
    byte[] begin(UpstreamCredential credential) {
        var server = source.of(this, credential);
        joined(server.peer());
        revision = server.introduction().agreed(declared.version());
        return server.introduction().inRevision(revision, server.peer().privacy());
    }

    /** Takes what one POST brings after {@code initialize}; {@code messages} are its messages, {@code batch} or one. */
    void take(Arriving arriving, List<byte[]> messages, boolean batch, Reply reply) {
        used = System.nanoTime();
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
        if (requests.isEmpty()) {
            reply.status(202);
            return;
        }
        var events = arriving.headers().events();
        if (batch && !events) {
            throw new Refused(new Refusal.BadRequest(406, "Accept has to name text/event-stream, too, for a batch."));
        }
        var number = nextStream.getAndIncrement();
        var stream = new CallStream(this, new EventLog(number), reply, events, requests.size(), batch);
        streams.put(number, stream);
        reply.onGone(gone -> {
            if (gone == Reply.Gone.ENDED) {
                abandon(stream);
            }
        });
        for (var bytes : requests) {
            request(arriving, bytes, JsonText.strict(bytes), stream);
        }
    }

    private void request(Arriving arriving, byte[] bytes, JsonText message, CallStream stream) {
        var requestId = message.member("id").map(JsonText::json).orElseThrow();
        var method = message.member("method").flatMap(JsonText::string).orElseThrow();
        try {
            if (running.size() >= MAX_CALLS) {
                throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(1)));
            }
            var peer = source.of(this, arriving.credential()).peer();
            joined(peer);
            var known = answeredHere(peer, method, message);
            if (known.isPresent()) {
                stream.answered(Rewrite.result(requestId, known.get()));
                return;
            }
            var number = peer.nextNumber();
            if (running.putIfAbsent(requestId, new Running(peer, number, stream)) != null) {
                throw new Refused(new Refusal.BadMessage(
                        MessageReader.INVALID_REQUEST, "Invalid request: a request with this id is running"));
            }
            var token = Rewrite.progressToken(message).map(JsonText::json);
            var call = new Call(this, requestId, token, new Finishing(requestId, number, stream));
            try {
                peer.call(number, call, bytes, message);
            } catch (Refused refused) {
                running.remove(requestId);
                throw refused;
            }
        } catch (Refused refused) {
            if (!stream.isBatch()) {
                forget(stream);
                throw refused;
            }
            stream.answered(Rewrite.error(requestId, Rewrite.INTERNAL_ERROR, "The MCP server cannot take this now."));
        }
    }

    /** The answer of a call on its way to its stream. */
    private final class Finishing implements Call.Answers {
        private final String requestId;
        private final long number;
        private final CallStream stream;

        private Finishing(String requestId, long number, CallStream stream) {
            this.requestId = requestId;
            this.number = number;
            this.stream = stream;
        }

        @Override
        public void interim(byte[] message) {
            stream.interim(message);
        }

        @Override
        public void answered(byte[] message) {
            running.computeIfPresent(requestId, (_, call) -> call.number() == number ? null : call);
            stream.answered(message);
            if (stream.log().isEnded()) {
                keep(stream);
            }
        }
    }

    /** The last streams that ended are kept for a while, for a client that missed the end. */
    private void keep(CallStream stream) {
        ended.add(stream.log().number());
        while (ended.size() > STREAMS_KEPT) {
            var oldest = ended.poll();
            if (oldest != null) {
                streams.remove(oldest);
            }
        }
    }

    private void forget(CallStream stream) {
        streams.remove(stream.log().number());
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
            // The server was told when it started, and is told of no roots.
            case "notifications/initialized", "notifications/roots/list_changed" -> {}
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
                var peer = source.of(this, arriving.credential()).peer();
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
            call.stream().answered(Rewrite.error(requestId, CANCELLED, "The request was cancelled."));
        }
    }

    /** Its client may not have the answers any more. */
    private void abandon(CallStream stream) {
        running.forEach((requestId, call) -> {
            if (call.stream() == stream && running.remove(requestId, call)) {
                call.peer().cancel(call.number(), "The client may not have the answer any more.");
            }
        });
        stream.log().end();
        forget(stream);
    }

    /** Serves a GET: the general stream, or what is left of the one that broke off. */
    void listen(Reply reply, Optional<String> lastEventId) {
        used = System.nanoTime();
        var place = lastEventId.filter(text -> text.matches("[0-9]{1,9}-[0-9]{1,18}"));
        var stream = place.map(text -> Integer.valueOf(text.split("-", 2)[0])).orElse(0);
        var after = place.map(text -> Long.valueOf(text.split("-", 2)[1]));
        var found = Optional.ofNullable(streams.get(stream));
        if (found.isPresent()) {
            found.get().log().read(reply, after);
        } else {
            general.read(reply, stream == 0 ? after : Optional.empty());
        }
    }

    void tick() {
        streams.values().forEach(CallStream::tick);
        general.keepAlive();
    }

    /** Ends everything that belongs to it; the MCP server is told of what it need not finish. */
    void close() {
        closed = true;
        running.forEach((requestId, call) -> {
            if (running.remove(requestId, call)) {
                call.peer().cancel(call.number(), "The session has ended.");
            }
        });
        streams.values().forEach(stream -> stream.log().end());
        streams.clear();
        general.end();
        asked.values().forEach(question -> question.giveUp("The client has gone."));
        asked.clear();
        last.ifPresent(peer -> peer.leave(this));
    }

    private void joined(Peer peer) {
        if (last.filter(known -> known == peer).isEmpty()) {
            last.ifPresent(old -> old.leave(this));
            last = Optional.of(peer);
            peer.join(this);
        }
    }

    @Override
    public void notified(String method, byte[] message) {
        general.add(message);
    }

    @Override
    public boolean takes(String method) {
        return declared.answers(method);
    }

    @Override
    public void asked(Asked question, Call during) {
        asked.put(question.id(), question);
        if (closed) {
            question.giveUp("The client has gone.");
        } else {
            during.answers().interim(question.message());
        }
    }

    @Override
    public void withdrawn(Asked question) {
        if (asked.remove(question.id(), question)) {
            general.add(Rewrite.notification("notifications/cancelled", "{\"requestId\":" + question.id() + "}"));
        }
    }

    @Override
    public void lost(Peer peer) {
        // The next request finds another one, or hears why there is none.
    }
}
