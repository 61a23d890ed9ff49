package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import jakarta.persistence.EntityManager;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.provider.ProviderEvent;

/** Grants go with the person, the client or the realm that they are about; proxies are told of the first two. */
final class GrantRemoval {
    private GrantRemoval() {}

    static void on(ProviderEvent event) {
        if (event instanceof UserModel.UserRemovedEvent removed) {
            var machine = removed.getUser().getServiceAccountClientLink() != null;
            if (delete(removed.getKeycloakSession(), "userId", removed.getUser().getId()) > 0 || machine) {
                new Revocations(removed.getKeycloakSession(), removed.getRealm())
                        .append(Revocation.ofUser(removed.getUser().getId()));
            }
        } else if (event instanceof ClientModel.ClientRemovedEvent removed) {
            var client = removed.getClient();
            delete(removed.getKeycloakSession(), "clientId", client.getId());
            // Also without grants: machines have tokens of their own.
            new Revocations(removed.getKeycloakSession(), client.getRealm())
                    .append(Revocation.ofClient(client.getClientId()));
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            var realm = removed.getRealm().getId();
            delete(removed.getKeycloakSession(), "realmId", realm);
            Revocations.forget(removed.getKeycloakSession(), realm);
        }
    }

    private static int delete(KeycloakSession session, String column, String value) {
        EntityManager entities =
                session.getProvider(JpaConnectionProvider.class).getEntityManager();
        return entities.createQuery("delete from SallyportGrant g where g." + column + " = :value")
                .setParameter("value", value)
                .executeUpdate();
    }
}
