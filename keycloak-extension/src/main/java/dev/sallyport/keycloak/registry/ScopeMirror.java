package dev.sallyport.keycloak.registry;

import dev.sallyport.keycloak.client.McpClients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;

/**
 * Keeps one client scope per permission set. Only scopes with the mark of a server are ever touched; a scope of somebody
 * else with the same name is a clash and refuses the publication.
 */
final class ScopeMirror {
    private static final String SERVER = McpClients.SERVER;
    static final String RESOURCE = "sallyport.resource";

    private final RealmModel realm;

    ScopeMirror(RealmModel realm) {
        this.realm = realm;
    }

    /** Compares with what is really there, so that scopes deleted or edited by hand come back. */
    Difference update(List<McpServer> before, List<McpServer> after) {
        var existing = realm.getClientScopesStream()
                .collect(Collectors.toMap(ClientScopeModel::getName, Function.identity(), (one, other) -> one));
        var earlier = new HashMap<String, PermissionSet>();
        before.forEach(server -> server.permissionSets().forEach(set -> earlier.put(set.scope(), set)));
        var created = 0;
        var updated = 0;
        var unchanged = 0;
        for (var server : after) {
            for (var set : server.permissionSets()) {
                var scope = existing.remove(set.scope());
                if (scope == null) {
                    write(realm.addClientScope(set.scope()), server, set);
                    created++;
                } else if (scope.getAttribute(SERVER) == null) {
                    throw new RegistryException("server " + server.name() + ", set " + set.name()
                            + ": the realm has another client scope named " + set.scope());
                } else if (write(scope, server, set) || !set.equals(earlier.get(set.scope()))) {
                    updated++;
                } else {
                    unchanged++;
                }
            }
        }
        var orphans = existing.values().stream()
                .filter(scope -> scope.getAttribute(SERVER) != null)
                .toList();
        orphans.forEach(scope -> realm.removeClientScope(scope.getId()));
        return new Difference(created, updated, orphans.size(), unchanged);
    }

    private static boolean write(ClientScopeModel scope, McpServer server, PermissionSet set) {
        var changed = false;
        if (!OIDCLoginProtocol.LOGIN_PROTOCOL.equals(scope.getProtocol())) {
            scope.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
            changed = true;
        }
        // The admin console lists names and descriptions: both begin with the server's name.
        var description = shortened(title(server, set) + (set.description().isBlank() ? "" : ". " + set.description()));
        if (!description.equals(Objects.requireNonNullElse(scope.getDescription(), ""))) {
            scope.setDescription(description);
            changed = true;
        }
        for (var attribute : attributes(server, set).entrySet()) {
            if (!Objects.equals(scope.getAttribute(attribute.getKey()), attribute.getValue())) {
                scope.setAttribute(attribute.getKey(), attribute.getValue());
                changed = true;
            }
        }
        return changed;
    }

    private static Map<String, String> attributes(McpServer server, PermissionSet set) {
        return Map.of(
                SERVER,
                server.name(),
                RESOURCE,
                server.resource(),
                ClientScopeModel.DISPLAY_ON_CONSENT_SCREEN,
                "true",
                ClientScopeModel.CONSENT_SCREEN_TEXT,
                title(server, set),
                ClientScopeModel.INCLUDE_IN_TOKEN_SCOPE,
                "true",
                ClientScopeModel.INCLUDE_IN_OPENID_PROVIDER_METADATA,
                "false");
    }

    private static String title(McpServer server, PermissionSet set) {
        return server.title() + ": " + set.title();
    }

    /** CLIENT_SCOPE.DESCRIPTION holds 255 characters. */
    private static String shortened(String description) {
        return description.length() <= 255 ? description : description.substring(0, 254) + "…";
    }
}
