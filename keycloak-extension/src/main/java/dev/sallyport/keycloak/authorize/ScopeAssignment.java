package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.client.SharedClient;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Makes the permission sets that a client asks for optional scopes of it, when it first asks. Keycloak only
 * grants scopes that a client has; giving all to all at registration would cost a client with a thousand sets a third of a
 * second, and would leave out those that are published later. What is granted is still for the user to decide.
 */
final class ScopeAssignment {
    private final KeycloakSession session;
    private final RealmModel realm;

    ScopeAssignment(KeycloakSession session) {
        this.session = session;
        realm = session.getContext().getRealm();
    }

    /** @param asked scopes of the server, or none for all of them */
    void assign(ClientModel client, McpServer server, Collection<String> asked) {
        var wanted = asked.isEmpty()
                ? server.permissionSets().stream().map(PermissionSet::scope).collect(Collectors.toSet())
                : new HashSet<>(asked);
        wanted.add(OAuth2Constants.OFFLINE_ACCESS);
        if (!missing(client, wanted).isEmpty()) {
            SharedClient.change(session, realm, client.getId(), (current, shared) -> add(current, shared, wanted));
        }
    }

    private static Set<String> missing(ClientModel client, Set<String> wanted) {
        var missing = new HashSet<>(wanted);
        missing.removeAll(client.getClientScopes(false).keySet());
        missing.removeAll(client.getClientScopes(true).keySet());
        return missing;
    }

    private static void add(RealmModel realm, ClientModel client, Set<String> wanted) {
        var missing = missing(client, wanted);
        var scopes = realm.getClientScopesStream()
                .filter(scope -> missing.contains(scope.getName()))
                .collect(Collectors.<ClientScopeModel>toSet());
        if (!scopes.isEmpty()) {
            client.addClientScopes(scopes, false);
        }
    }
}
