package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.mcp.Revisions;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.token.VerifiedToken;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Clients of MCP 2026-07-28 at a server that is a command, or older. They have no sessions: what the server asks them is kept here until they
 * come back, under a {@code requestState} that is sealed, and bound to the principal, its grant, the request and the
 * round. The call that waits lives in this process alone: after a new start the state is refused with words that say so.
 * Where the server speaks 2026-07-28 itself, everything passes as it is.
 */
final class Stateless implements StatelessCall.Home {

    /** How long a call waits for a client to come back. */
    private static final Duration LIFE = Duration.ofMinutes(15);

    private static final Room.Bounds MOST = new Room.Bounds(200, 1_000, 10_000);

    /** Of older revisions only, or ours to say. */
    private static final Set<String> GONE =
            Set.of("initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe");

    private static final String STATE = "sallyport2.";

    private final Function<Arriving, Peers.Running> peers;
    private final Sealer sealer;
    private final InstantSource clock = InstantSource.system();
    private final AtomicLong nextId = new AtomicLong(1);
    private final Map<String, StatelessCall> calls = new ConcurrentHashMap<>();
    private final Set<StatelessListening> listening = ConcurrentHashMap.newKeySet();
    private final Set<StatelessPass> passes = ConcurrentHashMap.newKeySet();
    private final Map<Peer, Integer> levels = new WeakHashMap<>();
    private final Room room = new Room(MOST);
    private final Map<Peer, ArgumentHeaders> headers = Collections.synchronizedMap(new WeakHashMap<>());
    private final StatelessTasks tasks = new StatelessTasks(room);

    /** @param peers the server for whoever sent a request */
    Stateless(Function<Arriving, Peers.Running> peers, SecureRandom random) {
        this.peers = peers;
        var key = new byte[32];
        random.nextBytes(key);
        this.sealer = new Sealer(Secret.of(key), "sallyport waiting calls 1", random, clock);
    }

    /** Answers one request, now or later. */
    void take(Arriving arriving, StatelessRequest request, Reply reply) {
        var id = request.id();
        if (id.isEmpty()) {
            // This revision knows no notifications of clients over HTTP.
            reply.status(202);
        } else if (!request.version().equals(Revisions.MODERN)) {
            reply.error(
                    StatelessAnswer.BAD_REQUEST,
                    StatelessAnswer.unsupported(id.get(), request.version(), speaksOneOnly(arriving)));
        } else if (!StatelessTasks.knows(request.method())
                && (GONE.contains(request.method()) || request.method().startsWith("tasks/"))) {
            reply.error(
                    StatelessAnswer.NOT_FOUND,
                    Rewrite.error(id.get(), MessageReader.METHOD_NOT_FOUND, "Method not found"));
        } else if (request.state().filter(state -> state.startsWith(STATE)).isPresent()) {
            goOn(arriving, request, reply);
        } else {
            if (request.method().equals("subscriptions/listen")
                    && !arriving.headers().events()) {
                throw new Refused(new Refusal.BadRequest(406, "Accept has to name text/event-stream."));
            }
            if (!StatelessTasks.knows(request.method()) && !request.method().equals("server/discover")) {
                checkRoom(Owner.of(arriving.permitted().token()));
            }
            take(peers.apply(arriving), arriving, request, reply);
        }
    }

    /** Whether the server itself says what it speaks; one that cannot be had does not. */
    private boolean speaksOneOnly(Arriving arriving) {
        try {
            return peers.apply(arriving).peer().isModern();
        } catch (Refused _) {
            return false;
        }
    }

    private void take(Peers.Running server, Arriving arriving, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        var owner = Owner.of(arriving.permitted().token());
        checkHeaders(server.peer(), arriving, request);
        if (server.peer().isModern()) {
            pass(
                    server.peer(),
                    new StatelessPass.Passing(
                            owner, request, id, arriving.headers().events(), reply));
        } else if (StatelessTasks.knows(request.method())) {
            tasks.take(server, owner, request, reply);
        } else {
            switch (request.method()) {
                case "server/discover" ->
                    reply.json(
                            StatelessAnswer.discovery(
                                    id,
                                    server.introduction().result(),
                                    server.peer().privacy()),
                            Optional.empty());
                case "subscriptions/listen" -> listen(server, owner, request, reply);
                default -> call(server, arriving, request, reply);
            }
        }
    }

    private void pass(Peer peer, StatelessPass.Passing passing) {
        var one = new StatelessPass(passing, peer, this::passed);
        room.enter(one.owner(), one);
        passes.add(one);
        try {
            one.begin();
        } catch (Refused refused) {
            passed(one);
            peer.leave(one);
            throw refused;
        }
    }

    private void passed(StatelessPass one) {
        passes.remove(one);
        room.leave(one.owner(), one);
    }

    private void listen(Peers.Running server, Owner owner, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        if (!request.declaresTasks() && StatelessTasks.areOffered(server) && asksForTasks(request)) {
            reply.error(StatelessAnswer.BAD_REQUEST, TaskAnswer.needed(id));
            return;
        }
        var one = new StatelessListening(owner, id, server.peer(), reply, this::listened);
        room.enter(owner, one);
        listening.add(one);
        one.begin(
                request.params().flatMap(params -> params.member("notifications")),
                server.introduction().result().member("capabilities"));
        reply.onGone(_ -> one.close());
    }

    private void listened(StatelessListening one) {
        listening.remove(one);
        room.leave(one.owner(), one);
    }

    private static boolean asksForTasks(StatelessRequest request) {
        return request.params()
                .flatMap(params -> params.member("notifications"))
                .flatMap(wanted -> wanted.member("taskIds"))
                .isPresent();
    }

    private void checkHeaders(Peer peer, Arriving arriving, StatelessRequest request) {
        var sent = arriving.headers().arguments();
        if (!sent.isEmpty()) {
            headers.computeIfAbsent(peer, _ -> new ArgumentHeaders()).check(peer, request, sent);
        }
    }

    private void goOn(Arriving arriving, StatelessRequest request, Reply reply) {
        if (!arriving.headers().arguments().isEmpty()) {
            checkHeaders(peers.apply(arriving).peer(), arriving, request);
        }
        var events = arriving.headers().events();
        var _ = comesBack(arriving.permitted().token(), request, request.state().orElseThrow())
                .filter(back -> back.call().goOn(request, back.round(), events, reply))
                .orElseThrow(Stateless::lost);
    }

    private void call(Peers.Running server, Arriving arriving, StatelessRequest request, Reply reply) {
        if (request.state().isPresent()) {
            throw lost();
        }
        var token = arriving.permitted().token();
        var events = arriving.headers().events();
        var level = request.logLevel();
        if (level.filter(wanted -> StatelessCall.level(wanted) < 0).isPresent()) {
            throw new Refused(new Refusal.BadMessage(
                    MessageReader.INVALID_PARAMS, "Invalid params: io.modelcontextprotocol/logLevel is no level"));
        }
        level.ifPresent(wanted -> setLevel(server, wanted));
        var way = tasks.way(server, request, arriving.permitted().maySeeTasks());
        if (way == StatelessTasks.Way.NOT_AT_ALL) {
            reply.error(
                    StatelessAnswer.BAD_REQUEST, TaskAnswer.needed(request.id().orElseThrow()));
            return;
        }
        var id = Long.toString(nextId.getAndIncrement());
        var call = new StatelessCall(new StatelessCall.Whose(id, Owner.of(token), purpose(token)), request, this);
        room.enter(call.whose().owner(), call);
        calls.put(id, call);
        try {
            var bytes = way == StatelessTasks.Way.AS_TASK
                    ? StatelessTasks.asTask(request)
                    : request.legacy(Optional.empty());
            call.begin(server.peer(), bytes, events, reply);
        } catch (Refused refused) {
            over(call);
            throw refused;
        }
    }

    private record Back(StatelessCall call, int round) {}

    private Optional<Back> comesBack(VerifiedToken token, StatelessRequest request, String state) {
        return sealer.open(purpose(token), state.substring(STATE.length()))
                .filter(parts -> parts.get(2).equals(request.digest()))
                .flatMap(parts -> Optional.ofNullable(calls.get(parts.getFirst()))
                        .map(call -> new Back(call, Integer.parseInt(parts.get(1)))));
    }

    private static Refused lost() {
        return new Refused(new Refusal.BadMessage(
                MessageReader.INVALID_PARAMS,
                "Invalid params: no call waits for this requestState. It is too old, was answered already, was made for"
                        + " another request, or the proxy or the MCP server was started anew meanwhile."
                        + " Call again without it."));
    }

    private static String purpose(VerifiedToken token) {
        var text = new StringBuilder("waiting call");
        for (var part : List.of(
                token.resource().toString(),
                token.issuer(),
                token.subject(),
                token.clientId(),
                token.grantId().orElse(""))) {
            text.append('\n').append(part.length()).append(':').append(part);
        }
        return text.toString();
    }

    @Override
    public String state(StatelessCall call, int round) {
        return STATE
                + sealer.seal(
                        call.whose().purpose(),
                        clock.instant().plus(LIFE),
                        List.of(call.whose().id(), Integer.toString(round), call.digest()));
    }

    @Override
    public byte[] inItsWords(StatelessCall call, Peer peer, StatelessRequest request, byte[] answer) {
        return tasks.answer(peer, call.whose().owner(), request, answer);
    }

    @Override
    public void over(StatelessCall call) {
        calls.remove(call.whose().id());
        room.leave(call.whose().owner(), call);
    }

    private void checkRoom(Owner owner) {
        if (!room.isFor(owner)) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(1)));
        }
    }

    /** An older server has one level for all its requests: the most detailed that was asked for. */
    private void setLevel(Peers.Running server, String wanted) {
        var peer = server.peer();
        var logs = server.introduction()
                .result()
                .member("capabilities")
                .flatMap(all -> all.member("logging"))
                .isPresent();
        if (!logs || peer.privacy() == Peer.Privacy.EVERYBODY || !raises(peer, StatelessCall.level(wanted))) {
            return;
        }
        var request =
                Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"logging/setLevel\",\"params\":{\"level\":"
                        + Rewrite.quoted(wanted) + "}}");
        peer.call(
                peer.nextNumber(),
                new Call(Unheard.INSTANCE, "0", Optional.empty(), Unheard.INSTANCE),
                request,
                JsonText.strict(request));
    }

    private synchronized boolean raises(Peer peer, int wanted) {
        var before = levels.getOrDefault(peer, Integer.MAX_VALUE);
        levels.put(peer, Math.min(before, wanted));
        return wanted < before;
    }

    void tick() {
        calls.values().forEach(call -> {
            if (call.tick(LIFE)) {
                call.giveUp("The client has not come back.");
            }
        });
        listening.forEach(StatelessListening::tick);
        passes.forEach(StatelessPass::tick);
        tasks.tick();
    }

    void close() {
        calls.values().forEach(call -> call.giveUp("The proxy is stopping."));
        passes.forEach(pass -> pass.giveUp("The proxy is stopping."));
    }
}
