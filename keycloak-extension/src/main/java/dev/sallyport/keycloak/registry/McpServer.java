package dev.sallyport.keycloak.registry;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One protected MCP server. {@code resource} is its canonical URI without a trailing slash, exactly as it becomes the
 * {@code aud} of its tokens.
 *
 * @param connectUrl where a user connects an own upstream account; present when {@code connect} is {@code USER}
 * @param claims what its tokens say about the person, because a rule asks for it
 */
public record McpServer(
        String name,
        String resource,
        String title,
        String description,
        Connect connect,
        Optional<String> connectUrl,
        List<PermissionSet> permissionSets,
        Set<PersonClaim> claims) {

    public McpServer {
        permissionSets = List.copyOf(permissionSets);
        claims = Set.copyOf(claims);
    }

    /** What the rules of a server may want to know about a person. The word on the wire is the claim's name. */
    public enum PersonClaim {
        ROLES,
        GROUPS
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
