package dev.sallyport.keycloak.grant;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManager;
import org.keycloak.services.clientpolicy.context.TokenRevokeContext;
import org.keycloak.services.cors.Cors;

/**
 * Keycloak's client policies, and one rule more that no administrator can forget: at Keycloak's own revocation endpoint a
 * token of a grant ends that grant alone. Keycloak would end all that the client has in the login, and maybe the login.
 */
final class RevocationPolicy extends DefaultClientPolicyManager {
    private final KeycloakSession session;

    RevocationPolicy(KeycloakSession session) {
        super(session);
        this.session = session;
    }

    @Override
    public void triggerOnEvent(ClientPolicyContext context) throws ClientPolicyException {
        super.triggerOnEvent(context);
        if (context instanceof TokenRevokeContext revoke) {
            revoke(revoke);
        }
    }

    /** The client has been authenticated by now. A token of another client is left for Keycloak to refuse. */
    private void revoke(TokenRevokeContext context) {
        var revocation = new TokenRevocation(session);
        var client = context.getClient();
        var encoded = context.getParams().getFirst("token");
        var token = encoded == null
                ? null
                : revocation
                        .token(encoded)
                        .filter(found -> client.getClientId().equals(found.getIssuedFor()))
                        .orElse(null);
        if (token == null) {
            return;
        }
        var grantId = TokenRevocation.grantId(token);
        if (grantId.isEmpty()) {
            revocation.tellOfMachine(client, token);
            return;
        }
        var realm = session.getContext().getRealm();
        revocation.endGrant(
                client,
                grantId,
                new EventBuilder(realm, session, session.getContext().getConnection()));
        var cors = Cors.builder().auth().allowedMethods("POST").exposedHeaders(Cors.ACCESS_CONTROL_ALLOW_METHODS);
        cors.checkAllowedOrigins(session, client);
        // The only way to answer before Keycloak goes on. Without an entity it would be taken for an error.
        throw new WebApplicationException(cors.add(Response.ok("{}", MediaType.APPLICATION_JSON_TYPE)));
    }
}
