package dev.sallyport.proxy.credential;

import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.ProviderProblem;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.provider.Tokens;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * One access token for everybody, which the proxy gets for itself. It is kept in memory only; each node gets its own, one
 * request at a time, and another shortly before it ends.
 */
public final class ClientCredentials implements Credentials {

    private static final Logger LOG = Logger.getLogger(ClientCredentials.class);
    private static final Duration AHEAD = Duration.ofSeconds(30);
    private static final Duration UNSAID = Duration.ofMinutes(5);

    private static final Optional<CompletableFuture<Kept>> NOBODY = Optional.empty();

    private final ServerSettings server;
    private final CredentialSettings.ClientCredentials settings;
    private final Providers providers;
    private final InstantSource clock;
    private final AtomicReference<Optional<Kept>> kept = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<CompletableFuture<Kept>>> running = new AtomicReference<>(NOBODY);

    private record Kept(UpstreamCredential credential, Instant due, Instant end) {}

    public ClientCredentials(
            ServerSettings server,
            CredentialSettings.ClientCredentials settings,
            Providers providers,
            InstantSource clock) {
        this.server = server;
        this.settings = settings;
        this.providers = providers;
        this.clock = clock;
    }

    @Override
    public boolean atHand() {
        return fresh().isPresent();
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        return fresh().orElseGet(this::get).credential();
    }

    @Override
    public Optional<UpstreamCredential> renew(PermittedCall call, UpstreamCredential refused) {
        var now = kept.get();
        if (now.isPresent() && now.get().credential().equals(refused)) {
            kept.compareAndSet(now, Optional.empty());
        }
        return Optional.of(issueFor(call));
    }

    private Optional<Kept> fresh() {
        return kept.get().filter(value -> clock.instant().isBefore(value.due()));
    }

    /** Who comes while another asks waits for that answer. */
    private Kept get() {
        var mine = new CompletableFuture<Kept>();
        var others = running.compareAndExchange(NOBODY, Optional.of(mine));
        if (others.isPresent()) {
            try {
                return others.get().join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        try {
            var got = fresh().orElseGet(this::ask);
            mine.complete(got);
            return got;
        } catch (RuntimeException e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            running.set(NOBODY);
        }
    }

    private Kept ask() {
        try {
            var got = kept(providers.own(server, settings.oauth()));
            kept.set(Optional.of(got));
            return got;
        } catch (ProviderProblem e) {
            LOG.warnf("No token for %s: %s", server.name(), e.getMessage());
            return kept.get()
                    .filter(old -> clock.instant().isBefore(old.end()))
                    .orElseThrow(() -> new Refused(new Refusal.Unavailable("provider")));
        }
    }

    private Kept kept(Tokens tokens) {
        var now = clock.instant();
        var end = tokens.expiresAt().orElse(now.plus(UNSAID));
        var life = Duration.between(now, end);
        var due = life.compareTo(AHEAD.multipliedBy(2)) > 0 ? end.minus(AHEAD) : now.plus(life.dividedBy(2));
        return new Kept(HeaderLines.of(settings.headers(), tokens.access()), due, end);
    }
}
