package dev.sallyport.keycloak.metadata;

import dev.sallyport.keycloak.registry.Registry;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oauth2.OAuth2WellKnownProviderFactory;
import org.keycloak.wellknown.WellKnownProvider;
import org.keycloak.wellknown.WellKnownProviderFactory;

/** Takes {@code oauth-authorization-server} over in realms that serve MCP clients. */
public class OAuthMetadataFactory implements WellKnownProviderFactory {
    @Override
    public WellKnownProvider create(KeycloakSession session) {
        return new WellKnownProvider() {
            @Override
            public Object getConfig() {
                if (Registry.serves(session)) {
                    return new AuthorizationServerMetadata(session).document();
                }
                return session.getProvider(WellKnownProvider.class, OAuth2WellKnownProviderFactory.PROVIDER_ID)
                        .getConfig();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public String getId() {
        return "sallyport-oauth-authorization-server";
    }

    @Override
    public String getAlias() {
        return OAuth2WellKnownProviderFactory.PROVIDER_ID;
    }

    /** The lowest wins; Keycloak's own has 100. */
    @Override
    public int getPriority() {
        return 0;
    }

    @Override
    public boolean isAvailableViaServerMetadata() {
        return true;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}
}
