package dev.sallyport.keycloak.consent;

import jakarta.persistence.EntityManager;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.provider.ProviderEvent;

/** Remembered answers go with the user, the client or the realm that they are about. */
final class ConsentCleanUp {
    private ConsentCleanUp() {}

    static void on(ProviderEvent event) {
        if (event instanceof UserModel.UserRemovedEvent removed) {
            delete(removed.getKeycloakSession(), "userId", removed.getUser().getId());
        } else if (event instanceof ClientModel.ClientRemovedEvent removed) {
            delete(removed.getKeycloakSession(), "clientId", removed.getClient().getId());
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            delete(removed.getKeycloakSession(), "realmId", removed.getRealm().getId());
        }
    }

    private static void delete(KeycloakSession session, String column, String value) {
        EntityManager entities =
                session.getProvider(JpaConnectionProvider.class).getEntityManager();
        entities.createQuery("delete from SallyportConsent c where c." + column + " = :value")
                .setParameter("value", value)
                .executeUpdate();
    }
}
