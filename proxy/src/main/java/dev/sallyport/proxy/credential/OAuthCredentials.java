package dev.sallyport.proxy.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.ProviderProblem;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.OAuth2;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.vault.Changed;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Each person's own access token, refreshed in time. One refresh at a time for a connection, on all nodes together: who comes
 * second finds what the first has stored. What the provider gave is on disk before it is used, since a rotated refresh token
 * that is lost ends the connection.
 *
 * <p>A connection whose refresh token is refused, or whose provider is not the one it was made with, is marked so in the
 * vault: from then on nothing is sent for it, and the person is asked to connect anew.
 */
public final class OAuthCredentials implements Credentials {

    /** The fact that tells why a connection is not used any more; for the person's page. */
    public static final String ENDED = "ended";

    /** Values of {@link #ENDED}. */
    public static final String DEAD = "dead";

    public static final String FROZEN = "frozen";

    private static final Logger LOG = Logger.getLogger(OAuthCredentials.class);
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final Duration AHEAD = Duration.ofSeconds(60);
    private static final Duration REFRESH = Duration.ofSeconds(40);
    private static final int MAX_KEPT = 10_000;
    private static final Vault.Binding BINDING = new Vault.Binding.ToUser();

    private final ServerSettings server;
    private final OAuth2 settings;
    private final Means means;
    private final String connectUrl;
    private final Cache<String, Ready> ready = Caffeine.newBuilder()
            .expireAfterWrite(KEPT)
            .maximumSize(MAX_KEPT)
            .executor(Runnable::run)
            .build();

    /** What it stands on. */
    public record Means(
            Vault vault, Providers providers, Leases leases, CredentialEvents events, InstantSource clock) {}

    private record Ready(UpstreamCredential credential, Optional<Instant> due, Optional<Instant> end) {}

    /** A connection as it was found: usable, or ended for a reason. */
    private record Found(Ready ready, Map<String, String> facts) {
        boolean ended() {
            return facts.containsKey(ENDED);
        }
    }

    public OAuthCredentials(ServerSettings server, OAuth2 settings, Means means, String connectUrl) {
        this.server = server;
        this.settings = settings;
        this.means = means;
        this.connectUrl = connectUrl;
        means.vault().onChange(ready::invalidate);
    }

    @Override
    public boolean atHand() {
        return false;
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        var id = id(call);
        var known = ready.getIfPresent(id);
        if (known != null && !isPast(known.due())) {
            return known.credential();
        }
        return guarded(call, () -> {
            var found = checked(call);
            var usable = isPast(found.ready().due()) ? renewed(call, found) : found.ready();
            ready.put(id, usable);
            return usable.credential();
        });
    }

    @Override
    public Optional<UpstreamCredential> renew(PermittedCall call, UpstreamCredential refused) {
        ready.invalidate(id(call));
        return guarded(call, () -> {
            var found = checked(call);
            if (!same(found.ready().credential(), refused)) {
                return Optional.of(found.ready().credential());
            }
            return Optional.of(renewed(call, found).credential());
        });
    }

    /** A 401 says that the account is not good any more; a 403 may have another reason. */
    @Override
    public Refusal afterwards(Refusal.CredentialRefused refusal) {
        return refusal.status() == 401 ? new Refusal.ConnectionRequired(server.title(), connectUrl) : refusal;
    }

    private <T> T guarded(PermittedCall call, java.util.function.Supplier<T> work) {
        try {
            return work.get();
        } catch (VaultProblem | StoreProblem e) {
            LOG.errorf("A credential for %s cannot be had: %s", call.token().resource(), e.getMessage());
            throw new Refused(new Refusal.Unavailable("vault"));
        }
    }

    /** The stored connection, if it may be used; freezes it if its provider changed. */
    private Found checked(PermittedCall call) {
        var found = find(call).orElseThrow(this::reconnect);
        if (found.ended()) {
            throw reconnect();
        }
        var deviation = means.providers().deviation(server, settings.oauth(), found.facts());
        if (deviation.isPresent()) {
            end(call, FROZEN);
            tell(call, CredentialEvents.Event.FROZEN, deviation.get() + " changed since the account was connected");
            throw reconnect();
        }
        return found;
    }

    private Optional<Found> find(PermittedCall call) {
        return means.vault().with(call, BINDING, connection -> {
            var access = connection.secret(Providers.ACCESS).map(secret -> secret.<Secret>reveal(Secret::of));
            if (access.isEmpty()) {
                var facts = new TreeMap<>(connection.facts());
                facts.putIfAbsent(ENDED, DEAD);
                return new Found(new Ready(UpstreamCredential.NOTHING, Optional.empty(), Optional.empty()), facts);
            }
            return new Found(usable(connection, access.get()), connection.facts());
        });
    }

    private Ready usable(Connection connection, Secret access) {
        var end = time(connection, Providers.EXPIRES_AT);
        var due = end.map(at -> at.minus(ahead(connection, at)));
        return new Ready(HeaderLines.of(settings.headers(), access), due, end);
    }

    /** A minute before the end, but not before half of a short life: else every call would refresh. */
    private static Duration ahead(Connection connection, Instant end) {
        return time(connection, Providers.OBTAINED_AT)
                .map(begin -> Duration.between(begin, end).dividedBy(2))
                .filter(half -> half.compareTo(AHEAD) < 0)
                .orElse(AHEAD);
    }

    private static Optional<Instant> time(Connection connection, String fact) {
        return Optional.ofNullable(connection.facts().get(fact))
                .map(Long::parseLong)
                .map(Instant::ofEpochSecond);
    }

    /** One at a time; who waited finds another token than {@code old} and takes it. */
    private Ready renewed(PermittedCall call, Found old) {
        var name = "refresh " + id(call);
        var lease = means.leases().acquire(name, REFRESH, REFRESH);
        if (lease.isEmpty()) {
            return orOld(old, "another refresh takes too long");
        }
        try (var _ = lease.get()) {
            var now = checked(call);
            if (!same(now.ready().credential(), old.ready().credential())) {
                return now.ready();
            }
            return refreshed(call, now);
        }
    }

    private Ready refreshed(PermittedCall call, Found old) {
        var fresh = new Connection[1];
        try {
            var changed = means.vault().change(call, BINDING, before -> {
                fresh[0] = means.providers().refresh(server, settings.oauth(), before);
                return Optional.of(fresh[0]);
            });
            if (changed == Changed.STORED) {
                var access = fresh[0].secret(Providers.ACCESS).orElseThrow();
                return usable(fresh[0], access.<Secret>reveal(Secret::of));
            }
            // The person disconnected or switched meanwhile: what was just got must open nothing.
            Optional.ofNullable(fresh[0])
                    .ifPresent(unwanted -> means.providers().revoke(server, settings.oauth(), unwanted));
            return checked(call).ready();
        } catch (ProviderProblem e) {
            return failed(call, old, e);
        } finally {
            Optional.ofNullable(fresh[0]).ifPresent(Connection::wipe);
        }
    }

    private Ready failed(PermittedCall call, Found old, ProviderProblem problem) {
        if (problem.kind() == ProviderProblem.Kind.REFUSED) {
            end(call, DEAD);
            tell(call, CredentialEvents.Event.DIED, "the provider takes its refresh token no more");
            throw reconnect();
        }
        LOG.warnf("A token for %s cannot be refreshed: %s", server.name(), problem.getMessage());
        return orOld(old, "no answer");
    }

    /** A token that still lives is good while nothing better is to be had; one that was refused or ended is not. */
    private Ready orOld(Found old, String why) {
        if (old.ready().end().isPresent()
                && !isPast(old.ready().end())
                && isPast(old.ready().due())) {
            return old.ready();
        }
        LOG.warnf("No usable token for %s: %s", server.name(), why);
        throw new Refused(new Refusal.Unavailable("provider"));
    }

    /** The refresh token is kept for a frozen one, so that it can be revoked; a dead one has nothing worth keeping. */
    private void end(PermittedCall call, String why) {
        means.vault().change(call, BINDING, before -> {
            var facts = new TreeMap<>(before.facts());
            facts.put(ENDED, why);
            var secrets = new TreeMap<String, Secret>();
            if (why.equals(FROZEN)) {
                before.secrets().forEach((name, secret) -> secrets.put(name, secret.<Secret>reveal(Secret::of)));
            }
            return Optional.of(new Connection(before.account(), before.connectedAt(), facts, secrets));
        });
    }

    private void tell(PermittedCall call, CredentialEvents.Event event, String what) {
        var token = call.token();
        means.events().happened(event, server.name(), token.issuer(), token.subject(), what);
    }

    private Refused reconnect() {
        return new Refused(new Refusal.ConnectionRequired(server.title(), connectUrl));
    }

    private boolean isPast(Optional<Instant> time) {
        return time.filter(at -> !means.clock().instant().isBefore(at)).isPresent();
    }

    private static boolean same(UpstreamCredential one, UpstreamCredential other) {
        return one.secrets().size() == 1
                && other.secrets().size() == 1
                && one.secrets().getFirst().matches(other.secrets().getFirst());
    }

    private static String id(PermittedCall call) {
        return Vault.record(call, BINDING).storeKey();
    }
}
