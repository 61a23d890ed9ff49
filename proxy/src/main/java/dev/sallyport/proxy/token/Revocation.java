package dev.sallyport.proxy.token;

import java.time.Instant;
import java.util.Optional;

/** Every token issued at or before {@code at} that matches all given fields is revoked. */
public record Revocation(
        Instant at,
        String type,
        Optional<String> grantId,
        Optional<String> subject,
        Optional<String> clientId,
        Optional<String> sessionId,
        Optional<String> resource) {

    /** Everything issued until then: for when it is not known what was revoked. */
    public static Revocation ofEverything(Instant at) {
        return new Revocation(
                at,
                "unknown",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Whether this revokes the token: for streams that were opened with it. */
    public boolean covers(VerifiedToken token) {
        return !token.issuedAt().isAfter(at)
                && agrees(grantId, token.grantId())
                && agrees(subject, Optional.of(token.subject()))
                && agrees(clientId, Optional.of(token.clientId()))
                && agrees(sessionId, token.sessionId())
                && agrees(resource, Optional.of(token.resource().toString()));
    }

    private static boolean agrees(Optional<String> wanted, Optional<String> actual) {
        return wanted.isEmpty() || wanted.equals(actual);
    }
}
