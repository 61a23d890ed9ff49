package dev.sallyport.keycloak.token;

import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.grants.RefreshTokenGrantType;
import org.keycloak.representations.RefreshToken;

/**
 * RFC 6749 section 6 for tokens of grants, on top of Keycloak's: {@code scope} can only ask for less. Clients send scopes
 * that they registered with, asked for or merely saw; Keycloak's {@code invalid_scope} would strand them.
 */
final class RefreshGrant extends RefreshTokenGrantType {
    private static final String ASKED = "sallyport.asked";

    @Override
    public Response process(Context context) {
        setContext(context);
        var encoded = formParams.getFirst(OAuth2Constants.REFRESH_TOKEN);
        var token = encoded == null ? null : session.tokens().decode(encoded, RefreshToken.class);
        if (token == null || Claim.text(token, Claim.GRANT_ID).isEmpty()) {
            return super.process(context);
        }
        session.setAttribute(ASKED, Scoped.of(formParams.getFirst(OAuth2Constants.SCOPE)));
        formParams.remove(OAuth2Constants.SCOPE);
        AdapterParameters.strip(formParams);
        return AgreedResponse.of(session, super.process(context));
    }

    @SuppressWarnings("unchecked")
    static Set<String> askedScope(KeycloakSession session) {
        var asked = session.getAttribute(ASKED);
        return asked instanceof Set<?> set ? (Set<String>) set : Set.of();
    }
}
