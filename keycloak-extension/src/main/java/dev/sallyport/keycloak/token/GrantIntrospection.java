package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.proxyclient.ProxyClient;
import java.util.List;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.AccessTokenIntrospectionProvider;
import org.keycloak.representations.AccessToken;

/**
 * RFC 7662 for tokens of MCP servers. Their audience is a URL and no client, so nobody could ask; the proxy and whoever
 * has its role can. A token of a grant that has ended is inactive at once. The grant's key is not in the answer.
 */
final class GrantIntrospection extends AccessTokenIntrospectionProvider<AccessToken> {
    GrantIntrospection(KeycloakSession session) {
        super(session);
    }

    @Override
    protected boolean verifyAudience() {
        return (isOfMcpServer(token) && isOperator(session.getContext().getClient())) || super.verifyAudience();
    }

    @Override
    protected boolean introspectionChecks(String encoded) {
        return super.introspectionChecks(encoded) && isAlive();
    }

    @Override
    public AccessToken transformAccessToken(AccessToken original, UserSessionModel userSession) {
        var answer = super.transformAccessToken(original, userSession);
        if (isOfMcpServer(original)) {
            answer.audience(original.getAudience());
            answer.getOtherClaims().clear();
            answer.getOtherClaims().put(Claim.CLIENT_ID, original.getIssuedFor());
            var grantId = Claim.text(original, Claim.GRANT_ID);
            if (!grantId.isEmpty()) {
                answer.getOtherClaims().put(Claim.GRANT_ID, grantId);
            }
        }
        return answer;
    }

    private boolean isAlive() {
        var grantId = Claim.text(token, Claim.GRANT_ID);
        return grantId.isEmpty() || Grants.of(session).find(grantId).isPresent();
    }

    /** Ours are the only ones that name the client in this claim and have a resource for their audience. */
    private static boolean isOfMcpServer(AccessToken token) {
        return !Claim.text(token, Claim.CLIENT_ID).isEmpty()
                && token.getAudience() != null
                && List.of(token.getAudience()).size() == 1
                && token.getAudience()[0].contains("://");
    }

    private boolean isOperator(ClientModel caller) {
        var extension = realm.getClientByClientId(ProxyClient.AUDIENCE);
        var role = extension == null ? null : extension.getRole(ProxyClient.ROLE);
        var account = caller.isServiceAccountsEnabled() ? session.users().getServiceAccount(caller) : null;
        return role != null && account != null && account.hasRole(role);
    }
}
