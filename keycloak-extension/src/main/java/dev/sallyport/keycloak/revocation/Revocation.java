package dev.sallyport.keycloak.revocation;

import java.util.Optional;

/**
 * Tokens that match every field that is present, and were issued at or before the moment of the event, are void.
 *
 * @param clientId the OAuth {@code client_id}, as tokens name it
 */
public record Revocation(
        Ended type,
        Optional<String> grantId,
        Optional<String> sub,
        Optional<String> clientId,
        Optional<String> sid,
        Optional<String> resource) {

    /** An event that names nothing voids every token of the realm, which nobody is to say by mistake. */
    public Revocation {
        if (type != Ended.REALM && grantId.isEmpty() && sub.isEmpty() && clientId.isEmpty() && sid.isEmpty()) {
            throw new IllegalArgumentException("a revocation has to say whose tokens it is about");
        }
    }

    /** Every token of the realm. */
    public static Revocation ofEverything() {
        return new Revocation(
                Ended.REALM, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Every token of this person. */
    public static Revocation ofUser(String sub) {
        return new Revocation(
                Ended.USER, Optional.empty(), Optional.of(sub), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Every token of this client, whoever granted it. */
    public static Revocation ofClient(String clientId) {
        return new Revocation(
                Ended.CLIENT,
                Optional.empty(),
                Optional.empty(),
                Optional.of(clientId),
                Optional.empty(),
                Optional.empty());
    }

    /** Every token that this person let this client have. */
    public static Revocation ofConsent(String sub, String clientId) {
        return new Revocation(
                Ended.CONSENT,
                Optional.empty(),
                Optional.of(sub),
                Optional.of(clientId),
                Optional.empty(),
                Optional.empty());
    }

    /** Whether a token with these claims is one of them. */
    boolean covers(Revocation token) {
        return covers(grantId, token.grantId)
                && covers(sub, token.sub)
                && covers(clientId, token.clientId)
                && covers(sid, token.sid)
                && covers(resource, token.resource);
    }

    /** Whether some token may be covered by both. */
    boolean mayShareTokensWith(Revocation other) {
        return agree(grantId, other.grantId)
                && agree(sub, other.sub)
                && agree(clientId, other.clientId)
                && agree(sid, other.sid)
                && agree(resource, other.resource);
    }

    private static boolean agree(Optional<String> one, Optional<String> other) {
        return one.isEmpty() || other.isEmpty() || one.equals(other);
    }

    private static boolean covers(Optional<String> named, Optional<String> claim) {
        return named.isEmpty() || named.equals(claim);
    }
}
