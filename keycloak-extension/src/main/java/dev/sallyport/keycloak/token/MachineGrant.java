package dev.sallyport.keycloak.token;

import jakarta.ws.rs.core.Response;
import org.keycloak.protocol.oidc.grants.ClientCredentialsGrantType;

/** RFC 6749 section 4.4, on top of Keycloak's: the response names the scopes that the token has. */
final class MachineGrant extends ClientCredentialsGrantType {
    @Override
    public Response process(Context context) {
        return AgreedResponse.of(context.getSession(), super.process(context));
    }
}
