package dev.sallyport.keycloak.token;

import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.token.TokenPostProcessor;
import org.keycloak.protocol.oidc.token.TokenPostProcessorFactory;

/** Always on; there is nothing to configure in a realm that could be forgotten. */
public class McpTokensFactory implements TokenPostProcessorFactory {
    @Override
    public TokenPostProcessor create(KeycloakSession session) {
        return new McpTokens(session);
    }

    /** Keycloak runs the highest first: nobody is to change a token after us. */
    @Override
    public int order() {
        return -1000;
    }

    @Override
    public String getId() {
        return "sallyport";
    }
}
