package dev.sallyport.keycloak.connect;

import dev.sallyport.keycloak.proxyclient.ProxyClient;
import dev.sallyport.keycloak.registry.Registry;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.keycloak.models.KeycloakSession;

/** {@code PUT} and {@code DELETE …/sallyport/connections/{server}/{sub}}: the proxy tells that a connection is there or gone. */
public class ConnectionsResource {
    private final KeycloakSession session;

    public ConnectionsResource(KeycloakSession session) {
        this.session = session;
    }

    @PUT
    @Path("{server}/{sub}")
    public Response connected(@PathParam("server") String server, @PathParam("sub") String sub) {
        ProxyClient.require(session);
        var realm = session.getContext().getRealm();
        if (Registry.of(session).byName(server).isEmpty()) {
            throw unknown("no such server in the registry");
        }
        if (session.users().getUserById(realm, sub) == null) {
            throw unknown("no such user");
        }
        new Connections(session, realm).add(server, sub);
        return Response.noContent().build();
    }

    /** Also for a server or user that is gone: there is no connection afterwards. */
    @DELETE
    @Path("{server}/{sub}")
    public Response disconnected(@PathParam("server") String server, @PathParam("sub") String sub) {
        ProxyClient.require(session);
        new Connections(session, session.getContext().getRealm()).remove(server, sub);
        return Response.noContent().build();
    }

    private static NotFoundException unknown(String why) {
        var body = Map.of("error", "not_found", "error_description", why);
        return new NotFoundException(Response.status(Response.Status.NOT_FOUND)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body)
                .build());
    }
}
