package dev.sallyport.keycloak.token;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProviderFactory;
import org.keycloak.protocol.oidc.TokenIntrospectionProvider;

/** Stands in for Keycloak's own, to which it leaves all other tokens. */
public class GrantIntrospectionFactory extends AccessTokenIntrospectionProviderFactory {
    @Override
    public TokenIntrospectionProvider create(KeycloakSession session) {
        return new GrantIntrospection(session);
    }

    @Override
    public int order() {
        return 10;
    }
}
