package dev.sallyport.keycloak.token;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;
import org.keycloak.protocol.oidc.grants.RefreshTokenGrantTypeFactory;

/** Stands in for Keycloak's own, to which it leaves everything that is not of a grant. */
public class RefreshGrantFactory extends RefreshTokenGrantTypeFactory {
    @Override
    public OAuth2GrantType create(KeycloakSession session) {
        return new RefreshGrant();
    }

    @Override
    public int order() {
        return 10;
    }
}
