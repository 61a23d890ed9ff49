package dev.sallyport.proxy.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.Part;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Each person's own credential, out of the vault. Headers are kept ready for half a minute for at most 10,000 people, so
 * that a busy client does not cost a decryption a call; connecting and disconnecting forgets them: on this node at once, on others as
 * soon as the store has told them. What is forgotten is overwritten a minute later.
 */
public final class ConnectedCredentials implements Credentials {

    private static final Logger LOG = Logger.getLogger(ConnectedCredentials.class);
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final int MAX_KEPT = 10_000;
    /** A minute. */
    static final Executor LATER = CompletableFuture.delayedExecutor(
            1, TimeUnit.MINUTES, task -> Thread.ofVirtual().start(task));

    private final CredentialSettings.PerUser settings;
    private final Vault vault;
    private final Place place;
    private final Cache<String, UpstreamCredential> ready = Caffeine.newBuilder()
            .expireAfterWrite(KEPT)
            .maximumSize(MAX_KEPT)
            .executor(Runnable::run)
            .removalListener(ConnectedCredentials::forget)
            .build();

    /**
     * Where somebody without an account is sent.
     *
     * @param server the server's name for people
     * @param connectUrl the page where an account is connected
     */
    public record Place(String server, String connectUrl) {}

    public ConnectedCredentials(CredentialSettings.PerUser settings, Vault vault, Place place) {
        this.settings = settings;
        this.vault = vault;
        this.place = place;
        vault.onChange(ready::invalidate);
    }

    @Override
    public boolean atHand() {
        return false;
    }

    @Override
    public UpstreamCredential issueFor(PermittedCall call) {
        try {
            var key = Vault.record(call, binding()).storeKey();
            var known = ready.getIfPresent(key);
            if (known != null) {
                return known;
            }
            var opened = open(call)
                    .or(() -> settings.binding() == CredentialSettings.Binding.GRANT && vault.claim(call)
                            ? open(call)
                            : Optional.empty())
                    .orElseThrow(() -> new Refused(new Refusal.ConnectionRequired(place.server(), place.connectUrl())));
            ready.put(key, opened);
            return opened;
        } catch (VaultProblem e) {
            LOG.errorf("A credential for %s cannot be opened: %s", call.token().resource(), e.getMessage());
            throw new Refused(new Refusal.Unavailable("vault"));
        }
    }

    private Optional<UpstreamCredential> open(PermittedCall call) {
        return vault.with(call, binding(), connection -> headers(settings, connection));
    }

    private Vault.Binding binding() {
        return switch (settings.binding()) {
            case USER -> new Vault.Binding.ToUser();
            case GRANT -> new Vault.Binding.ToGrant();
        };
    }

    /** Overwritten when the calls that were just given it have long sent it. */
    private static void forget(@Nullable String key, @Nullable UpstreamCredential credential, RemovalCause cause) {
        if (credential != null) {
            LATER.execute(credential::wipe);
        }
    }

    /** A 401 says that the account is not good any more; a 403 may have another reason. */
    @Override
    public Refusal afterwards(Refusal.CredentialRefused refusal) {
        return refusal.status() == 401 ? new Refusal.ConnectionRequired(place.server(), place.connectUrl()) : refusal;
    }

    /** The headers that a connection becomes; also for the try before it is stored. */
    public static UpstreamCredential headers(CredentialSettings.Connectable settings, Connection connection) {
        return switch (settings) {
            case CredentialSettings.OAuth2 _ ->
                HeaderLines.of(settings.headers(), settings.query(), part(connection, Providers.ACCESS));
            case CredentialSettings.PerUser own ->
                switch (own.form()) {
                    case API_KEY -> HeaderLines.of(own.headers(), own.query(), part(connection, "value"));
                    case BASIC -> account(own, part(connection, "username"), part(connection, "password"));
                };
        };
    }

    /** Known by both together, so that two accounts with one password are two; recognised by the password alone, too. */
    private static UpstreamCredential account(CredentialSettings.PerUser own, Secret username, Secret password) {
        var both = basic(username, password);
        try {
            return HeaderLines.of(
                    own.headers(),
                    Map.of(Part.VALUE, both, Part.USERNAME, username, Part.PASSWORD, password),
                    List.of(both, password));
        } finally {
            username.wipe();
        }
    }

    private static Secret part(Connection connection, String name) {
        return connection
                .secret(name)
                .map(secret -> secret.<Secret>reveal(Secret::of))
                .orElseThrow(() -> new VaultProblem("A stored credential lacks a part; the person can connect again."));
    }

    /** RFC 7617 section 2. */
    private static Secret basic(Secret username, Secret password) {
        return username.reveal(user -> password.reveal(pass -> {
            var both = Arrays.copyOf(user, user.length + 1 + pass.length);
            both[user.length] = ':';
            System.arraycopy(pass, 0, both, user.length + 1, pass.length);
            try {
                return Secret.of(Base64.getEncoder().encode(both));
            } finally {
                Arrays.fill(both, (byte) 0);
            }
        }));
    }
}
