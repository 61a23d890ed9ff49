package dev.sallyport.keycloak.token;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.grants.AuthorizationCodeGrantTypeFactory;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;

/** Stands in for Keycloak's own, to which it leaves everything that is not for an MCP server. */
public class CodeGrantFactory extends AuthorizationCodeGrantTypeFactory {
    @Override
    public OAuth2GrantType create(KeycloakSession session) {
        return new CodeGrant();
    }

    @Override
    public int order() {
        return 10;
    }
}
