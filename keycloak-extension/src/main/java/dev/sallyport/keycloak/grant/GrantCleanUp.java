package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.revocation.Revocations;
import java.time.Duration;
import java.util.List;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.scheduled.ClusterAwareScheduledTaskRunner;
import org.keycloak.timer.ScheduledTask;
import org.keycloak.timer.TimerProvider;

/**
 * Forgets grants whose refresh tokens Keycloak would not take any more, and events that are older than a day. One node of
 * a cluster does it, a bounded number at a time.
 */
final class GrantCleanUp implements ScheduledTask {
    private static final Duration EVERY = Duration.ofMinutes(15);
    private static final int AT_ONCE = 2000;

    /** Before Keycloak's own session clean-up could have come: it keeps sessions a little longer than it says. */
    private static final Duration LENIENCE = Duration.ofHours(1);

    static void schedule(KeycloakSessionFactory factory) {
        KeycloakModelUtils.runJobInTransaction(factory, session -> {
            var timer = session.getProvider(TimerProvider.class);
            if (timer != null) {
                timer.schedule(
                        new ClusterAwareScheduledTaskRunner(factory, new GrantCleanUp(), EVERY.toMillis()),
                        EVERY.toMillis());
            }
        });
    }

    @Override
    public String getTaskName() {
        return "sallyport-grant-clean-up";
    }

    @Override
    public void run(KeycloakSession session) {
        session.realms().getRealmsStream().toList().forEach(realm -> {
            forget(session, realm, true, realm.getOfflineSessionIdleTimeout());
            forget(session, realm, false, realm.getSsoSessionMaxLifespan());
            Revocations.dropOld(session, realm);
        });
    }

    private static void forget(KeycloakSession session, RealmModel realm, boolean offline, int idleSeconds) {
        var entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        var before = Time.currentTimeMillis() - idleSeconds * 1000L - LENIENCE.toMillis();
        List<String> ids = entities.createQuery(
                        "select g.id from SallyportGrant g where g.realmId = :realm and g.offline = :offline"
                                + " and g.lastUsedAt < :before",
                        String.class)
                .setParameter("realm", realm.getId())
                .setParameter("offline", offline)
                .setParameter("before", before)
                .setMaxResults(AT_ONCE)
                .getResultList();
        if (!ids.isEmpty()) {
            entities.createQuery("delete from SallyportGrant g where g.id in :ids")
                    .setParameter("ids", ids)
                    .executeUpdate();
        }
    }
}
