package dev.sallyport.keycloak.boot;

import dev.sallyport.keycloak.registry.RegistryRemoval;
import org.keycloak.Config;
import org.keycloak.common.Version;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.services.resource.RealmResourceProvider;
import org.keycloak.services.resource.RealmResourceProviderFactory;

/**
 * Mounts {@code /realms/{realm}/sallyport} and, being what always loads, refuses a Keycloak that is too old and
 * prepares the configured realms.
 */
public class SallyportResourceFactory implements RealmResourceProviderFactory {
    public static final String ID = "sallyport";

    private RealmPreparation preparation = RealmPreparation.of(BootSettings.none());

    @Override
    public void init(Config.Scope config) {
        MinimumVersion.check(Version.VERSION);
        preparation = RealmPreparation.of(BootSettings.from(config, System.getenv()));
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(preparation);
        factory.register(new RegistryRemoval());
    }

    @Override
    public RealmResourceProvider create(KeycloakSession session) {
        return new RealmResourceProvider() {
            @Override
            public Object getResource() {
                return new SallyportResource(session);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}

    @Override
    public String getId() {
        return ID;
    }
}
