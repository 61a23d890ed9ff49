package dev.sallyport.keycloak.grant;

import org.keycloak.models.KeycloakSession;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManagerFactory;

/** Before Keycloak's own, which it only adds to; always on, as nothing has to be configured in a realm. */
public class RevocationPolicyFactory extends DefaultClientPolicyManagerFactory {
    @Override
    public ClientPolicyManager create(KeycloakSession session) {
        return new RevocationPolicy(session);
    }

    @Override
    public int order() {
        return 10;
    }

    @Override
    public String getId() {
        return "sallyport";
    }
}
