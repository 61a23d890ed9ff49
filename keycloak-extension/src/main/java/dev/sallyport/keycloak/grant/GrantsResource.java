package dev.sallyport.keycloak.grant;

import dev.sallyport.keycloak.proxyclient.ProxyClient;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.Registry;
import dev.sallyport.keycloak.revocation.Ended;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;

/** {@code …/sallyport/grants}: what the proxy's page shows a person, and lets them take back. */
public class GrantsResource {
    private final KeycloakSession session;

    /** As it is sent; times in seconds since 1970. */
    record Shown(
            String grantId,
            String clientId,
            String clientName,
            String resource,
            String server,
            List<String> scopes,
            long createdAt,
            long lastUsedAt) {}

    public GrantsResource(KeycloakSession session) {
        this.session = session;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Response list(@QueryParam("sub") @Nullable String sub) {
        ProxyClient.require(session);
        if (sub == null || sub.isEmpty()) {
            return subMissing();
        }
        var shown = Grants.of(session).ofUser(sub).stream().map(this::shown).toList();
        return Response.ok(Map.of("grants", shown)).build();
    }

    /** Idempotent; a grant of somebody else is as unknown as one that never was. */
    @DELETE
    @Path("{grantId}")
    public Response end(@PathParam("grantId") String grantId, @QueryParam("sub") @Nullable String sub) {
        ProxyClient.require(session);
        if (sub == null || sub.isEmpty()) {
            return subMissing();
        }
        var grants = Grants.of(session);
        grants.find(grantId)
                .filter(grant -> grant.userId().equals(sub))
                .ifPresent(grant -> grants.end(grant, Ended.GRANT));
        return Response.noContent().build();
    }

    private Shown shown(Grant grant) {
        var client = session.getContext().getRealm().getClientById(grant.clientId());
        var clientId = client == null ? "" : client.getClientId();
        var name = client == null ? "" : Objects.requireNonNullElse(client.getName(), "");
        return new Shown(
                grant.id(),
                clientId,
                name.isEmpty() ? clientId : name,
                grant.resource(),
                Registry.of(session)
                        .byResource(grant.resource())
                        .map(McpServer::name)
                        .orElse(""),
                List.copyOf(grant.scopes()),
                grant.createdAt() / 1000,
                grant.lastUsedAt() / 1000);
    }

    private static Response subMissing() {
        return Response.status(Response.Status.BAD_REQUEST)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Map.of("error", "invalid_request", "error_description", "sub has to be given"))
                .build();
    }
}
