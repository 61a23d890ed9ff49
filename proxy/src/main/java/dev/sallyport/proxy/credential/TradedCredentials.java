package dev.sallyport.proxy.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.ProviderProblem;
import dev.sallyport.proxy.provider.Tokens;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.VerifiedToken;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * An access token for the very token with which somebody called: it is got for that one, used with that one, and forgotten
 * with it, so nothing of another person, client or grant can come out. At most 10,000 are kept, in memory only, until they
 * end, their token ends, or {@link #forget} says so, and overwritten a minute later; one request at a time for each, and after a refusal none for ten seconds.
 */
public final class TradedCredentials implements Credentials {

    private static final Logger LOG = Logger.getLogger(TradedCredentials.class);
    private static final Duration AHEAD = Duration.ofSeconds(30);
    private static final Duration UNSAID = Duration.ofMinutes(1);
    private static final Duration REFUSED = Duration.ofSeconds(10);
    private static final int MAX_KEPT = 10_000;

    private final ServerSettings server;
    private final CredentialSettings.Traded settings;
    private final Function<Secret, Tokens> trade;
    private final Refusal nothing;
    private final InstantSource clock;
    private final Cache<String, Kept> kept;
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    /** What came of a trade for somebody: a credential, or that there is none. */
    private sealed interface Kept {
        Instant until();

        record Got(VerifiedToken whose, UpstreamCredential credential, Instant since, Instant until) implements Kept {}

        record None(Instant until) implements Kept {}
    }

    /** A trade under way. What it stands on may end before its answer comes, which then serves only those who waited for it. */
    private static final class Running {
        private final VerifiedToken whose;
        private final CompletableFuture<Kept> answer = new CompletableFuture<>();
        private volatile boolean ended;

        Running(VerifiedToken whose) {
            this.whose = whose;
        }
    }

    /**
     * For one server.
     *
     * @param trade gets a token for a presented one; throws {@link ProviderProblem}
     * @param nothing what is said to whom there is none for
     */
    public TradedCredentials(
            ServerSettings server,
            CredentialSettings.Traded settings,
            Function<Secret, Tokens> trade,
            Refusal nothing,
            InstantSource clock) {
        this(server, settings, trade, nothing, new Time(clock, ConnectedCredentials.LATER));
    }

    /** The clock, and what runs a minute later. */
    record Time(InstantSource clock, Executor later) {}

    TradedCredentials(
            ServerSettings server,
            CredentialSettings.Traded settings,
            Function<Secret, Tokens> trade,
            Refusal nothing,
            Time time) {
        this.kept = Caffeine.newBuilder()
                .expireAfterWrite(Duration.ofMinutes(10))
                .maximumSize(MAX_KEPT)
                .executor(Runnable::run)
                .<String, Kept>removalListener((_, one, _) -> {
                    if (one instanceof Kept.Got got) {
                        // By then the calls that were just given it have long sent it.
                        time.later().execute(got.credential()::wipe);
                    }
                })
                .build();
        this.server = server;
        this.settings = settings;
        this.trade = trade;
        this.nothing = nothing;
        this.clock = time.clock();
    }

    @Override
    public boolean atHand() {
        return false;
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        var presented = presented(call);
        var key = key(presented);
        return switch (fresh(key).orElseGet(() -> get(key, presented, call))) {
            case Kept.Got(var _, var credential, var _, var _) -> credential;
            case Kept.None _ -> throw new Refused(nothing);
        };
    }

    /** Another only if this one was not got a moment ago: a server that refuses everything must not make us ask for ever. */
    @Override
    public Optional<UpstreamCredential> renew(PermittedCall call, UpstreamCredential refused) {
        var key = key(presented(call));
        var old = kept.getIfPresent(key);
        if (old instanceof Kept.Got(var _, var credential, var since, var _) && credential.equals(refused)) {
            if (clock.instant().isBefore(since.plus(REFUSED))) {
                return Optional.empty();
            }
            kept.asMap().remove(key, old);
        }
        return Optional.of(issueFor(call));
    }

    /** What is said when the server takes no token of this person's. */
    @Override
    public Refusal afterwards(Refusal.CredentialRefused refusal) {
        return refusal.status() == 401 && nothing instanceof Refusal.ConnectionRequired ? nothing : refusal;
    }

    /** Forgets what was got for these tokens, and what is being got: it is never used after a call that is under way. */
    public void forget(Predicate<VerifiedToken> concerned) {
        running.values().removeIf(trade -> {
            var ends = concerned.test(trade.whose);
            if (ends) {
                trade.ended = true;
            }
            return ends;
        });
        kept.asMap().values().removeIf(one -> one instanceof Kept.Got got && concerned.test(got.whose()));
    }

    private Optional<Kept> fresh(String key) {
        return Optional.ofNullable(kept.getIfPresent(key))
                .filter(one -> clock.instant().isBefore(one.until()));
    }

    /** Who comes with the same token while another asks waits for that answer. */
    private Kept get(String key, Secret presented, PermittedCall call) {
        var mine = new Running(call.token());
        var others = running.putIfAbsent(key, mine);
        if (others != null) {
            try {
                return others.answer.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof Refused refused ? refused : e;
            }
        }
        try {
            var got = fresh(key).orElseGet(() -> ask(presented, call));
            kept.put(key, got);
            if (mine.ended) {
                // After it was put: an end that comes later than this look finds it.
                kept.asMap().remove(key, got);
            }
            mine.answer.complete(got);
            return got;
        } catch (RuntimeException e) {
            mine.answer.completeExceptionally(e);
            throw e;
        } finally {
            running.remove(key, mine);
        }
    }

    private Kept ask(Secret presented, PermittedCall call) {
        var now = clock.instant();
        try {
            var tokens = trade.apply(presented);
            var end = tokens.expiresAt().orElse(now.plus(UNSAID));
            var half = Duration.between(now, end).dividedBy(2);
            var until = end.minus(half.compareTo(AHEAD) < 0 ? half : AHEAD);
            var last = call.token().expiresAt();
            return new Kept.Got(
                    call.token(),
                    HeaderLines.of(settings.headers(), tokens.access()),
                    now,
                    until.isBefore(last) ? until : last);
        } catch (ProviderProblem e) {
            LOG.warnf("No token for %s in exchange for a caller's: %s", server.name(), e.getMessage());
            if (e.kind() == ProviderProblem.Kind.REFUSED) {
                return new Kept.None(now.plus(REFUSED));
            }
            throw new Refused(new Refusal.Unavailable("provider"));
        }
    }

    private static Secret presented(PermittedCall call) {
        return call.token()
                .presented()
                .orElseThrow(() -> new IllegalStateException("a token for a server of this kind is kept as presented"));
    }

    private static String key(Secret presented) {
        return presented.reveal(bytes -> {
            try {
                var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
                return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        });
    }
}
