package dev.sallyport.proxy.token;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.net.URI;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one issuer. Bound: one key set. Age: asked for anew every ten minutes in the background, and at once for a
 * key id that nobody knows (three times in a row, then once in ten seconds). When the issuer is down, the last keys
 * serve for a day; after that, and before the first keys, nothing can be verified.
 */
final class KeySource {

    private static final Logger LOG = Logger.getLogger(KeySource.class);

    static final Duration REFRESH = Duration.ofMinutes(10);
    static final Duration MAX_AGE = Duration.ofHours(24);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);
    private static final int BURST = 3;

    private final Issuer issuer;
    private final Documents documents;
    private final InstantSource clock;
    private final AtomicReference<Optional<Fetched>> current = new AtomicReference<>(Optional.empty());
    private final AtomicReference<@Nullable CompletableFuture<Void>> running = new AtomicReference<>();
    private final AtomicReference<Allowance> allowance;

    private record Fetched(KeySet keys, Instant at) {}

    /** How many fetches may start now, as of a time. */
    private record Allowance(int left, Instant asOf) {}

    KeySource(Issuer issuer, Documents documents, InstantSource clock) {
        this.issuer = issuer;
        this.documents = documents;
        this.clock = clock;
        this.allowance = new AtomicReference<>(new Allowance(BURST, clock.instant()));
    }

    boolean seen() {
        return current.get().isPresent();
    }

    /** Fetches unless it was done lately; waits for the outcome. */
    void warmUp() {
        fetch(false);
    }

    /**
     * The key for this token, fetched if need be.
     *
     * @throws Refused if there is no such key, or nobody can say
     */
    PublicKey find(Jwt jwt) {
        var known = fresh();
        if (known.isPresent()) {
            var key = known.get().keys().find(jwt);
            if (key.isPresent()) {
                refreshInBackground(known.get());
                return key.get();
            }
        }
        fetch(true);
        return fresh().orElseThrow(() -> new Refused(new Refusal.CannotVerify()))
                .keys()
                .find(jwt)
                .orElseThrow(() -> Jwt.refused(Refusal.InvalidToken.Reason.UNKNOWN_KEY));
    }

    private Optional<Fetched> fresh() {
        return current.get().filter(keys -> keys.at().plus(MAX_AGE).isAfter(clock.instant()));
    }

    private void refreshInBackground(Fetched keys) {
        if (keys.at().plus(REFRESH).isBefore(clock.instant()) && running.get() == null) {
            Thread.ofVirtual().name("jwks").start(() -> fetch(false));
        }
    }

    /** One fetch at a time; whoever comes meanwhile waits for it. */
    private void fetch(boolean wait) {
        var mine = new CompletableFuture<Void>();
        var other = running.compareAndExchange(null, mine);
        if (other != null) {
            if (wait) {
                other.join();
            }
            return;
        }
        try {
            if (mayFetch()) {
                download();
            }
        } finally {
            running.set(null);
            mine.complete(null);
        }
    }

    private void download() {
        var keys = address()
                .flatMap(documents::get)
                .flatMap(KeySet::of)
                .filter(set -> !set.keys().isEmpty());
        if (keys.isPresent()) {
            if (!seen()) {
                LOG.infof("keys of %s seen", issuer.name());
            }
            current.set(Optional.of(new Fetched(keys.get(), clock.instant())));
        } else {
            LOG.warnf(
                    "no usable key set from %s; %s",
                    issuer.name(), seen() ? "the last one serves on" : "nothing can be verified");
        }
    }

    private Optional<URI> address() {
        return issuer.jwks()
                .or(() -> MetadataAddresses.of(issuer.name()).stream()
                        .flatMap(address -> documents.get(address).stream())
                        .filter(metadata -> Jwt.text(metadata, "issuer").equals(Optional.of(issuer.name())))
                        .flatMap(metadata -> Jwt.text(metadata, "jwks_uri").stream())
                        .flatMap(text -> MetadataAddresses.acceptable(text).stream())
                        .findFirst());
    }

    private boolean mayFetch() {
        var now = clock.instant();
        var before = allowance.getAndUpdate(old -> spend(old, now));
        return refill(before, now).left() > 0;
    }

    private static Allowance spend(Allowance old, Instant now) {
        var filled = refill(old, now);
        return filled.left() > 0 ? new Allowance(filled.left() - 1, filled.asOf()) : filled;
    }

    private static Allowance refill(Allowance old, Instant now) {
        var steps = Duration.between(old.asOf(), now).dividedBy(BETWEEN_FETCHES);
        if (steps <= 0) {
            return old;
        }
        return new Allowance(
                (int) Math.min(BURST, old.left() + steps), old.asOf().plus(BETWEEN_FETCHES.multipliedBy(steps)));
    }

    /** Where RFC 8414 and OpenID Connect Discovery put the metadata of an issuer. */
    static final class MetadataAddresses {

        private MetadataAddresses() {}

        static List<URI> of(String issuer) {
            var uri = URI.create(issuer);
            var origin = uri.getScheme() + "://" + uri.getRawAuthority();
            var path = uri.getRawPath().endsWith("/")
                    ? uri.getRawPath().substring(0, uri.getRawPath().length() - 1)
                    : uri.getRawPath();
            return List.of(
                    URI.create(origin + "/.well-known/oauth-authorization-server" + path),
                    URI.create(origin + path + "/.well-known/openid-configuration"));
        }

        /** A document of the issuer does not get us to fetch from anywhere but the web. */
        static Optional<URI> acceptable(String text) {
            try {
                var uri = URI.create(text);
                var host = uri.getHost();
                var local =
                        host != null && (host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]"));
                var sound = host != null
                        && uri.getRawUserInfo() == null
                        && ("https".equals(uri.getScheme()) || (local && "http".equals(uri.getScheme())));
                return sound ? Optional.of(uri) : Optional.empty();
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        }
    }
}
