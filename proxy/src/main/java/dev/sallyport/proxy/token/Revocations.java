package dev.sallyport.proxy.token;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What has been revoked, looked up on every request in constant time: one hash look-up for each combination of fields
 * that revocations were made of, of which there are a handful.
 *
 * <p>Bound: an entry goes when every token that it could cover has expired; with more than 100,000 entries everything
 * issued until now counts as revoked, which costs each client one refresh. Concerns tokens of the Keycloak that feeds it.
 */
public final class Revocations {

    private static final Logger LOG = Logger.getLogger(Revocations.class);
    private static final int MAX_ENTRIES = 100_000;

    /** How long a revocation has to be known: as long as a token from before it may live. */
    public static final Duration RETENTION = Issuer.KEYCLOAK_LIFETIME.plus(Claims.SKEW.multipliedBy(2));

    private final InstantSource clock;
    private final Map<Key, Instant> entries = new ConcurrentHashMap<>();
    private final Set<Fields> shapes = new CopyOnWriteArraySet<>();
    private final List<Consumer<Revocation>> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Instant floor = Instant.MIN;
    private volatile Optional<String> issuer = Optional.empty();

    /** Which fields a revocation gives. */
    private record Fields(boolean grant, boolean subject, boolean client, boolean session, boolean resource) {}

    private record Key(
            Optional<String> grant,
            Optional<String> subject,
            Optional<String> client,
            Optional<String> session,
            Optional<String> resource) {}

    public Revocations(InstantSource clock) {
        this.clock = clock;
    }

    /** Only tokens of this issuer are concerned; without it, those of every issuer. */
    public void concern(Optional<String> issuer) {
        this.issuer = issuer;
    }

    /** Told of each revocation after it holds for new requests; must return quickly. */
    public void onRevoked(Consumer<Revocation> listener) {
        listeners.add(listener);
    }

    /** From now on no token that this covers passes. Repetition does no harm. */
    public void add(Revocation revocation) {
        var key = new Key(
                revocation.grantId(),
                revocation.subject(),
                revocation.clientId(),
                revocation.sessionId(),
                revocation.resource());
        lock.lock();
        try {
            store(key, revocation.at());
        } finally {
            lock.unlock();
        }
        listeners.forEach(listener -> listener.accept(revocation));
    }

    /** Forgets what no living token can be covered by. */
    public void prune() {
        lock.lock();
        try {
            var oldest = clock.instant().minus(RETENTION);
            entries.values().removeIf(at -> at.isBefore(oldest));
            if (entries.isEmpty()) {
                shapes.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether revocations say anything about tokens of this one's issuer. */
    public boolean concerns(VerifiedToken token) {
        return issuer.isEmpty() || issuer.get().equals(token.issuer());
    }

    boolean revoked(VerifiedToken token) {
        if (!concerns(token)) {
            return false;
        }
        if (!token.issuedAt().isAfter(floor)) {
            return true;
        }
        for (var shape : shapes) {
            var at = entries.get(key(shape, token));
            if (at != null && !token.issuedAt().isAfter(at)) {
                return true;
            }
        }
        return false;
    }

    private void store(Key key, Instant at) {
        var fields = fields(key);
        if (fields.equals(new Fields(false, false, false, false, false))) {
            raiseFloor(at);
            return;
        }
        entries.merge(key, at, (a, b) -> a.isAfter(b) ? a : b);
        shapes.add(fields);
        if (entries.size() > MAX_ENTRIES) {
            shrink();
        }
    }

    private void shrink() {
        prune();
        if (entries.size() > MAX_ENTRIES) {
            LOG.warnf(
                    "more than %d revocations at a time: every token issued until now counts as revoked", MAX_ENTRIES);
            raiseFloor(clock.instant());
            entries.clear();
        }
    }

    private void raiseFloor(Instant at) {
        if (at.isAfter(floor)) {
            floor = at;
        }
    }

    private static Fields fields(Key key) {
        return new Fields(
                key.grant().isPresent(),
                key.subject().isPresent(),
                key.client().isPresent(),
                key.session().isPresent(),
                key.resource().isPresent());
    }

    private static Key key(Fields shape, VerifiedToken token) {
        return new Key(
                shape.grant() ? token.grantId() : Optional.empty(),
                shape.subject() ? Optional.of(token.subject()) : Optional.empty(),
                shape.client() ? Optional.of(token.clientId()) : Optional.empty(),
                shape.session() ? token.sessionId() : Optional.empty(),
                shape.resource() ? Optional.of(token.resource().toString()) : Optional.empty());
    }
}
