package dev.sallyport.keycloak.boot;

import dev.sallyport.keycloak.authorize.AuthorizeResource;
import dev.sallyport.keycloak.brokered.BrokeredResource;
import dev.sallyport.keycloak.connect.ConnectionsResource;
import dev.sallyport.keycloak.grant.GrantsResource;
import dev.sallyport.keycloak.grant.RevokeResource;
import dev.sallyport.keycloak.registry.RegistryResource;
import dev.sallyport.keycloak.revocation.RevocationsResource;
import jakarta.ws.rs.Path;
import org.keycloak.models.KeycloakSession;

/** {@code /realms/{realm}/sallyport}: one line for each feature with endpoints. */
public class SallyportResource {
    private final KeycloakSession session;

    SallyportResource(KeycloakSession session) {
        this.session = session;
    }

    @Path("authorize")
    public Object authorize() {
        return new AuthorizeResource(session);
    }

    @Path("registry")
    public Object registry() {
        return new RegistryResource(session);
    }

    @Path("connections")
    public Object connections() {
        return new ConnectionsResource(session);
    }

    @Path("brokered")
    public Object brokered() {
        return new BrokeredResource(session);
    }

    @Path("revocations")
    public Object revocations() {
        return new RevocationsResource(session);
    }

    @Path("grants")
    public Object grants() {
        return new GrantsResource(session);
    }

    @Path("revoke")
    public Object revoke() {
        return new RevokeResource(session);
    }
}
