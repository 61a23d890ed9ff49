package dev.sallyport.keycloak.token;

import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.AccessTokenResponse;

/** Makes {@code scope} of the token response (RFC 6749 section 5.1) say what the access token says. */
final class AgreedResponse {
    private static final String SCOPES = "sallyport.token.scope";

    private AgreedResponse() {}

    static void note(KeycloakSession session, Set<String> scopes) {
        session.setAttribute(SCOPES, Scoped.text(scopes));
    }

    static Response of(KeycloakSession session, Response response) {
        var scope = session.getAttribute(SCOPES, String.class);
        if (scope != null && response.getEntity() instanceof AccessTokenResponse tokens) {
            tokens.setScope(scope);
        }
        return response;
    }
}
