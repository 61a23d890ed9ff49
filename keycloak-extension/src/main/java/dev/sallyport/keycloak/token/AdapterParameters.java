package dev.sallyport.keycloak.token;

import jakarta.ws.rs.core.MultivaluedMap;
import org.keycloak.constants.AdapterConstants;

/** Parameters by which Keycloak's old adapters named a host that it calls back (CVE-2026-4874). No MCP client has one. */
final class AdapterParameters {
    private AdapterParameters() {}

    static void strip(MultivaluedMap<String, String> form) {
        form.remove(AdapterConstants.CLIENT_SESSION_STATE);
        form.remove(AdapterConstants.CLIENT_SESSION_HOST);
    }
}
