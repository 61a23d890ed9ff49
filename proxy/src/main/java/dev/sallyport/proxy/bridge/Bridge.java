package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.credential.UpstreamCredential;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.mcp.Revisions;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.session.Session;
import dev.sallyport.proxy.settings.UpstreamSettings.ProcessLimits;
import dev.sallyport.proxy.settings.UpstreamSettings.Sharing;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** One MCP server behind pipes, as clients of the gate see it: an endpoint of Streamable HTTP. Everything may block. */
public final class Bridge implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Bridge.class);
    private static final Duration TICK = Duration.ofSeconds(5);
    private static final int MAX_SESSIONS = 10_000;

    /** Sessions of one person cost memory only, unless each has a process. */
    private static final int MAX_SESSIONS_OF_ONE = 100;

    private final SecureRandom random = new SecureRandom();
    private final Sharing sharing;
    private final Peers peers;
    private final boolean elsewhere;
    private final Declared declared;
    private final Stateless stateless;
    private final Events events;
    private final int sessionsOfOne;
    private final Map<String, BridgeSession> sessions = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("bridge").factory());

    /** @param events where other nodes find what streams here have said */
    public Bridge(Wires wires, Sharing sharing, ProcessLimits limits, Events events) {
        this.events = events;
        this.sharing = sharing;
        this.peers = new Peers(wires, privacy(sharing), limits);
        this.elsewhere = wires.isElsewhere();
        this.declared = elsewhere ? Declared.FOR_ANY_ELSEWHERE : Declared.FOR_ANY;
        this.stateless = new Stateless(this::peerOf, random);
        this.sessionsOfOne =
                sharing == Sharing.SESSION ? Math.clamp(limits.processes() / 4, 1, 20) : MAX_SESSIONS_OF_ONE;
        var _ = clock.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Peer.Privacy privacy(Sharing sharing) {
        return switch (sharing) {
            case USER, SESSION -> Peer.Privacy.ONE_PERSON;
            case SHARED -> Peer.Privacy.EVERYBODY;
        };
    }

    /**
     * Answers one request, now or later.
     *
     * @throws Refused if it cannot be taken; the reply was not touched then
     */
    public void take(Arriving arriving, Reply reply) {
        switch (arriving.transport()) {
            case STREAMABLE_HTTP -> takeStreamable(arriving, reply);
            case HTTP_SSE -> takeSse(arriving, reply);
        }
    }

    private void takeStreamable(Arriving arriving, Reply reply) {
        switch (arriving.method()) {
            case "GET" -> listen(arriving, reply);
            case "DELETE" -> {
                end(legacySession(arriving));
                reply.status(204);
            }
            default -> post(arriving, reply);
        }
    }

    /** The session may be another node's: then what that has kept of its streams is all that can be had here. */
    private void listen(Arriving arriving, Reply reply) {
        var id = sessionId(arriving);
        var place = arriving.headers().lastEventId().flatMap(Place::of);
        var own = found(id, arriving);
        if (own.isEmpty() && place.isPresent() && arriving.headers().events()) {
            Replay.run(events, events.shelf(id, Owner.of(arriving.permitted().token())), place.get(), reply);
            return;
        }
        var session = legacySession(arriving);
        if (!arriving.headers().events()) {
            throw notEvents();
        }
        session.listen(reply, arriving.headers().lastEventId());
    }

    private void takeSse(Arriving arriving, Reply reply) {
        if (arriving.method().equals("GET")) {
            if (!arriving.headers().events()) {
                throw notEvents();
            }
            var found = arriving.session()
                    .upstreamId()
                    .flatMap(id -> found(id, arriving))
                    .filter(SseSession.class::isInstance)
                    .map(SseSession.class::cast);
            found.orElseGet(() -> openSse(arriving))
                    .listen(reply, found.flatMap(_ -> arriving.headers().lastEventId()));
            return;
        }
        var messages = messages(arriving);
        if (!(session(arriving) instanceof SseSession session)) {
            throw new Refused(new Refusal.UnknownSession());
        }
        session.take(arriving, messages, isBatch(arriving), reply);
    }

    private SseSession openSse(Arriving arriving) {
        var owner = Owner.of(arriving.permitted().token());
        makeRoom(owner);
        var session = new SseSession(newId(), owner, events.memory().of(owner.person()), this::peerOf, elsewhere);
        sessions.put(session.id(), session);
        return session;
    }

    /**
     * Says something of our own to a client of HTTP+SSE, which reads no answers to its POSTs; false if there is no such
     * session.
     */
    public boolean tell(Session session, VerifiedToken token, byte[] message) {
        return session.upstreamId()
                .map(sessions::get)
                .filter(known -> known.owner().equals(Owner.of(token)))
                .filter(known -> known instanceof SseSession sse && sse.tell(message))
                .isPresent();
    }

    private static Refused notEvents() {
        return new Refused(new Refusal.BadRequest(406, "Accept has to name text/event-stream."));
    }

    private static boolean isBatch(Arriving arriving) {
        return JsonText.strict(arriving.body().orElseThrow()).kind() == JsonText.Kind.ARRAY;
    }

    private static List<byte[]> messages(Arriving arriving) {
        var bytes = arriving.body().orElseThrow();
        var text = JsonText.strict(bytes);
        var messages = new ArrayList<byte[]>();
        if (text.kind() == JsonText.Kind.ARRAY) {
            text.elements().forEach(element -> messages.add(element.copy()));
        } else {
            messages.add(bytes);
        }
        return messages;
    }

    private void post(Arriving arriving, Reply reply) {
        var bytes = arriving.body().orElseThrow();
        var text = JsonText.strict(bytes);
        var batch = text.kind() == JsonText.Kind.ARRAY;
        var modern = StatelessRequest.of(bytes, text);
        if (modern.isPresent()) {
            stateless.take(arriving, modern.get(), reply);
            return;
        }
        var initializes = !batch
                && text.member("method").flatMap(JsonText::string).orElse("").equals("initialize");
        var unknown = arriving.headers().revision().filter(revision -> !Revisions.isKnown(revision));
        // What initialize asks for stands in its body, and is answered with what there is.
        if (unknown.isPresent() && !initializes) {
            var id = batch ? "null" : text.member("id").map(JsonText::json).orElse("null");
            reply.error(StatelessAnswer.BAD_REQUEST, StatelessAnswer.unsupported(id, unknown.get(), false));
            return;
        }
        if (initializes
                && text.member("id").isPresent()
                && arriving.session().upstreamId().isEmpty()) {
            begin(arriving, text, reply);
            return;
        }
        legacySession(arriving).take(arriving, messages(arriving), batch, reply);
    }

    private void begin(Arriving arriving, JsonText initialize, Reply reply) {
        var owner = Owner.of(arriving.permitted().token());
        var params = initialize.member("params");
        makeRoom(owner);
        var id = newId();
        var session = new LegacySession(id, owner, Declared.by(params, elsewhere), kept(id, owner), this::peerOf);
        sessions.put(session.id(), session);
        try {
            var result = session.begin(arriving.credential());
            var requestId = initialize.member("id").map(JsonText::json).orElseThrow();
            reply.json(
                    Rewrite.result(requestId, new String(result, StandardCharsets.UTF_8)), Optional.of(session.id()));
        } catch (Refused refused) {
            end(session);
            throw refused;
        }
    }

    private LegacySession.Kept kept(String id, Owner owner) {
        return new LegacySession.Kept(events.shelf(id, owner), events.memory().of(owner.person()));
    }

    private LegacySession legacySession(Arriving arriving) {
        if (session(arriving) instanceof LegacySession session) {
            return session;
        }
        throw new Refused(new Refusal.UnknownSession());
    }

    private BridgeSession session(Arriving arriving) {
        return found(sessionId(arriving), arriving).orElseThrow(() -> new Refused(new Refusal.UnknownSession()));
    }

    private static String sessionId(Arriving arriving) {
        return arriving.session()
                .upstreamId()
                .orElseThrow(() -> new Refused(new Refusal.BadMessage(
                        MessageReader.INVALID_REQUEST,
                        "Invalid request: begin with initialize, then send the Mcp-Session-Id that it answers with")));
    }

    /** The gate has opened the id for this principal already; who is served is worth a second look. */
    private Optional<BridgeSession> found(String id, Arriving arriving) {
        return Optional.ofNullable(sessions.get(id))
                .filter(session -> !session.isClosed()
                        && session.owner().equals(Owner.of(arriving.permitted().token())));
    }

    private Peers.Running peerOf(BridgeSession session, UpstreamCredential credential) {
        return switch (sharing) {
            case SESSION -> {
                if (session.conversation().hasLostItsServer()) {
                    // What the process knew of this session is gone with it: the client has to begin anew.
                    end(session);
                    throw new Refused(new Refusal.UnknownSession());
                }
                if (session instanceof SseSession sse && !sse.hasBegun()) {
                    throw new Refused(new Refusal.BadMessage(
                            MessageReader.INVALID_REQUEST, "Invalid request: begin with initialize"));
                }
                yield peers.of(
                        "session " + session.id(),
                        credential,
                        session.conversation().declared());
            }
            case USER -> peers.of(keyOf(session.owner().person()), credential, Declared.FOR_ANY);
            case SHARED -> peers.of("everybody", credential, Declared.FOR_EVERYBODY);
        };
    }

    /** The server of a client that has no session. */
    private Peers.Running peerOf(Arriving arriving) {
        var token = arriving.permitted().token();
        var owner = Owner.of(token);
        var credential = arriving.credential();
        return switch (sharing) {
            case SESSION -> {
                var group = "stateless " + keyOf(owner.person()) + ' ';
                var key = group + token.grantId().orElse("") + ' ' + owner.client();
                peers.makeRoom(group, key, sessionsOfOne);
                yield peers.of(key, credential, declared);
            }
            case USER -> peers.of(keyOf(owner.person()), credential, Declared.FOR_ANY);
            case SHARED -> peers.of("everybody", credential, Declared.FOR_EVERYBODY);
        };
    }

    /** With the lengths of its parts, so that no two people read the same, nor one as the beginning of another. */
    private static String keyOf(Owner.Person person) {
        return "person " + person.issuer().length() + ' ' + person.subject().length() + ' ' + person.issuer() + ' '
                + person.subject();
    }

    /** The person's own sessions make room first: nobody loses theirs to somebody else's. */
    private void makeRoom(Owner owner) {
        sessions.values().stream().filter(BridgeSession::isClosed).toList().forEach(this::end);
        var own = sessions.values().stream()
                .filter(session -> session.owner().person().equals(owner.person()))
                .sorted(Comparator.comparingLong(BridgeSession::used))
                .toList();
        for (var at = 0; at <= own.size() - sessionsOfOne; at++) {
            end(own.get(at));
        }
        if (sessions.size() >= MAX_SESSIONS) {
            throw new Refused(new Refusal.TooManyRequests(Duration.ofSeconds(30)));
        }
    }

    private void end(BridgeSession session) {
        sessions.remove(session.id());
        session.close();
        if (sharing == Sharing.SESSION) {
            peers.end("session " + session.id());
        }
    }

    private String newId() {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private void tick() {
        try {
            lookAfter();
        } catch (RuntimeException e) {
            LOG.error("sessions could not be looked after; the next round tries again", e);
        }
    }

    private void lookAfter() {
        sessions.values().forEach(session -> {
            session.tick();
            if (session.isIdle()) {
                end(session);
            }
        });
        stateless.tick();
        peers.tick();
    }

    /** How many processes there are. */
    public int running() {
        return peers.running();
    }

    /** Lets running calls finish for so long, then ends everything. */
    public void close(Duration patience) {
        var until = System.nanoTime() + patience.toNanos();
        while (peers.callsRunning() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        close();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        stateless.close();
        sessions.values().forEach(BridgeSession::close);
        sessions.clear();
        peers.close();
    }
}
