package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.stream.Collectors;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.RealmModel;

/**
 * Makes the permission sets that a client asks for optional scopes of it, when it first asks. Keycloak only
 * grants scopes that a client has; giving all to all at registration would cost a client with a thousand sets a third of a
 * second, and would leave out those that are published later. What is granted is still for the user to decide.
 */
final class ScopeAssignment {
    private final RealmModel realm;

    ScopeAssignment(RealmModel realm) {
        this.realm = realm;
    }

    /** @param asked scopes of the server, or none for all of them */
    void assign(ClientModel client, McpServer server, Collection<String> asked) {
        var wanted = asked.isEmpty()
                ? server.permissionSets().stream().map(PermissionSet::scope).collect(Collectors.toSet())
                : new HashSet<>(asked);
        wanted.add(OAuth2Constants.OFFLINE_ACCESS);
        var missing = new HashSet<>(wanted);
        missing.removeAll(client.getClientScopes(false).keySet());
        missing.removeAll(client.getClientScopes(true).keySet());
        if (missing.isEmpty()) {
            return;
        }
        var scopes = realm.getClientScopesStream()
                .filter(scope -> missing.contains(scope.getName()))
                .collect(Collectors.<ClientScopeModel>toSet());
        client.addClientScopes(scopes, false);
    }
}
