package dev.sallyport.keycloak.connect;

import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.provider.ProviderEvent;

/** Which users have an upstream account connected to which MCP server of a realm, as far as the proxy has told. */
final class Connections {
    private final KeycloakSession session;
    private final RealmModel realm;

    Connections(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    boolean has(String server, String userId) {
        return entities().find(ConnectionEntity.class, id(server, userId)) != null;
    }

    void add(String server, String userId) {
        var row = entities().find(ConnectionEntity.class, id(server, userId));
        if (row == null) {
            row = new ConnectionEntity(id(server, userId), realm.getId(), server, userId);
            row.connect(Time.currentTimeMillis());
            entities().persist(row);
        } else {
            row.connect(Time.currentTimeMillis());
        }
    }

    void remove(String server, String userId) {
        var row = entities().find(ConnectionEntity.class, id(server, userId));
        if (row != null) {
            entities().remove(row);
        }
    }

    /** Connections are forgotten with their user or realm. */
    static void on(ProviderEvent event) {
        if (event instanceof UserModel.UserRemovedEvent removed) {
            delete(removed.getKeycloakSession(), "userId", removed.getUser().getId());
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            delete(removed.getKeycloakSession(), "realmId", removed.getRealm().getId());
        }
    }

    private static void delete(KeycloakSession session, String column, String value) {
        session.getProvider(JpaConnectionProvider.class)
                .getEntityManager()
                .createQuery("delete from SallyportConnection c where c." + column + " = :value")
                .setParameter("value", value)
                .executeUpdate();
    }

    private String id(String server, String userId) {
        try {
            var text = String.join("\n", realm.getId(), server, userId);
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private EntityManager entities() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }
}
