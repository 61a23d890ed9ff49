package dev.sallyport.keycloak.clientuse;

import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Records and counts the clients of one realm. */
public final class ClientUse {
    private final EntityManager entities;
    private final RealmModel realm;

    public ClientUse(KeycloakSession session, RealmModel realm) {
        entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        this.realm = realm;
    }

    /** Notes that a client was made just now, for somebody at this network address. */
    public void created(ClientModel client, String address) {
        entities.persist(
                new ClientUseEntity(client.getId(), realm.getId(), digest(address), Time.currentTimeSeconds()));
    }

    /** How many clients were made in the realm within so many seconds; deleted ones count. */
    public long createdWithin(long seconds) {
        return entities.createQuery(
                        "select count(c) from SallyportClient c where c.realmId = :realm and c.created > :since",
                        Long.class)
                .setParameter("realm", realm.getId())
                .setParameter("since", Time.currentTimeSeconds() - seconds)
                .getSingleResult();
    }

    /** The same, for one address. */
    public long createdWithin(long seconds, String address) {
        return entities.createQuery(
                        "select count(c) from SallyportClient c where c.realmId = :realm and c.address = :address"
                                + " and c.created > :since",
                        Long.class)
                .setParameter("realm", realm.getId())
                .setParameter("address", digest(address))
                .setParameter("since", Time.currentTimeSeconds() - seconds)
                .getSingleResult();
    }

    private String digest(String address) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(realm.getId().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(address.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
