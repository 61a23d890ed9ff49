package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.secret.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A token that passed every check of this package for exactly one resource. Nobody else can make one. */
public sealed interface VerifiedToken permits Verified {

    /** The resource whose server this token opens: the token's only audience. */
    ResourceId resource();

    /** {@code iss}: who minted it. Subjects of two issuers are two subjects. */
    String issuer();

    /** {@code sub}: the person, or the machine of a client-credentials grant. */
    String subject();

    /** {@code client_id}, or {@code azp} where the issuer names the client so. */
    String clientId();

    Scopes scopes();

    /** The non-secret id of the consent behind this token, stable across refresh; absent with a foreign issuer. */
    Optional<String> grantId();

    /** The random secret that lives in the grant's own tokens only; absent with a foreign issuer. */
    Optional<Secret> grantSecret();

    /** {@code sid}: the login behind this token; absent where the issuer does not say. */
    Optional<String> sessionId();

    /** {@code iat}; revocations that happened later than this apply. */
    Instant issuedAt();

    Instant expiresAt();

    /** The claim {@code roles} (RFC 9068 section 2.2.3.1); absent where the issuer does not say, which is not the same as none. */
    Optional<List<String>> roles();

    /** The claim {@code groups}, as {@link #roles}. */
    Optional<List<String>> groups();

    /**
     * The token as it was presented; kept only for servers whose credential is got in exchange for it, and for nothing else.
     */
    Optional<Secret> presented();
}
