package dev.sallyport.keycloak.grant;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What one person let one client have for one MCP server, once.
 *
 * @param clientId Keycloak's own identifier of the client
 * @param destination where the answer went, as {@code Destination.key()} says it
 * @param sessionId of the login it was granted in
 * @param offline it outlives that login
 * @param scopes agreed to for this grant; what is left of them is decided at each refresh
 * @param createdAt in milliseconds since 1970, as {@code lastUsedAt}
 */
public record Grant(
        String id,
        String userId,
        String clientId,
        String resource,
        String destination,
        String sessionId,
        boolean offline,
        Set<String> scopes,
        long createdAt,
        long lastUsedAt) {

    public Grant {
        scopes = new LinkedHashSet<>(scopes);
    }
}
