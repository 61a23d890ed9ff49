package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.Registry;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.ClientSessionContext;

/** Scopes as texts and as sets, in the order in which a server lists them. */
final class Scoped {
    private Scoped() {}

    /** Those of these that are permission sets of the server. */
    static Set<String> ofServer(McpServer server, Collection<String> scopes) {
        return server.permissionSets().stream()
                .map(PermissionSet::scope)
                .filter(scopes::contains)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * The client itself is one of Keycloak's scopes here, and its name is what it calls itself: a client that calls itself
     * like a permission set must not have it for that.
     */
    static Set<String> names(ClientSessionContext context) {
        return context.getClientScopesStream()
                .filter(scope -> !(scope instanceof ClientModel))
                .map(ClientScopeModel::getName)
                .collect(Collectors.toSet());
    }

    static boolean anyIn(Registry registry, Collection<String> scopes) {
        return scopes.stream().anyMatch(scope -> registry.byScope(scope).isPresent());
    }

    static Set<String> of(@Nullable String text) {
        return Stream.of((text == null ? "" : text).split("\\s+", -1))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    static String text(Collection<String> scopes) {
        return String.join(" ", scopes);
    }
}
