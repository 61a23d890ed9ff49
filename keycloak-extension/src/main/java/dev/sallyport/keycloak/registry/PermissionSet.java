package dev.sallyport.keycloak.registry;

import java.util.List;

/**
 * A named OAuth scope of one MCP server, with words for the person who grants it. {@code name} is short and unique
 * within the server ({@code read}), {@code scope} is what clients ask for ({@code notes:read}) and unique in the realm.
 *
 * @param byDefault whether it is ticked when a client asks for nothing in particular
 * @param tools patterns of the tools behind it, for the consent page only: the proxy decides on calls
 * @param includes names of sets of the same server that come with this one
 * @param roles realm roles, one of which a user needs to be granted it; empty together with groups: everyone
 * @param groups paths of groups ({@code /staff}), one of which a user has to be in
 */
public record PermissionSet(
        String name,
        String scope,
        String title,
        String description,
        boolean byDefault,
        Effect effect,
        List<String> tools,
        List<String> includes,
        List<String> roles,
        List<String> groups) {

    public PermissionSet {
        tools = List.copyOf(tools);
        includes = List.copyOf(includes);
        roles = List.copyOf(roles);
        groups = List.copyOf(groups);
    }

    /** How the consent page groups it: harmless first. */
    public enum Effect {
        READ,
        CHANGE,
        DELETE
    }
}
