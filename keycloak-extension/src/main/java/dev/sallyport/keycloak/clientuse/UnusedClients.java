package dev.sallyport.keycloak.clientuse;

import dev.sallyport.keycloak.client.McpClients;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;
import org.keycloak.services.managers.ClientManager;
import org.keycloak.services.managers.RealmManager;
import org.keycloak.services.scheduled.ClusterAwareScheduledTaskRunner;
import org.keycloak.timer.ScheduledTask;
import org.keycloak.timer.TimerProvider;

/**
 * Removes clients that never got a token within a day, and those that got none for long: on one node of a cluster at a
 * time, in small transactions. A client that comes back is told {@code invalid_client} and registers again.
 *
 * @param neverUsed seconds after which a client that was never used goes
 * @param idle seconds after its last use; has to be longer than a grant can lie idle
 * @param interval seconds between two runs
 */
public record UnusedClients(long neverUsed, long idle, long interval) implements ScheduledTask, ProviderEventListener {
    private static final Logger LOG = Logger.getLogger(UnusedClients.class);
    private static final int BATCH = 100;

    public void schedule(KeycloakSessionFactory factory) {
        try (var session = factory.create()) {
            var runner = new ClusterAwareScheduledTaskRunner(factory, this, interval * 1000);
            session.getProvider(TimerProvider.class).schedule(runner, interval * 1000, getTaskName());
        }
        factory.register(this);
    }

    @Override
    public String getTaskName() {
        return "sallyport-unused-clients";
    }

    @Override
    public void run(KeycloakSession session) {
        var factory = session.getKeycloakSessionFactory();
        var removed = 0;
        for (List<ClientUseEntity> found = due(session); !found.isEmpty(); found = due(session)) {
            for (var row : found) {
                KeycloakModelUtils.runJobInTransaction(factory, own -> remove(own, row));
            }
            removed += found.size();
            session.getProvider(JpaConnectionProvider.class).getEntityManager().clear();
        }
        if (removed > 0) {
            LOG.infof("%d unused clients removed", removed);
        }
    }

    private List<ClientUseEntity> due(KeycloakSession session) {
        var entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        var now = Time.currentTimeSeconds();
        var found = new ArrayList<>(entities.createQuery(
                        "select c from SallyportClient c where c.lastUsed = 0 and c.created < :before",
                        ClientUseEntity.class)
                .setParameter("before", now - neverUsed)
                .setMaxResults(BATCH)
                .getResultList());
        found.addAll(entities.createQuery(
                        "select c from SallyportClient c where c.lastUsed > 0 and c.lastUsed < :before",
                        ClientUseEntity.class)
                .setParameter("before", now - idle)
                .setMaxResults(BATCH)
                .getResultList());
        return found;
    }

    private static void remove(KeycloakSession session, ClientUseEntity due) {
        var entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        var row = entities.find(ClientUseEntity.class, due.id());
        if (row != null && row.lastUsed() != due.lastUsed()) {
            // Somebody came back since the look.
            return;
        }
        var realm = session.realms().getRealm(due.realmId());
        var client = realm == null ? null : realm.getClientById(due.id());
        if (realm != null && client != null && McpClients.isMarked(client)) {
            session.getContext().setRealm(realm);
            new ClientManager(new RealmManager(session)).removeClient(realm, client);
        }
        if (row != null) {
            entities.remove(row);
        }
    }

    /** Rows of deleted clients stay until their time, because they count for the limits; those of realms go with it. */
    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof RealmModel.RealmRemovedEvent removed) {
            removed.getKeycloakSession()
                    .getProvider(JpaConnectionProvider.class)
                    .getEntityManager()
                    .createQuery("delete from SallyportClient c where c.realmId = :realm")
                    .setParameter("realm", removed.getRealm().getId())
                    .executeUpdate();
        }
    }
}
