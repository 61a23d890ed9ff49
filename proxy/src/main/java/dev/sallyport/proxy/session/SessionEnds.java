package dev.sallyport.proxy.session;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.store.Area;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Store;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * What ended sessions before their time, known to all nodes and after a restart: a grant, a consent, a person or a client was
 * revoked, or the connection behind a person's sessions at one server was removed. Asked on event loops, so it answers from
 * memory. The store gets hashes, which name nobody.
 *
 * <p>Bound: an end is kept for as long as a session may last; with more than 100,000 of them every session that began until
 * now has ended.
 */
public final class SessionEnds {

    /** How long a session may last: its id opens nothing afterwards. */
    static final Duration LONGEST = Duration.ofDays(30);

    private static final Logger LOG = Logger.getLogger(SessionEnds.class);
    private static final int MOST = 100_000;
    private static final long AGAIN = Duration.ofSeconds(2).toNanos();
    private static final String REALM = "realm";

    private final Optional<Area> area;
    private final InstantSource clock;
    private final Map<String, Instant> ends = new ConcurrentHashMap<>();
    private final Map<String, byte[]> unwritten = new ConcurrentHashMap<>();
    private final Semaphore writing = new Semaphore(1);
    private final Set<Shape> shapes = new CopyOnWriteArraySet<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Instant floor = Instant.MIN;

    /** Told of each end, on whatever node it came about; gets what says whether a token's streams are concerned. */
    public interface Listener {
        void ended(Predicate<VerifiedToken> concerned);
    }

    /** Which parts an end names. With {@code begun}, sessions count by when they began, else by when their token was issued. */
    private record Shape(
            boolean begun, boolean grant, boolean subject, boolean client, boolean login, boolean resource) {

        byte bits() {
            return (byte) ((begun ? 1 : 0)
                    | (grant ? 2 : 0)
                    | (subject ? 4 : 0)
                    | (client ? 8 : 0)
                    | (login ? 16 : 0)
                    | (resource ? 32 : 0));
        }

        static Shape of(byte bits) {
            return new Shape(
                    (bits & 1) != 0,
                    (bits & 2) != 0,
                    (bits & 4) != 0,
                    (bits & 8) != 0,
                    (bits & 16) != 0,
                    (bits & 32) != 0);
        }
    }

    private SessionEnds(Optional<Area> area, InstantSource clock) {
        this.area = area;
        this.clock = clock;
    }

    /** @throws StoreProblem if the store does not answer */
    public static SessionEnds in(Store store, InstantSource clock) {
        var area = store.area(AreaName.SESSIONS);
        var known = new SessionEnds(Optional.of(area), clock);
        area.onChange(key -> Thread.startVirtualThread(() -> known.hear(key)));
        area.forEach((key, value) -> known.learn(key, value, false));
        return known;
    }

    /** Known to this process only. */
    public static SessionEnds passing(InstantSource clock) {
        return new SessionEnds(Optional.empty(), clock);
    }

    public void onEnd(Listener listener) {
        listeners.add(listener);
    }

    /**
     * Ends the sessions that began with a token which this revokes. That something unknown was revoked costs every client a
     * new token, and no session.
     *
     * @param issuer whose tokens are concerned
     */
    public void revoked(String issuer, Revocation revocation) {
        var shape = new Shape(
                false,
                revocation.grantId().isPresent(),
                revocation.subject().isPresent(),
                revocation.clientId().isPresent(),
                revocation.sessionId().isPresent(),
                revocation.resource().isPresent());
        if (shape.bits() == 0 && !revocation.type().equals(REALM)) {
            return;
        }
        var key = key(
                shape,
                new Parts(
                        issuer,
                        revocation.grantId(),
                        revocation.subject(),
                        revocation.clientId(),
                        revocation.sessionId(),
                        revocation.resource()));
        end(shape, key, revocation.at());
    }

    /** Ends a person's sessions at one server, since what they stood on is gone. */
    public void disconnected(ResourceId resource, String issuer, String subject) {
        var shape = new Shape(true, false, true, false, false, true);
        var parts = new Parts(
                issuer,
                Optional.empty(),
                Optional.of(subject),
                Optional.empty(),
                Optional.empty(),
                Optional.of(resource.toString()));
        end(shape, key(shape, parts), clock.instant());
    }

    /** Whether a session is over. {@code begun}: when, by our clock; {@code issued}: its first token, by the issuer's. */
    boolean ended(Parts parts, Instant begun, Instant issued) {
        if (!begun.isAfter(floor) || begun.plus(LONGEST).isBefore(clock.instant())) {
            return true;
        }
        for (var shape : shapes) {
            var at = ends.get(key(shape, parts));
            if (at != null && !(shape.begun() ? begun : issued).isAfter(at)) {
                return true;
            }
        }
        return false;
    }

    /** Holds here at once, and elsewhere as soon as the store has told the others. */
    private void end(Shape shape, String key, Instant at) {
        var value = ByteBuffer.allocate(1 + Long.BYTES)
                .put(shape.bits())
                .putLong(at.toEpochMilli())
                .array();
        learn(key, value, true);
        area.ifPresent(store -> {
            if (unwritten.size() < MOST) {
                unwritten.put(key, value);
            }
            Thread.startVirtualThread(() -> write(store));
        });
    }

    /** One at a time, for as long as the store does not take them: an end that is lost would be undone by a restart. */
    private void write(Area store) {
        if (!writing.tryAcquire()) {
            return;
        }
        try {
            var told = false;
            while (!unwritten.isEmpty()) {
                try {
                    for (var entry : Map.copyOf(unwritten).entrySet()) {
                        store.put(entry.getKey(), entry.getValue(), LONGEST);
                        unwritten.remove(entry.getKey(), entry.getValue());
                    }
                } catch (StoreProblem e) {
                    if (!told) {
                        LOG.errorf("Other nodes do not hear yet that sessions ended: %s", e.getMessage());
                        told = true;
                    }
                    LockSupport.parkNanos(AGAIN);
                }
            }
        } finally {
            writing.release();
        }
        if (!unwritten.isEmpty()) {
            // Came in after the last look, when its own thread found this one still at work.
            write(store);
        }
    }

    private void hear(String key) {
        try {
            area.flatMap(store -> store.get(key)).ifPresent(value -> learn(key, value, false));
        } catch (StoreProblem e) {
            LOG.warnf("An end of sessions could not be read: %s", e.getMessage());
        }
    }

    /** @param ours whether it came about here; the store tells this node of that, too, and what began since goes on */
    private void learn(String key, byte[] value, boolean ours) {
        Shape shape;
        Instant at;
        try {
            var in = ByteBuffer.wrap(value);
            shape = Shape.of(in.get());
            at = Instant.ofEpochMilli(in.getLong());
        } catch (BufferUnderflowException _) {
            return;
        }
        var before = new AtomicReference<Instant>(Instant.MIN);
        ends.merge(key, at, (known, next) -> {
            before.set(known);
            return known.isAfter(next) ? known : next;
        });
        shapes.add(shape);
        if (ends.size() > MOST) {
            ends.values().removeIf(end -> end.plus(LONGEST).isBefore(clock.instant()));
            if (ends.size() > MOST) {
                LOG.warn("more ends of sessions than are remembered: every session until now has ended");
                floor = clock.instant();
                ends.clear();
            }
        }
        if (at.isAfter(before.get()) || (ours && at.equals(before.get()))) {
            listeners.forEach(listener -> listener.ended(token -> concerns(shape, key, at, token)));
        }
    }

    /** Streams of a removed connection end whenever their token was issued: they stand on what is gone. */
    private static boolean concerns(Shape shape, String key, Instant at, VerifiedToken token) {
        return (shape.begun() || !token.issuedAt().isAfter(at))
                && key(shape, Parts.of(token)).equals(key);
    }

    /** Whose a session is. */
    record Parts(
            String issuer,
            Optional<String> grant,
            Optional<String> subject,
            Optional<String> client,
            Optional<String> login,
            Optional<String> resource) {

        static Parts of(VerifiedToken token) {
            return new Parts(
                    token.issuer(),
                    token.grantId(),
                    Optional.of(token.subject()),
                    Optional.of(token.clientId()),
                    token.sessionId(),
                    Optional.of(token.resource().toString()));
        }
    }

    /** Each part with its length, so that no two ends read the same. */
    private static String key(Shape shape, Parts parts) {
        var text = new StringBuilder("end 1 ").append(shape.bits());
        add(text, true, Optional.of(parts.issuer()));
        add(text, shape.grant(), parts.grant());
        add(text, shape.subject(), parts.subject());
        add(text, shape.client(), parts.client());
        add(text, shape.login(), parts.login());
        add(text, shape.resource(), parts.resource());
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void add(StringBuilder text, boolean named, Optional<String> part) {
        var value = named ? part.orElse("") : "";
        text.append('\n').append(value.length()).append(':').append(value);
    }
}
