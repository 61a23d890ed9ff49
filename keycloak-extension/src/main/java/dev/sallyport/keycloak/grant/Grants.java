package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.revocation.Ended;
import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.managers.UserSessionManager;

/**
 * The grants of a realm that are alive. Every end of one is told to the proxies, in the same transaction. Ending one
 * never touches another one, nor the person's login.
 */
public final class Grants {
    /** For one person, client, resource and destination; the one that was unused for the longest time makes room. */
    static final int LIMIT = 50;

    private static final String ALL = "select g from SallyportGrant g where g.realmId = :realm";

    private final KeycloakSession session;
    private final RealmModel realm;

    /** What a grant begins with. */
    public record Beginning(
            UserModel user,
            ClientModel client,
            String resource,
            String destination,
            String sessionId,
            boolean offline,
            String codeId,
            Set<String> scopes) {}

    /** The newest refresh token of a family: its number, and when it was made in milliseconds since 1970. */
    public record Successor(long generation, long madeAt) {}

    public Grants(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    public static Grants of(KeycloakSession session) {
        return new Grants(session, session.getContext().getRealm());
    }

    /** What this person agreed to for this client and resource, with answers going to this destination, and still lives. */
    public Set<String> agreed(UserModel user, ClientModel client, String resource, String destination) {
        return alike(user.getId(), client.getId(), resource, destination).stream()
                .flatMap(grant -> grant.scopes().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The same for a grant and its like: a person who agrees to more does so for the client, not for one family. */
    public Set<String> agreed(Grant grant) {
        return alike(grant.userId(), grant.clientId(), grant.resource(), grant.destination()).stream()
                .flatMap(each -> each.scopes().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Begins a grant with a first refresh token, numbered zero; returns its id, which is no secret. */
    public String begin(Beginning beginning) {
        var alike = alike(
                beginning.user().getId(), beginning.client().getId(), beginning.resource(), beginning.destination());
        alike.stream().skip(LIMIT - 1L).forEach(grant -> end(grant, Ended.GRANT));
        var id = KeycloakModelUtils.generateId();
        entities().persist(new GrantEntity(id, realm.getId(), beginning, Time.currentTimeMillis()));
        return id;
    }

    public Optional<Grant> find(String id) {
        return select("g.id = :value", id).stream().findFirst();
    }

    public Optional<Grant> byCode(String codeId) {
        return select("g.codeId = :value", codeId).stream().findFirst();
    }

    public List<Grant> ofUser(String userId) {
        return select("g.userId = :value", userId);
    }

    List<Grant> ofSession(String sessionId) {
        return select("g.sessionId = :value", sessionId);
    }

    List<Grant> ofClient(UserModel user, ClientModel client) {
        return entities()
                .createQuery(ALL + " and g.userId = :user and g.clientId = :client", GrantEntity.class)
                .setParameter("realm", realm.getId())
                .setParameter("user", user.getId())
                .setParameter("client", client.getId())
                .getResultStream()
                .map(GrantEntity::grant)
                .toList();
    }

    /**
     * Presents a refresh token by its number. Empty ends the matter: the family is over, or is ended by this call, because
     * a token came back that somebody had used before. Of any number of calls at once with the newest token one makes the
     * next; the others get the same.
     */
    public Optional<Successor> rotate(Grant grant, long presented, Duration grace) {
        // More than one turn only when another transaction was faster; it has committed by then.
        for (var turn = 0; turn < 10; turn++) {
            var lineage = lineage(grant.id());
            if (lineage.isEmpty()) {
                return Optional.empty();
            }
            var answer = lineage.get().present(presented, Time.currentTimeMillis(), grace);
            if (answer instanceof Lineage.Answer.Reused) {
                end(grant, Ended.GRANT);
                return Optional.empty();
            }
            if (answer instanceof Lineage.Answer.Again again) {
                return Optional.of(successor(again.lineage()));
            }
            if (answer instanceof Lineage.Answer.Next next && follow(grant, presented, next.lineage())) {
                return Optional.of(successor(next.lineage()));
            }
        }
        return Optional.empty();
    }

    /** By columns: a loaded entity would be what it was when it was loaded. */
    private Optional<Lineage> lineage(String id) {
        return entities()
                .createQuery(
                        "select g.generation, g.rotatedAt, g.recent from SallyportGrant g where g.id = :id",
                        Object[].class)
                .setParameter("id", id)
                .getResultStream()
                .map(row -> Lineage.of((Long) row[0], (Long) row[1], row[2] instanceof String text ? text : ""))
                .findFirst();
    }

    private static Successor successor(Lineage lineage) {
        return new Successor(lineage.generation(), lineage.rotatedAt());
    }

    /** The compare-and-set: the database lets one of two through, on whatever node they are. */
    private boolean follow(Grant grant, long presented, Lineage next) {
        return entities()
                        .createQuery("update SallyportGrant g set g.generation = :next, g.rotatedAt = :now,"
                                + " g.lastUsedAt = :now, g.recent = :recent"
                                + " where g.id = :id and g.generation = :presented")
                        .setParameter("next", next.generation())
                        .setParameter("now", next.rotatedAt())
                        .setParameter("recent", next.recentText())
                        .setParameter("id", grant.id())
                        .setParameter("presented", presented)
                        .executeUpdate()
                == 1;
    }

    /** Ends it for good, if it has not ended yet. */
    public void end(Grant grant, Ended why) {
        if (delete(grant)) {
            tell(grant, why);
            leaveSession(grant);
        }
    }

    /** Ends these; the event for all of them is the caller's. */
    void endSilently(Collection<Grant> grants) {
        grants.forEach(this::delete);
    }

    /** Takes back some of its scopes for good: its tokens so far are void, its next ones carry what is left. */
    void narrow(Grant grant, Set<String> left) {
        if (left.isEmpty()) {
            end(grant, Ended.CONSENT);
            return;
        }
        entities()
                .createQuery("update SallyportGrant g set g.scope = :scope where g.id = :id")
                .setParameter("scope", String.join(" ", left))
                .setParameter("id", grant.id())
                .executeUpdate();
        tell(grant, Ended.CONSENT);
    }

    /** The row goes before the event's moment is taken: a refresh at the same time is either before both or refused. */
    private boolean delete(Grant grant) {
        return entities()
                        .createQuery("delete from SallyportGrant g where g.id = :id")
                        .setParameter("id", grant.id())
                        .executeUpdate()
                == 1;
    }

    private void tell(Grant grant, Ended why) {
        var client = realm.getClientById(grant.clientId());
        new Revocations(session, realm)
                .append(new Revocation(
                        why,
                        Optional.of(grant.id()),
                        Optional.of(grant.userId()),
                        Optional.ofNullable(client).map(ClientModel::getClientId),
                        why == Ended.SESSION ? Optional.of(grant.sessionId()) : Optional.empty(),
                        Optional.of(grant.resource())));
    }

    /** Keycloak has one offline session for all grants of a client in a login; it goes with the last of them. */
    private void leaveSession(Grant grant) {
        var others = ofSession(grant.sessionId()).stream()
                .anyMatch(other -> other.offline() && other.clientId().equals(grant.clientId()));
        var client = realm.getClientById(grant.clientId());
        var user = session.users().getUserById(realm, grant.userId());
        if (!grant.offline() || others || client == null || user == null) {
            return;
        }
        var offline = session.sessions().getOfflineUserSession(realm, grant.sessionId());
        if (offline != null) {
            new UserSessionManager(session).removeClientFromOfflineUserSession(realm, offline, client, user);
        }
    }

    /** Most recently used first. */
    private List<Grant> alike(String userId, String clientId, String resource, String destination) {
        return entities()
                .createQuery(
                        ALL + " and g.userId = :user and g.clientId = :client and g.resource = :resource"
                                + " and g.destination = :destination order by g.lastUsedAt desc, g.id",
                        GrantEntity.class)
                .setParameter("realm", realm.getId())
                .setParameter("user", userId)
                .setParameter("client", clientId)
                .setParameter("resource", resource)
                .setParameter("destination", destination)
                .getResultStream()
                .map(GrantEntity::grant)
                .toList();
    }

    private List<Grant> select(String condition, String value) {
        return entities()
                .createQuery(ALL + " and " + condition + " order by g.createdAt, g.id", GrantEntity.class)
                .setParameter("realm", realm.getId())
                .setParameter("value", value)
                .getResultStream()
                .map(GrantEntity::grant)
                .toList();
    }

    private EntityManager entities() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }

    static Set<String> scopes(String text) {
        return Stream.of(text.split(" ", -1))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
