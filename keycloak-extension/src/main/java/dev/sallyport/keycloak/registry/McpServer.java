package dev.sallyport.keycloak.registry;

import java.util.List;
import java.util.Optional;

/**
 * One protected MCP server. {@code resource} is its canonical URI without a trailing slash, exactly as it becomes the
 * {@code aud} of its tokens.
 *
 * @param connectUrl where a user connects an own upstream account; present when {@code connect} is {@code USER}
 */
public record McpServer(
        String name,
        String resource,
        String title,
        String description,
        Connect connect,
        Optional<String> connectUrl,
        List<PermissionSet> permissionSets) {

    public McpServer {
        permissionSets = List.copyOf(permissionSets);
    }

    /** Whether each user needs an own connection to what lies behind the server. */
    public enum Connect {
        NONE,
        USER
    }

    /** The set a client asks for by this scope, if it is one of this server's. */
    public Optional<PermissionSet> permissionSet(String scope) {
        return permissionSets.stream().filter(set -> set.scope().equals(scope)).findFirst();
    }
}
