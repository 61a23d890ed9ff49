package dev.sallyport.proxy.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.token.VerifiedToken;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Tells one MCP server who calls: who ({@code sub}, and {@code sub_id} with the issuer, RFC 9493 section 3.2.3), by which client,
 * with which scopes. Signed with ES256 (RFC 7518 section 3.4), for that server alone, for a minute; the same one serves for
 * twenty seconds of calls, since a signature costs more than all else in a call. At most 10,000 are kept.
 */
public final class Assertions {

    /** The header's {@code typ}: it is no access token, and no other JWT is one of these (RFC 8725 section 3.11). */
    public static final String TYPE = "sallyport-identity+jwt";

    private static final Duration LIFE = Duration.ofMinutes(1);
    private static final Duration SERVES = Duration.ofSeconds(20);
    private static final int MAX_KEPT = 10_000;

    private final AssertionKeys keys;
    private final URI issuer;
    private final String audience;
    private final SecureRandom random;
    private final InstantSource clock;
    private final Cache<Caller, Made> made = Caffeine.newBuilder()
            .maximumSize(MAX_KEPT)
            .expireAfterWrite(LIFE)
            .executor(Runnable::run)
            .build();

    /** All that an assertion says of a call. */
    private record Caller(String issuer, String subject, String client, String scopes) {}

    private record Made(Secret text, Instant until) {}

    /**
     * For one MCP server.
     *
     * @param issuer who says so: the proxy's public URL
     * @param audience the MCP server's own name for itself
     */
    public Assertions(AssertionKeys keys, URI issuer, String audience, SecureRandom random, InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.audience = audience;
        this.random = random;
        this.clock = clock;
    }

    /** True if {@link #about} does not wait for the store. */
    public boolean atHand() {
        return keys.atHand();
    }

    /**
     * Who comes with this token.
     *
     * @throws dev.sallyport.proxy.vault.VaultProblem if there is no key to be had
     */
    public Secret about(VerifiedToken token) {
        var caller = new Caller(
                token.issuer(),
                token.subject(),
                token.clientId(),
                token.scopes().toString());
        return Optional.ofNullable(made.getIfPresent(caller))
                .filter(one -> clock.instant().isBefore(one.until()))
                .orElseGet(() -> make(caller))
                .text();
    }

    private Made make(Caller caller) {
        var now = clock.instant();
        var key = keys.signing();
        var text = Jwt.claims(Map.<String, Object>of(
                        "iss", issuer.toString(),
                        "aud", audience,
                        "sub", caller.subject(),
                        "sub_id", Map.of("format", "iss_sub", "iss", caller.issuer(), "sub", caller.subject()),
                        "client_id", caller.client(),
                        "scope", caller.scopes(),
                        "iat", now.getEpochSecond(),
                        "exp", now.plus(LIFE).getEpochSecond(),
                        "jti", id()))
                .jws()
                .algorithm(SignatureAlgorithm.ES256)
                .keyId(key.id())
                .header("typ", TYPE)
                .sign(key.secret());
        var fresh = new Made(Secret.of(text), now.plus(SERVES));
        made.put(caller, fresh);
        return fresh;
    }

    private String id() {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
