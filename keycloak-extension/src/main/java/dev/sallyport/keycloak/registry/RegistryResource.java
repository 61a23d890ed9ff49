package dev.sallyport.keycloak.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sallyport.keycloak.proxyclient.ProxyClient;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.util.JsonSerialization;

/** {@code PUT …/sallyport/registry}: the proxy tells everything it protects, in one idempotent piece. */
public class RegistryResource {
    private static final Logger LOG = Logger.getLogger(RegistryResource.class);

    private final KeycloakSession session;

    public RegistryResource(KeycloakSession session) {
        this.session = session;
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response put(String body) {
        ProxyClient.require(session);
        var realm = session.getContext().getRealm();
        try {
            var publication = Publication.parse(JsonSerialization.mapper.readTree(body));
            // First: once the realm has changed, Keycloak hands out clients past its cache and leaves the cached ones
            // stale.
            ProxyClient.allowLogin(realm, publication.publicUrl());
            var difference = new StoredRegistry(session, realm).replace(publication);
            LOG.infof("realm %s: registry published, %s", realm.getName(), difference);
            return Response.ok(difference).build();
        } catch (JsonProcessingException e) {
            return refused("the body is not JSON");
        } catch (RegistryException e) {
            return refused(e.reason());
        }
    }

    /** An exception with an own answer passes Keycloak's handler by, so the roll-back has to be said. */
    private Response refused(String why) {
        session.getTransactionManager().setRollbackOnly();
        return Response.status(Response.Status.BAD_REQUEST)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Map.of("error", "invalid_request", "error_description", why))
                .build();
    }
}
