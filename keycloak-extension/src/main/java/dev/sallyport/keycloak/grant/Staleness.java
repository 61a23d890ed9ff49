package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import java.time.Duration;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * The not-before times of a realm and of a client, before which Keycloak takes no token any more: an administrator sets
 * them to end everything at once. Grants whose newest refresh token is older end with them.
 */
final class Staleness {
    /** Longer than an access token lives, with some minutes for clocks. What lies further back voids no living token. */
    private static final long HORIZON_SECONDS = Duration.ofMinutes(10).toSeconds();

    private final KeycloakSession session;
    private final RealmModel realm;

    Staleness(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    void look() {
        if (isRecent(realm.getNotBefore())) {
            end(realm.getNotBefore(), "g.realmId = :id", realm.getId(), Revocation.ofEverything());
        }
    }

    void look(ClientModel client) {
        if (isRecent(client.getNotBefore())) {
            end(client.getNotBefore(), "g.clientId = :id", client.getId(), Revocation.ofClient(client.getClientId()));
        }
    }

    private static boolean isRecent(int notBefore) {
        return notBefore > Time.currentTimeMillis() / 1000 - HORIZON_SECONDS;
    }

    /** Tokens of the very second count as older: what is made after this is dated a second later. */
    private void end(int notBefore, String whose, String id, Revocation revocation) {
        var until = Math.min(notBefore, Time.currentTimeMillis() / 1000);
        session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery("delete from SallyportGrant g where " + whose + " and g.rotatedAt < :after")
                .setParameter("id", id)
                .setParameter("after", (until + 1) * 1000)
                .executeUpdate();
        new Revocations(session, realm).append(revocation, until);
    }
}
