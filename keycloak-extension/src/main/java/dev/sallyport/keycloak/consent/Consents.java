package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.client.ScopeOf;
import dev.sallyport.keycloak.login.McpRequest;
import dev.sallyport.keycloak.registry.McpServer;
import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserConsentModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.managers.UserConsentManager;

/**
 * What people agreed to. Keycloak's own consent of a user to a client is the truth about which scopes a client has, so
 * that its account console and admin API list and revoke the same thing; it knows neither resource nor destination, which
 * are kept beside it. Whatever was revoked there counts for nothing here.
 */
public final class Consents {
    private final KeycloakSession session;
    private final RealmModel realm;

    /** The four that an answer is remembered for. */
    record Key(String realmId, String userId, String clientId, String destination, String resource) {
        String digest() {
            try {
                var text = String.join("\n", realmId, userId, clientId, destination, resource);
                var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
                return HexFormat.of().formatHex(digest);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** An earlier answer for the same user, client, destination and resource. */
    record Remembered(Set<String> offered, Set<String> agreed) {}

    public Consents(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /** The scopes of this server that the client has from this user, wherever the answers went. */
    public Set<String> granted(UserModel user, ClientModel client, McpServer server) {
        return Optional.ofNullable(keycloakConsent(user, client)).stream()
                .flatMap(consent -> consent.getGrantedClientScopes().stream())
                .map(ClientScopeModel::getName)
                .filter(scope -> server.permissionSet(scope).isPresent())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Empty when never asked, or when the consent that the answer belonged to has been revoked since. */
    Optional<Remembered> remembered(McpRequest request) {
        var row = entities().find(ConsentEntity.class, key(request).digest());
        var consent = keycloakConsent(request.user(), request.client());
        if (row == null || consent == null || row.decidedAt() < consent.getCreatedDate()) {
            return Optional.empty();
        }
        var agreed = scopes(row.agreed());
        agreed.retainAll(granted(request.user(), request.client(), request.server()));
        return Optional.of(new Remembered(scopes(row.offered()), agreed));
    }

    /** Whether this user has ever let an answer of any client go there. */
    boolean knowsDestination(McpRequest request) {
        return !entities()
                .createQuery(
                        "select 1 from SallyportConsent c where c.realmId = :realm and c.userId = :user"
                                + " and c.destination = :destination",
                        Integer.class)
                .setParameter("realm", realm.getId())
                .setParameter("user", request.user().getId())
                .setParameter("destination", request.destination().key())
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /**
     * Records an answer. What was granted earlier and is not in it any more is taken back from the client, also where it
     * was granted for another destination: Keycloak has one consent for a client.
     */
    void record(McpRequest request, Offer offer, Set<String> agreed) {
        var consent = Optional.ofNullable(keycloakConsent(request.user(), request.client()))
                .orElseGet(() -> {
                    var created = new UserConsentModel(request.client());
                    UserConsentManager.addConsent(session, realm, request.user(), created);
                    return created;
                });
        consent.getGrantedClientScopes().removeIf(scope -> offer.scopes().contains(scope.getName()));
        Stream.concat(agreed.stream(), Stream.of(OAuth2Constants.OFFLINE_ACCESS))
                .map(name -> ScopeOf.client(request.client(), name))
                .flatMap(Optional::stream)
                .filter(scope -> !consent.isClientScopeGranted(scope))
                .forEach(consent::addGrantedClientScope);
        UserConsentManager.updateConsent(session, realm, request.user(), consent);
        narrowOthers(request, offer, agreed);
        var key = key(request);
        var row = entities().find(ConsentEntity.class, key.digest());
        if (row == null) {
            row = new ConsentEntity(key.digest(), key);
            row.decide(text(offer.scopes()), text(agreed), Time.currentTimeMillis());
            entities().persist(row);
        } else {
            row.decide(text(offer.scopes()), text(agreed), Time.currentTimeMillis());
        }
    }

    private void narrowOthers(McpRequest request, Offer offer, Set<String> agreed) {
        var withdrawn = offer.scopes();
        withdrawn.removeAll(agreed);
        if (withdrawn.isEmpty()) {
            return;
        }
        rows(request).forEach(row -> {
            var kept = scopes(row.agreed());
            kept.removeAll(withdrawn);
            row.narrow(text(kept));
        });
    }

    private List<ConsentEntity> rows(McpRequest request) {
        return entities()
                .createQuery(
                        "select c from SallyportConsent c where c.userId = :user and c.clientId = :client"
                                + " and c.resource = :resource",
                        ConsentEntity.class)
                .setParameter("user", request.user().getId())
                .setParameter("client", request.client().getId())
                .setParameter("resource", request.server().resource())
                .getResultList();
    }

    /** Keycloak may pass a federated user's consent through; it is null where there is none. */
    private @Nullable UserConsentModel keycloakConsent(UserModel user, ClientModel client) {
        return UserConsentManager.getConsentByClient(session, realm, user, client.getId());
    }

    private Key key(McpRequest request) {
        return new Key(
                realm.getId(),
                request.user().getId(),
                request.client().getId(),
                request.destination().key(),
                request.server().resource());
    }

    private EntityManager entities() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager();
    }

    private static Set<String> scopes(String text) {
        return Stream.of(text.split(" ", -1))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String text(Collection<String> scopes) {
        return String.join(" ", scopes);
    }
}
