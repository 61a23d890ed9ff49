package dev.sallyport.keycloak.token;

import org.keycloak.representations.JsonWebToken;

/** The claims that only tokens of this extension have. */
final class Claim {
    /** RFC 9068 section 2.2; Keycloak itself names the client in {@code azp} only. */
    static final String CLIENT_ID = "client_id";

    /** Identifies the grant, in both tokens; no secret. */
    static final String GRANT_ID = "grant_id";

    /** A random key that is in the grant's own tokens and nowhere else. */
    static final String GRANT_KEY = "grant_key";

    /** RFC 9068 section 2.2.3.1: the person's realm roles. Only where a rule of the server asks for them. */
    static final String ROLES = "roles";

    /** RFC 9068 section 2.2.3.1: paths of the person's groups, and of those above. As {@link #ROLES}. */
    static final String GROUPS = "groups";

    /** In refresh tokens: the canonical resource that they are for. */
    static final String RESOURCE = "resource";

    /** In refresh tokens: their number in the family. */
    static final String GENERATION = "generation";

    private Claim() {}

    /** Empty text when it is not there. */
    static String text(JsonWebToken token, String name) {
        return token.getOtherClaims().get(name) instanceof String text ? text : "";
    }

    /** Minus one, which no token has, when it is not there. */
    static long number(JsonWebToken token, String name) {
        return token.getOtherClaims().get(name) instanceof Number number ? number.longValue() : -1;
    }
}
