package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.revocation.Ended;
import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.Details;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.services.managers.UserConsentManager;

/**
 * Ends grants when Keycloak ends what they stand on. Hears every event of every realm, inside the transaction of what
 * happened, and looks at what is true now rather than at what the event says about it.
 */
final class GrantEnds implements EventListenerProvider {
    /** Our own endpoints say in their events that the grant has been dealt with. */
    static final String GRANT_ID = "grant_id";

    private final KeycloakSession session;

    GrantEnds(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public void onEvent(Event event) {
        var realm = session.realms().getRealm(event.getRealmId());
        if (realm == null || event.getError() != null) {
            return;
        }
        switch (event.getType()) {
            case LOGOUT -> sessionEnded(realm, event.getSessionId());
            case REVOKE_GRANT -> revoked(realm, event);
            case UPDATE_CONSENT, GRANT_CONSENT -> consentChanged(realm, event, Details.GRANTED_CLIENT);
            case USER_DISABLED_BY_PERMANENT_LOCKOUT -> userChanged(realm, event.getUserId());
            default -> {
                // Ends no access.
            }
        }
    }

    @Override
    public void onEvent(AdminEvent event, boolean includeRepresentation) {
        var realm = session.realms().getRealm(event.getRealmId());
        if (realm == null || event.getError() != null) {
            return;
        }
        if (event.getResourceType() == ResourceType.REALM) {
            // Updated, signed out everywhere, or its not-before time pushed.
            new Staleness(session, realm).look();
        }
        var path = event.getResourcePath();
        if (path == null) {
            return;
        }
        var parts = path.split("/", -1);
        if (event.getResourceType() == ResourceType.USER && parts.length >= 2) {
            ofUser(realm, event.getOperationType(), parts);
        } else if (event.getResourceType() == ResourceType.CLIENT
                && event.getOperationType() == OperationType.UPDATE
                && parts.length == 2) {
            clientChanged(realm, parts[1]);
        } else if (event.getResourceType() == ResourceType.USER_SESSION && parts.length == 2) {
            sessionEnded(realm, parts[1]);
        }
    }

    private void ofUser(RealmModel realm, OperationType operation, String[] path) {
        if (operation == OperationType.UPDATE && path.length == 2) {
            userChanged(realm, path[1]);
        } else if (operation == OperationType.ACTION && path.length == 3 && path[2].equals("logout")) {
            everythingOf(realm, path[1]);
        } else if (operation == OperationType.ACTION && path.length >= 4 && path[2].equals("consents")) {
            // The identifier of a client may be a URL, and may come encoded.
            var clientId = String.join("/", Arrays.asList(path).subList(3, path.length));
            consentWithdrawn(realm, path[1], clientId);
            consentWithdrawn(realm, path[1], URLDecoder.decode(clientId, StandardCharsets.UTF_8));
        }
    }

    /** A grant depends on the login it came from, unless it has an offline session of its own that is still there. */
    private void sessionEnded(RealmModel realm, @Nullable String sessionId) {
        if (sessionId == null) {
            return;
        }
        new Grants(session, realm).ofSession(sessionId).forEach(grant -> endUnlessInSession(realm, grant));
    }

    private void endUnlessInSession(RealmModel realm, Grant grant) {
        if (!isInSession(realm, grant)) {
            new Grants(session, realm).end(grant, Ended.SESSION);
        }
    }

    private boolean isInSession(RealmModel realm, Grant grant) {
        var login = grant.offline()
                ? session.sessions().getOfflineUserSession(realm, grant.sessionId())
                : session.sessions().getUserSession(realm, grant.sessionId());
        return login != null
                && login.getState() != UserSessionModel.State.LOGGED_OUT
                && login.getState() != UserSessionModel.State.LOGGING_OUT
                && login.getAuthenticatedClientSessionByClient(grant.clientId()) != null;
    }

    /** By the account console, which takes the consent back, or at Keycloak's own endpoint, which ends a session. */
    private void revoked(RealmModel realm, Event event) {
        var details = event.getDetails();
        if (details == null || details.containsKey(GRANT_ID)) {
            return;
        }
        if (event.getSessionId() != null) {
            sessionEnded(realm, event.getSessionId());
        } else if (details.get(Details.REVOKED_CLIENT) != null && event.getUserId() != null) {
            consentWithdrawn(realm, event.getUserId(), details.get(Details.REVOKED_CLIENT));
        }
    }

    private void consentWithdrawn(RealmModel realm, String userId, String clientId) {
        var grants = new Grants(session, realm);
        var user = session.users().getUserById(realm, userId);
        var client = realm.getClientByClientId(clientId);
        if (user == null || client == null) {
            return;
        }
        var ended = grants.ofClient(user, client);
        if (!ended.isEmpty()) {
            grants.endSilently(ended);
            new Revocations(session, realm).append(Revocation.ofConsent(userId, clientId));
        }
    }

    private void consentChanged(RealmModel realm, Event event, String detail) {
        var clientId = event.getDetails() == null ? null : event.getDetails().get(detail);
        var client = clientId == null ? null : realm.getClientByClientId(clientId);
        var user = event.getUserId() == null ? null : session.users().getUserById(realm, event.getUserId());
        if (client == null || user == null) {
            return;
        }
        var grants = new Grants(session, realm);
        var consented = consented(realm, user, client);
        for (var grant : grants.ofClient(user, client)) {
            var left = grant.scopes();
            if (left.retainAll(consented)) {
                grants.narrow(grant, left);
            }
        }
    }

    private Set<String> consented(RealmModel realm, UserModel user, ClientModel client) {
        return Optional.ofNullable(UserConsentManager.getConsentByClient(session, realm, user, client.getId())).stream()
                .flatMap(consent -> consent.getGrantedClientScopes().stream())
                .map(ClientScopeModel::getName)
                .collect(Collectors.toSet());
    }

    /** A person who is let in again later finds the grants as they were; until then Keycloak refuses to refresh them. */
    private void userChanged(RealmModel realm, @Nullable String userId) {
        var user = userId == null ? null : session.users().getUserById(realm, userId);
        if (user != null && !user.isEnabled() && hasAccess(realm, user)) {
            new Revocations(session, realm).append(Revocation.ofUser(user.getId()));
        }
    }

    /** A machine's user has no grants. */
    private boolean hasAccess(RealmModel realm, UserModel user) {
        return user.getServiceAccountClientLink() != null
                || !grantsOf(realm, user.getId()).isEmpty();
    }

    /** Keycloak declares every token of the person stale, those of offline sessions too. */
    private void everythingOf(RealmModel realm, String userId) {
        var ended = grantsOf(realm, userId);
        if (!ended.isEmpty()) {
            new Grants(session, realm).endSilently(ended);
            new Revocations(session, realm).append(Revocation.ofUser(userId));
        }
    }

    private List<Grant> grantsOf(RealmModel realm, String userId) {
        return new Grants(session, realm).ofUser(userId);
    }

    private void clientChanged(RealmModel realm, String id) {
        var client = realm.getClientById(id);
        if (client == null) {
            return;
        }
        if (!client.isEnabled()) {
            new Revocations(session, realm).append(Revocation.ofClient(client.getClientId()));
        }
        new Staleness(session, realm).look(client);
    }

    @Override
    public void close() {}
}
