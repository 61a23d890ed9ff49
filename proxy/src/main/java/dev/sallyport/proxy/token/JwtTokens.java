package dev.sallyport.proxy.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Verifies JWT access tokens and remembers those that passed: at most 50,000, by the SHA-256 of their text, until they
 * expire. What was refused is not remembered, so that nobody can fill the memory with it.
 *
 * <p>Revocations are looked up on every use, also of a remembered token. When the key set's source is down, known keys
 * serve on (see {@link KeySource}).
 */
public final class JwtTokens implements Tokens {

    private static final int MAX_REMEMBERED = 50_000;

    private final Revocations revocations;
    private final InstantSource clock;
    private final Documents documents = new Documents();
    private final Map<Issuer, KeySource> sources = new ConcurrentHashMap<>();
    private final Cache<String, VerifiedToken> remembered;
    private volatile Optional<Issuer> keycloak = Optional.empty();
    private volatile List<Issuer> issuers = List.of();

    public JwtTokens(Settings settings, Revocations revocations, InstantSource clock) {
        this.revocations = revocations;
        this.clock = clock;
        this.remembered = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .executor(Runnable::run)
                .expireAfter(Expiry.<String, VerifiedToken>writing((_, token) -> left(token)))
                .build();
        use(settings);
    }

    /** Goes on with other settings: nothing that was verified under the old ones is remembered. */
    public void use(Settings settings) {
        keycloak = settings.keycloak().map(Issuer::of);
        var named = new ArrayList<Issuer>();
        settings.servers()
                .forEach(server ->
                        issuer(server).filter(issuer -> !named.contains(issuer)).ifPresent(named::add));
        issuers = List.copyOf(named);
        sources.keySet().retainAll(named);
        remembered.invalidateAll();
    }

    /** True once the keys of every issuer have been seen; asks for those that have not, without waiting. */
    public boolean ready() {
        var ready = true;
        for (var issuer : issuers) {
            var source = source(issuer);
            if (!source.seen()) {
                ready = false;
                Thread.ofVirtual().name("jwks").start(source::warmUp);
            }
        }
        return ready;
    }

    @Override
    public Optional<VerifiedToken> remembered(String bearer, ResourceId resource) {
        var token = remembered.getIfPresent(hash(bearer));
        if (token == null || !token.resource().equals(resource)) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(token.expiresAt().plus(Claims.SKEW))) {
            throw Jwt.refused(Reason.EXPIRED);
        }
        refuseRevoked(token);
        return Optional.of(token);
    }

    @Override
    public VerifiedToken verify(String bearer, ServerSettings server) {
        var jwt = Jwt.parse(bearer);
        var issuer = issuer(server).orElseThrow(() -> new Refused(new Refusal.CannotVerify()));
        var key = source(issuer).find(jwt);
        Signatures.verify(bearer, jwt, key, issuer, server.resource());
        var checked = new Claims(jwt, issuer, server.resource(), clock.instant()).check();
        var token = server.credential() instanceof CredentialSettings.Traded
                ? checked.presentedAs(Secret.of(bearer))
                : checked;
        refuseRevoked(token);
        remembered.put(hash(bearer), token);
        return token;
    }

    private void refuseRevoked(VerifiedToken token) {
        if (revocations.revoked(token)) {
            throw Jwt.refused(Reason.REVOKED);
        }
    }

    private Optional<Issuer> issuer(ServerSettings server) {
        return server.issuer().map(Issuer::of).or(() -> keycloak);
    }

    private KeySource source(Issuer issuer) {
        return sources.computeIfAbsent(issuer, one -> new KeySource(one, documents, clock));
    }

    private Duration left(VerifiedToken token) {
        var left = Duration.between(clock.instant(), token.expiresAt().plus(Claims.SKEW));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static String hash(String bearer) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(bearer.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
