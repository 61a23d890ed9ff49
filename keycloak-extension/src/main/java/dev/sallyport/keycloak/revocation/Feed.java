package dev.sallyport.keycloak.revocation;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/**
 * The log of a realm in the order in which its events became visible. Numbers that are given out before a commit can
 * appear out of order, and a reader who has passed one would miss it. So events get their numbers afterwards: whoever
 * reads numbers the committed ones first, under the lock of the realm's row. What has a number was committed before, and
 * no lower number can appear later.
 */
final class Feed {
    private static final Duration KEPT = Duration.ofHours(24);
    private static final int PAGE = 500;

    private final EntityManager entities;
    private final String realmId;

    /** Events after a cursor, and the cursor to go on from. */
    record Page(long cursor, List<RevocationEntity> events) {
        Page {
            events = List.copyOf(events);
        }
    }

    Feed(KeycloakSession session, String realmId) {
        this.entities = session.getProvider(JpaConnectionProvider.class).getEntityManager();
        this.realmId = realmId;
    }

    /** Where a reader starts that knows nothing: every event from here on will come. */
    Page now() {
        return new Page(numbered().last(), List.of());
    }

    /** Empty when events after this cursor are not kept any more, or it never was one of this feed. */
    Optional<Page> after(long cursor) {
        var feed = numbered();
        if (cursor < feed.dropped() || cursor > feed.last()) {
            return Optional.empty();
        }
        if (cursor == feed.last()) {
            return Optional.of(new Page(cursor, List.of()));
        }
        var events = entities.createQuery(
                        "select r from SallyportRevocation r where r.realmId = :realm and r.position > :cursor"
                                + " order by r.position",
                        RevocationEntity.class)
                .setParameter("realm", realmId)
                .setParameter("cursor", cursor)
                .setMaxResults(PAGE)
                .getResultList();
        var reached =
                events.isEmpty() ? feed.last() : events.get(events.size() - 1).position();
        return Optional.of(new Page(reached, events));
    }

    /** Forgets events that are older than a day; who has not read them by now gets told so. */
    void dropOld() {
        var old = Time.currentTimeMillis() / 1000 - KEPT.toSeconds();
        var highest = entities.createQuery(
                        "select max(r.position) from SallyportRevocation r where r.realmId = :realm and r.at < :old",
                        Long.class)
                .setParameter("realm", realmId)
                .setParameter("old", old)
                .getSingleResult();
        if (highest != null) {
            locked().drop(highest);
            entities.createQuery(
                            "delete from SallyportRevocation r where r.realmId = :realm and r.position <= :highest")
                    .setParameter("realm", realmId)
                    .setParameter("highest", highest)
                    .executeUpdate();
        }
    }

    private FeedEntity numbered() {
        var feed = entities.find(FeedEntity.class, realmId);
        if (feed != null && unnumbered(1).isEmpty()) {
            return feed;
        }
        var locked = locked();
        for (var event : unnumbered(PAGE)) {
            event.place(locked.next());
        }
        entities.flush();
        return locked;
    }

    private List<RevocationEntity> unnumbered(int atMost) {
        return entities.createQuery(
                        "select r from SallyportRevocation r where r.realmId = :realm and r.position is null"
                                + " order by r.at, r.id",
                        RevocationEntity.class)
                .setParameter("realm", realmId)
                .setMaxResults(atMost)
                .getResultList();
    }

    private FeedEntity locked() {
        var feed = entities.find(FeedEntity.class, realmId);
        if (feed == null) {
            feed = new FeedEntity(realmId);
            entities.persist(feed);
            entities.flush();
        }
        entities.refresh(feed, LockModeType.PESSIMISTIC_WRITE);
        return feed;
    }
}
