package dev.sallyport.keycloak.proxyclient;

import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotAuthorizedException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.AccountRoles;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCConfigAttributes;
import org.keycloak.services.managers.AppAuthManager;

/** The proxy's service client in a realm, and the narrow role that lets it talk to this extension. */
public final class ProxyClient {
    /** The client by which the proxy gets its tokens, unless an administrator made another. */
    public static final String CLIENT_ID = "sallyport-proxy";

    /** The client that stands for this extension: audience of those tokens, owner of the role. */
    public static final String AUDIENCE = "sallyport";

    /** The only role there is: publish the registry, read revocations, keep connection states, list grants, get brokered tokens. */
    public static final String ROLE = "publish";

    private static final String LOGIN_CALLBACK = "/connections/callback";

    private ProxyClient() {}

    /**
     * Lets only a caller pass whose bearer token was made for this extension and whose service account has the role
     * now, whatever the token says. Returns that caller's client.
     *
     * @throws NotAuthorizedException without such a token
     * @throws ForbiddenException when the role is missing
     */
    public static ClientModel require(KeycloakSession session) {
        var auth = new AppAuthManager.BearerTokenAuthenticator(session)
                .setAudience(AUDIENCE)
                .authenticate();
        if (auth == null) {
            throw new NotAuthorizedException(answer(Response.Status.UNAUTHORIZED, "invalid_token")
                    .header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                    .build());
        }
        var extension = session.getContext().getRealm().getClientByClientId(AUDIENCE);
        var role = extension == null ? null : extension.getRole(ROLE);
        if (role == null || !auth.user().hasRole(role)) {
            throw new ForbiddenException(
                    answer(Response.Status.FORBIDDEN, "insufficient_scope").build());
        }
        return auth.client();
    }

    /**
     * Lets people sign in at the proxy's own pages (OpenID Connect code flow with PKCE), and lets the answer go nowhere but
     * to their callback. An administrator's own client of another name is left alone.
     */
    public static void allowLogin(RealmModel realm, String publicUrl) {
        var client = realm.getClientByClientId(CLIENT_ID);
        var callbacks = Set.of(publicUrl + LOGIN_CALLBACK);
        if (client != null) {
            allowLinking(realm, client);
        }
        if (client == null
                || (client.isStandardFlowEnabled() && client.getRedirectUris().equals(callbacks))) {
            return;
        }
        client.setStandardFlowEnabled(true);
        client.setRedirectUris(callbacks);
        client.setAttribute(OIDCConfigAttributes.PKCE_CODE_CHALLENGE_METHOD, OAuth2Constants.PKCE_METHOD_S256);
    }

    /** Lets people add an account of an identity provider when they come from the proxy's pages; Keycloak asks them first. */
    private static void allowLinking(RealmModel realm, ClientModel client) {
        var account = realm.getClientByClientId(Constants.ACCOUNT_MANAGEMENT_CLIENT_ID);
        var role = account == null ? null : account.getRole(AccountRoles.MANAGE_ACCOUNT_LINKS);
        if (role != null && !client.hasDirectScope(role)) {
            client.addScopeMapping(role);
        }
    }

    private static Response.ResponseBuilder answer(Response.Status status, String error) {
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(Map.of("error", error));
    }
}
