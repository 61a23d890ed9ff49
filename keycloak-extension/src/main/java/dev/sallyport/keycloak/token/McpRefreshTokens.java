package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.client.ScopeOf;
import dev.sallyport.keycloak.consent.Consents;
import dev.sallyport.keycloak.consent.Eligibility;
import dev.sallyport.keycloak.grant.Grant;
import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.Registry;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.authentication.AuthenticationProcessor;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.protocol.oidc.refresh.DefaultRefreshTokenProvider;
import org.keycloak.protocol.oidc.refresh.InitialRefreshTokenContext;
import org.keycloak.protocol.oidc.refresh.RefreshTokenContext;
import org.keycloak.representations.RefreshToken;
import org.keycloak.services.managers.UserConsentManager;
import org.keycloak.util.TokenUtil;

/**
 * Refresh tokens of grants. They rotate in families, see {@link Grants#rotate}, and carry what the person agrees to at the
 * moment of the refresh: less after something was taken back, more after more was agreed to. Whatever is wrong, the answer
 * is {@code invalid_grant}, from which clients recover by asking the person again.
 */
final class McpRefreshTokens extends DefaultRefreshTokenProvider {
    private final Duration grace;

    McpRefreshTokens(KeycloakSession session, Duration grace) {
        super(session);
        this.grace = grace;
    }

    @Override
    public boolean supports(InitialRefreshTokenContext context) {
        return Scoped.anyIn(Registry.of(session), Scoped.names(context.clientSessionCtx()));
    }

    @Override
    public RefreshToken generateRefreshToken(InitialRefreshTokenContext context) {
        // Keycloak would end the browser session whose first grant is an offline one: the next client would have to ask
        // for the password again.
        context.clientSessionCtx().getClientSession().removeNote(AuthenticationProcessor.FIRST_OFFLINE_ACCESS);
        return super.generateRefreshToken(context);
    }

    @Override
    public boolean supports(RefreshTokenContext context) {
        return super.supports(context)
                && !Claim.text(context.oldRefreshToken(), Claim.GRANT_ID).isEmpty();
    }

    @Override
    public TokenManager.AccessTokenResponseBuilder refreshAccessToken(RefreshTokenContext context)
            throws OAuthErrorException {
        var token = context.oldRefreshToken();
        var client = context.grantContext().getClient();
        var grants = Grants.of(session);
        var grant = grants.find(Claim.text(token, Claim.GRANT_ID))
                .filter(found -> found.clientId().equals(client.getId()))
                .orElseThrow(() -> over("the grant has ended"));
        var server = server(grant, context.resourceParameter());
        var user = session.users().getUserById(context.grantContext().getRealm(), grant.userId());
        if (user == null) {
            throw over("the user is gone");
        }
        var agreed = agreed(grants, grant, server, user, client);
        if (agreed.isEmpty()) {
            throw over("nothing of the grant is consented to any more");
        }
        var builder = super.refreshAccessToken(prepared(context, agreed, user, client));
        var successor = grants.rotate(grant, Claim.number(token, Claim.GENERATION), grace(client))
                .orElseThrow(() -> over("the refresh token was used before"));
        new Refreshed(grant, server, asked(context, agreed), successor).put(session);
        return builder;
    }

    /** RFC 8707 section 2.2: the resource of a refresh is the one of the grant. */
    private McpServer server(Grant grant, @Nullable String asked) throws OAuthErrorException {
        var registry = Registry.of(session);
        var server =
                registry.byResource(grant.resource()).orElseThrow(() -> over("the MCP server is not there any more"));
        if (asked != null && !registry.byResource(asked).filter(server::equals).isPresent()) {
            throw new OAuthErrorException(
                    OAuthErrorException.INVALID_TARGET, "resource is not the one that was authorized");
        }
        return server;
    }

    private Set<String> agreed(Grants grants, Grant grant, McpServer server, UserModel user, ClientModel client) {
        var realm = client.getRealm();
        var wanted = grants.agreed(grant);
        wanted.retainAll(new Consents(session, realm).granted(user, client, server));
        var eligibility = new Eligibility(session, realm, user);
        wanted.removeIf(scope ->
                server.permissionSet(scope).filter(eligibility::mayGrant).isEmpty());
        return Scoped.ofServer(server, wanted);
    }

    /** A client may ask for less; what it may not have is left out, as an error would strand it. */
    private static Set<String> asked(RefreshTokenContext context, Set<String> agreed) {
        var asked = RefreshGrant.askedScope(context.grantContext().getSession());
        var less = new LinkedHashSet<>(agreed);
        less.retainAll(asked);
        return less.isEmpty() ? agreed : less;
    }

    private RefreshTokenContext prepared(
            RefreshTokenContext context, Set<String> agreed, UserModel user, ClientModel client) {
        var token = context.oldRefreshToken();
        var scope = new LinkedHashSet<>(agreed);
        if (TokenUtil.TOKEN_TYPE_OFFLINE.equals(token.getType())) {
            scope.add(OAuth2Constants.OFFLINE_ACCESS);
            keepOfflineAccess(user, client);
        }
        token.setScope(Scoped.text(scope));
        return new RefreshTokenContext(
                token, context.grantContext(), context.grant(), context.tokenManager(), null, null);
    }

    /** No page of ours shows it, so a person who takes back one of several scopes has not meant it. */
    private void keepOfflineAccess(UserModel user, ClientModel client) {
        var realm = client.getRealm();
        var offline = ScopeOf.client(client, OAuth2Constants.OFFLINE_ACCESS);
        var consent = UserConsentManager.getConsentByClient(session, realm, user, client.getId());
        if (offline.isPresent() && consent != null && !consent.isClientScopeGranted(offline.get())) {
            consent.addGrantedClientScope(offline.get());
            UserConsentManager.updateConsent(session, realm, user, consent);
        }
    }

    private Duration grace(ClientModel client) {
        var configured = client.getRealm().getAttribute("sallyport.refreshGraceSeconds");
        return configured == null ? grace : McpRefreshTokensFactory.bounded(configured);
    }

    private static OAuthErrorException over(String why) {
        return new OAuthErrorException(OAuthErrorException.INVALID_GRANT, why);
    }
}
