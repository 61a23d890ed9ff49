package dev.sallyport.keycloak.connect;

import org.keycloak.Config;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;

/** Registers the connect step, and forgets connections with their users and realms. */
public class ConnectActionFactory implements RequiredActionFactory {
    public static final String ID = "sallyport-connect";

    @Override
    public RequiredActionProvider create(KeycloakSession session) {
        return new ConnectAction();
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(Connections::on);
    }

    /** After consent: who does not want the client need not connect anything for it. */
    @Override
    public int order() {
        return 20;
    }

    @Override
    public String getDisplayText() {
        return "Sallyport: connect an upstream account";
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
