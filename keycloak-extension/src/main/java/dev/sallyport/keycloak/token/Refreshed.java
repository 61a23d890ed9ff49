package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.grant.Grant;
import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.registry.McpServer;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.keycloak.models.KeycloakSession;

/** What was decided about a refresh, for those who make the tokens in the same request. */
record Refreshed(Grant grant, McpServer server, Set<String> scopes, Grants.Successor successor) {
    private static final String ATTRIBUTE = "sallyport.refreshed";

    Refreshed {
        scopes = new LinkedHashSet<>(scopes);
    }

    void put(KeycloakSession session) {
        session.setAttribute(ATTRIBUTE, this);
    }

    static Optional<Refreshed> in(KeycloakSession session) {
        return Optional.ofNullable(session.getAttribute(ATTRIBUTE, Refreshed.class));
    }
}
