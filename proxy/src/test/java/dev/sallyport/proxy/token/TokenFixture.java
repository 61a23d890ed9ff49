package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.secret.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tokens for tests of later steps, which need the proof but not the checks. */
public final class TokenFixture {

    private TokenFixture() {}

    /** Alice, through client {@code client-1}, with these scopes, current for five minutes from now. */
    public static VerifiedToken token(ResourceId resource, String... scopes) {
        return token(resource, "alice", List.of(), scopes);
    }

    /** Without roles it says nothing about them. */
    public static VerifiedToken token(ResourceId resource, String subject, List<String> roles, String... scopes) {
        return tokenSaying(
                resource, subject, Optional.of(roles).filter(names -> !names.isEmpty()), Optional.empty(), scopes);
    }

    /** With the claims {@code roles} and {@code groups}, or without. */
    public static VerifiedToken tokenSaying(
            ResourceId resource,
            String subject,
            Optional<List<String>> roles,
            Optional<List<String>> groups,
            String... scopes) {
        var now = Instant.now();
        return new Verified(
                resource,
                "https://as.example/realms/mcp",
                subject,
                "client-1",
                Scopes.of(scopes),
                Optional.of("4b1f7f0e-0000-4000-8000-000000000001"),
                Optional.of(Secret.of("grant-key-of-" + subject)),
                Optional.of("session-of-" + subject),
                now,
                now.plusSeconds(300),
                roles,
                groups,
                Optional.empty());
    }

    /** Kept as it was presented, as for servers whose credential is got in exchange for it. */
    public static VerifiedToken presented(VerifiedToken token, String text) {
        return ((Verified) token).presentedAs(Secret.of(text));
    }

    /** Of another issuer. */
    public static VerifiedToken tokenOf(ResourceId resource, String issuer, String subject, String... scopes) {
        var token = token(resource, subject, List.of(), scopes);
        return new Verified(
                token.resource(),
                issuer,
                token.subject(),
                token.clientId(),
                token.scopes(),
                token.grantId(),
                token.grantSecret(),
                token.sessionId(),
                token.issuedAt(),
                token.expiresAt(),
                token.roles(),
                token.groups(),
                token.presented());
    }

    /** Alice again, by another consent. */
    public static VerifiedToken tokenOfGrant(ResourceId resource, String grantId, String... scopes) {
        var token = token(resource, scopes);
        return new Verified(
                token.resource(),
                token.issuer(),
                token.subject(),
                token.clientId(),
                token.scopes(),
                Optional.of(grantId),
                token.grantSecret(),
                token.sessionId(),
                token.issuedAt(),
                token.expiresAt(),
                token.roles(),
                token.groups(),
                token.presented());
    }
}
