package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.secret.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

record Verified(
        ResourceId resource,
        String issuer,
        String subject,
        String clientId,
        Scopes scopes,
        Optional<String> grantId,
        Optional<Secret> grantSecret,
        Optional<String> sessionId,
        Instant issuedAt,
        Instant expiresAt,
        Optional<List<String>> roles,
        Optional<List<String>> groups,
        Optional<Secret> presented)
        implements VerifiedToken {

    Verified {
        roles = roles.map(List::copyOf);
        groups = groups.map(List::copyOf);
    }

    Verified presentedAs(Secret text) {
        return new Verified(
                resource,
                issuer,
                subject,
                clientId,
                scopes,
                grantId,
                grantSecret,
                sessionId,
                issuedAt,
                expiresAt,
                roles,
                groups,
                Optional.of(text));
    }
}
