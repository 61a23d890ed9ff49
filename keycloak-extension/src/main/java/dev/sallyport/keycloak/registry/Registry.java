package dev.sallyport.keycloak.registry;

import java.util.List;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** The MCP servers of one realm as last published by the proxy. A value: it does not change while it is held. */
public final class Registry {
    private final List<McpServer> servers;

    Registry(List<McpServer> servers) {
        this.servers = List.copyOf(servers);
    }

    /** The registry of the realm which the session's context is in. */
    public static Registry of(KeycloakSession session) {
        return of(session, session.getContext().getRealm());
    }

    public static Registry of(KeycloakSession session, RealmModel realm) {
        return new StoredRegistry(session, realm).read();
    }

    public List<McpServer> all() {
        return servers;
    }

    public Optional<McpServer> byName(String name) {
        return servers.stream().filter(server -> server.name().equals(name)).findFirst();
    }

    /** Finds by the canonical resource; one trailing slash is forgiven, nothing else is. */
    public Optional<McpServer> byResource(String resource) {
        var wanted = resource.endsWith("/") ? resource.substring(0, resource.length() - 1) : resource;
        return servers.stream()
                .filter(server -> server.resource().equals(wanted))
                .findFirst();
    }

    /** The server whose permission set a scope is. A scope belongs to one server only. */
    public Optional<McpServer> byScope(String scope) {
        return servers.stream()
                .filter(server -> server.permissionSet(scope).isPresent())
                .findFirst();
    }
}
