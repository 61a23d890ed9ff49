package dev.sallyport.keycloak.boot;

import dev.sallyport.keycloak.clientuse.ClientUseEntity;
import dev.sallyport.keycloak.connect.ConnectionEntity;
import dev.sallyport.keycloak.consent.ConsentEntity;
import dev.sallyport.keycloak.grant.GrantEntity;
import dev.sallyport.keycloak.registry.RegistryEntity;
import dev.sallyport.keycloak.revocation.FeedEntity;
import dev.sallyport.keycloak.revocation.RevocationEntity;
import java.util.List;
import org.keycloak.Config;
import org.keycloak.connections.jpa.entityprovider.JpaEntityProvider;
import org.keycloak.connections.jpa.entityprovider.JpaEntityProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** All tables of the extension. Each feature has its own change log, which the one named here includes. */
public class SallyportEntitiesFactory implements JpaEntityProviderFactory {
    private static final String ID = "sallyport";

    @Override
    public JpaEntityProvider create(KeycloakSession session) {
        return new JpaEntityProvider() {
            @Override
            public List<Class<?>> getEntities() {
                return List.of(
                        RegistryEntity.class,
                        ClientUseEntity.class,
                        ConsentEntity.class,
                        ConnectionEntity.class,
                        GrantEntity.class,
                        RevocationEntity.class,
                        FeedEntity.class);
            }

            @Override
            public String getChangelogLocation() {
                return "META-INF/sallyport-changelog.xml";
            }

            @Override
            public String getFactoryId() {
                return ID;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}

    @Override
    public String getId() {
        return ID;
    }
}
