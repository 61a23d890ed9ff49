package dev.sallyport.keycloak.registry;

import java.util.List;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** The MCP servers of one realm as last published by the proxy. A value: it does not change while it is held. */
public final class Registry {
    private static final String PREPARED = "sallyport.prepared";

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

    /** Whether the context's realm serves MCP clients: it was prepared for them, or a proxy has published something. */
    public static boolean serves(KeycloakSession session) {
        var realm = session.getContext().getRealm();
        return realm.getAttribute(StoredRegistry.DIGEST) != null
                || Boolean.TRUE.equals(realm.getAttribute(PREPARED, false))
                || !of(session, realm).all().isEmpty();
    }

    /** Marks a realm as prepared for MCP clients, before anything is published. */
    public static void prepare(RealmModel realm) {
        realm.setAttribute(PREPARED, true);
    }

    public List<McpServer> all() {
        return servers;
    }

    public Optional<McpServer> byName(String name) {
        return servers.stream().filter(server -> server.name().equals(name)).findFirst();
    }

    /**
     * Finds by the resource as a client spelled it. Case of scheme and host, a default port and trailing slashes are
     * forgiven, nothing else is.
     */
    public Optional<McpServer> byResource(String resource) {
        return HttpUrl.canonical(resource)
                .flatMap(wanted -> servers.stream()
                        .filter(server -> server.resource().equals(wanted))
                        .findFirst());
    }

    /** The server whose permission set a scope is. A scope belongs to one server only. */
    public Optional<McpServer> byScope(String scope) {
        return servers.stream()
                .filter(server -> server.permissionSet(scope).isPresent())
                .findFirst();
    }
}
