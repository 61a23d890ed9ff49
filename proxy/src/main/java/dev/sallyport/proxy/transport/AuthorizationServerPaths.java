package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.KeycloakSettings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of Keycloak is reachable through the public origin: the pages and endpoints of one realm, and the files these pages
 * need. Other realms, the admin API, and the endpoints by which proxy and extension speak to each other are not.
 */
final class AuthorizationServerPaths {

    /** RFC 8414 section 3.1; before the path of an MCP server, too, where clients look that take it for the issuer. */
    static final String OAUTH = "/.well-known/oauth-authorization-server";

    private static final String OPENID = "/.well-known/openid-configuration";

    /** Of the extension, for the proxy's own service account only. */
    private static final Set<String> INTERNAL = Set.of("registry", "revocations", "connections", "grants", "brokered");

    private final String realm;
    private final boolean ownOrigin;
    private final boolean adminConsole;
    private final Set<String> scripts;
    private final Map<String, String> documents;

    AuthorizationServerPaths(KeycloakSettings keycloak) {
        realm = "/realms/" + keycloak.realm();
        ownOrigin = keycloak.ownOrigin();
        adminConsole = keycloak.adminConsole();
        scripts = Set.of(
                realm + "/protocol/openid-connect/token",
                realm + "/protocol/openid-connect/certs",
                realm + "/clients-registrations/mcp",
                realm + "/sallyport/revoke");
        documents = Map.of(
                // Clients of 2025-03-26 look at the MCP server's own origin, without a path.
                OAUTH,
                OAUTH + realm,
                OAUTH + realm,
                OAUTH + realm,
                // Keycloak does not serve this spelling itself.
                OPENID + realm,
                realm + OPENID,
                realm + OPENID,
                realm + OPENID,
                realm + OAUTH,
                realm + OAUTH);
    }

    /** Empty if nothing of Keycloak is reachable under the path. */
    Optional<Route> find(String path) {
        var document = documents.get(path);
        if (document != null) {
            return Optional.of(new Route.AuthorizationServer(document, Route.Access.DOCUMENT));
        }
        if (ownOrigin || !isOpen(path)) {
            return Optional.empty();
        }
        var access = scripts.contains(path) ? Route.Access.SCRIPTS : Route.Access.BROWSER;
        return Optional.of(new Route.AuthorizationServer(path, access));
    }

    private boolean isOpen(String path) {
        if (path.startsWith("/resources/")) {
            return true;
        }
        if (isAt(path, realm)) {
            return !isInternal(path.substring(realm.length()));
        }
        return adminConsole && (isAt(path, "/admin") || isAt(path, "/realms/master"));
    }

    private static boolean isInternal(String belowRealm) {
        var segments = belowRealm.split("/", -1);
        return segments.length > 2 && segments[1].equals("sallyport") && INTERNAL.contains(segments[2]);
    }

    private static boolean isAt(String path, String prefix) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }
}
