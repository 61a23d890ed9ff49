package dev.sallyport.keycloak.revocation;

import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.stream.Stream;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Where the end of an access is written down: in the caller's own transaction, so that it is told if and only if it
 * happened. Callers take the locks that keep new tokens from being issued first; the moment of the event is taken here.
 */
public final class Revocations {
    private static final long MOST_AHEAD_SECONDS = 20;

    private final KeycloakSession session;
    private final RealmModel realm;

    public Revocations(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    public void append(Revocation revocation) {
        append(revocation, Time.currentTimeMillis() / 1000);
    }

    /** Everything that the revocation covers and that was issued up to a moment of the past, in seconds since 1970. */
    public void append(Revocation revocation, long until) {
        var now = Time.currentTimeMillis() / 1000;
        var at = until < now ? until : afterOthers(revocation, now);
        entities().persist(new RevocationEntity(KeycloakModelUtils.generateId(), realm.getId(), at, revocation));
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                Waiting.wake();
            }

            @Override
            protected void rollbackImpl() {}
        });
    }

    /**
     * The {@code iat} of a token made now that no event so far covers. Events and tokens count in seconds: a token of the
     * very second of an event would be void though it was made after it, so it is dated one second later.
     *
     * @param token its claims, in the form of an event
     */
    public long issuable(Revocation token) {
        long now = Time.currentTimeMillis() / 1000;
        return since(now)
                .filter(event -> event.revocation().covers(token))
                .mapToLong(event -> event.at() + 1)
                .max()
                .orElse(now);
    }

    /**
     * Tokens made after another event of this very second are dated later than it, see {@link #issuable}; an event about
     * the same tokens has to be later still, or it would miss them. Not by more than proxies allow for clocks.
     */
    private long afterOthers(Revocation revocation, long now) {
        var after = since(now)
                .filter(event -> event.revocation().mayShareTokensWith(revocation))
                .mapToLong(event -> event.at() + 1)
                .max()
                .orElse(now);
        return Math.min(after, now + MOST_AHEAD_SECONDS);
    }

    private Stream<RevocationEntity> since(long moment) {
        return entities()
                .createQuery(
                        "select r from SallyportRevocation r where r.realmId = :realm and r.at >= :moment",
                        RevocationEntity.class)
                .setParameter("realm", realm.getId())
                .setParameter("moment", moment)
                .getResultList()
                .stream();
    }

    /** Forgets events that are kept no longer. */
    public static void dropOld(KeycloakSession session, RealmModel realm) {
        new Feed(session, realm.getId()).dropOld();
    }

    /** Forgets a realm that is deleted. */
    public static void forget(KeycloakSession session, String realmId) {
        var entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        for (var table : List.of("SallyportRevocation", "SallyportFeed")) {
            entities.createQuery("delete from " + table + " t where t.realmId = :realm")
                    .setParameter("realm", realmId)
                    .executeUpdate();
        }
    }

    private EntityManager entities() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }
}
