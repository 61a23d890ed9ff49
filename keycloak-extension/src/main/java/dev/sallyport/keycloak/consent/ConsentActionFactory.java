package dev.sallyport.keycloak.consent;

import org.keycloak.Config;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Registers the consent step, and forgets answers with the users, clients and realms that they are about. */
public class ConsentActionFactory implements RequiredActionFactory {
    public static final String ID = "sallyport-consent";

    @Override
    public RequiredActionProvider create(KeycloakSession session) {
        return new ConsentAction();
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(ConsentCleanUp::on);
    }

    /** After all of Keycloak's own, before the connect step. */
    @Override
    public int order() {
        return 10;
    }

    @Override
    public String getDisplayText() {
        return "Sallyport: consent for MCP clients";
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
