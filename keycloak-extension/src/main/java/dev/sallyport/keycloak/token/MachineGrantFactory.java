package dev.sallyport.keycloak.token;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.grants.ClientCredentialsGrantTypeFactory;
import org.keycloak.protocol.oidc.grants.OAuth2GrantType;

/** Stands in for Keycloak's own, which it only adds to. */
public class MachineGrantFactory extends ClientCredentialsGrantTypeFactory {
    @Override
    public OAuth2GrantType create(KeycloakSession session) {
        return new MachineGrant();
    }

    @Override
    public int order() {
        return 10;
    }
}
