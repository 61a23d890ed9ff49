package dev.sallyport.keycloak.grant;

import org.keycloak.Config;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderEvent;

/** Listens in every realm without being configured there, since what it hears must not be missed. */
public class GrantEndsFactory implements EventListenerProviderFactory {
    private static final String ID = "sallyport-grants";

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new GrantEnds(session);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(GrantRemoval::on);
        factory.register(GrantEndsFactory::whenStarted);
    }

    private static void whenStarted(ProviderEvent event) {
        if (event instanceof PostMigrationEvent started) {
            GrantCleanUp.schedule(started.getFactory());
        }
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void close() {}
}
