package dev.sallyport.keycloak.token;

import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.consent.Decisions;
import dev.sallyport.keycloak.grant.Grants;
import dev.sallyport.keycloak.login.Destination;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.Registry;
import dev.sallyport.keycloak.revocation.Ended;
import dev.sallyport.keycloak.revocation.Revocation;
import dev.sallyport.keycloak.revocation.Revocations;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientSessionContext;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.token.TokenInterceptorException;
import org.keycloak.protocol.oidc.token.TokenPostProcessor;
import org.keycloak.protocol.oidc.token.TokenPostProcessorContext;
import org.keycloak.protocol.oidc.utils.OAuth2Code;
import org.keycloak.representations.RefreshToken;
import org.keycloak.util.TokenUtil;

/**
 * The last hand on every token, whatever grant it comes from. A token with a scope of an MCP server leaves here with
 * exactly one audience, that server, or not at all; a client cannot get around it, since every way to a token ends here.
 */
final class McpTokens implements TokenPostProcessor {
    private static final Logger LOG = Logger.getLogger(McpTokens.class);
    private static final int KEY_BYTES = 32;

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Registry registry;

    McpTokens(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.registry = Registry.of(session);
    }

    @Override
    public void process(TokenPostProcessorContext context) {
        if (context.accessToken() == null) {
            return;
        }
        if (context.code() != null) {
            ofCode(context);
        } else if (context.requestRefreshToken() != null) {
            ofRefresh(context);
        } else {
            ofRequest(context);
        }
    }

    /** The code fixes the resource; the token request may repeat it, and nothing else. */
    private void ofCode(TokenPostProcessorContext context) {
        var session = context.clientSessionCtx();
        var fixed = context.code().getResource();
        var server = fixed == null ? Optional.<McpServer>empty() : registry.byResource(fixed);
        if (server.isEmpty()) {
            if (McpClients.isMarked(client(session)) || Scoped.anyIn(registry, Scoped.names(session))) {
                throw refused(OAuthErrorException.INVALID_TARGET, "resource has to name an MCP server");
            }
            return;
        }
        requireSame(server.get(), session.getAttribute(OAuth2Constants.RESOURCE, String.class));
        var scopes = Scoped.ofServer(server.get(), Scoped.names(session));
        if (scopes.isEmpty()) {
            throw refused(OAuthErrorException.INVALID_GRANT, "nothing of this MCP server was granted");
        }
        var login = session.getClientSession().getUserSession();
        requireDecision(login.getUser(), client(session), context.code(), scopes);
        var offline = context.refreshToken() != null
                && TokenUtil.TOKEN_TYPE_OFFLINE.equals(context.refreshToken().getType());
        var redirect = Objects.requireNonNullElse(context.code().getRedirectUriParam(), "");
        var grantId = new Grants(this.session, realm)
                .begin(new Grants.Beginning(
                        login.getUser(),
                        client(session),
                        server.get().resource(),
                        Destination.of(redirect).key(),
                        login.getId(),
                        offline,
                        context.code().getId(),
                        scopes));
        var key = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(SecretGenerator.getInstance().randomBytes(KEY_BYTES));
        if (context.refreshToken() != null) {
            claims(context.refreshToken(), grantId, key, server.get(), 0);
        }
        settle(context, server.get(), scopes, Optional.of(new Issued(grantId, key)));
    }

    /** Which token this is and what it may do has been settled by {@link McpRefreshTokens}, before it was made. */
    private void ofRefresh(TokenPostProcessorContext context) {
        var refreshed = Refreshed.in(session);
        if (refreshed.isEmpty()) {
            if (Scoped.anyIn(registry, Scoped.names(context.clientSessionCtx()))) {
                throw refused(OAuthErrorException.INVALID_GRANT, "the refresh token is of no grant");
            }
            return;
        }
        var grant = refreshed.get().grant().id();
        var key = Claim.text(context.requestRefreshToken(), Claim.GRANT_KEY);
        var server = refreshed.get().server();
        // An administrator may have taken a scope away from the client since.
        var scopes = Scoped.ofServer(server, refreshed.get().scopes());
        scopes.retainAll(Scoped.names(context.clientSessionCtx()));
        if (scopes.isEmpty()) {
            throw refused(OAuthErrorException.INVALID_GRANT, "nothing of the grant is left");
        }
        if (context.refreshToken() != null) {
            var next = refreshed.get().successor();
            claims(context.refreshToken(), grant, key, server, next.generation());
            context.refreshToken().id(grant + "." + next.generation());
            context.refreshToken().iat(next.madeAt() / 1000);
        }
        settle(context, server, scopes, Optional.of(new Issued(grant, key)));
    }

    /** Client credentials; other grants ask nobody, and so get nothing of an MCP server. */
    private void ofRequest(TokenPostProcessorContext context) {
        var session = context.clientSessionCtx();
        var resource = session.getAttribute(OAuth2Constants.RESOURCE, String.class);
        var server = resource == null ? Optional.<McpServer>empty() : registry.byResource(resource);
        var names = Scoped.names(session);
        if (server.isEmpty() && !Scoped.anyIn(registry, names) && !McpClients.isMarked(client(session))) {
            return;
        }
        var grantType = session.getAttribute(Constants.GRANT_TYPE, String.class);
        if (server.isEmpty() || !OAuth2Constants.CLIENT_CREDENTIALS.equals(grantType)) {
            throw refused(
                    OAuthErrorException.INVALID_TARGET, "resource has to name an MCP server that this grant allows");
        }
        // What people may grant to a client that they use is not what the client may do by itself.
        var own = new TreeSet<>(client(session).getClientScopes(true).keySet());
        if (!client(session).isStandardFlowEnabled()) {
            own.addAll(names);
        }
        names.retainAll(own);
        var scopes = Scoped.ofServer(server.get(), names);
        if (scopes.isEmpty()) {
            throw refused(OAuthErrorException.INVALID_SCOPE, "the client has been given no scope of this MCP server");
        }
        settle(context, server.get(), scopes, Optional.empty());
        AgreedResponse.note(this.session, scopes);
    }

    private record Issued(String grantId, String grantKey) {
        @Override
        public String toString() {
            return "Issued[" + grantId + "]";
        }
    }

    private void settle(
            TokenPostProcessorContext context, McpServer server, Set<String> scopes, Optional<Issued> issued) {
        var user =
                context.clientSessionCtx().getClientSession().getUserSession().getUser();
        var client = client(context.clientSessionCtx());
        var event = new Revocation(
                Ended.GRANT,
                issued.map(Issued::grantId),
                Optional.of(user.getId()),
                Optional.of(client.getClientId()),
                Optional.ofNullable(context.accessToken().getSessionId()),
                Optional.of(server.resource()));
        var subject = Objects.requireNonNullElse(context.accessToken().getSubject(), user.getId());
        var claims = new AccessClaims(context.accessToken());
        claims.settle(
                subject,
                client.getClientId(),
                server.resource(),
                scopes,
                new Revocations(session, realm).issuable(event));
        claims.tell(new PersonClaims(user).of(server));
        issued.ifPresent(grant -> claims.belongTo(grant.grantId(), grant.grantKey()));
        AgreedResponse.note(session, scopes);
    }

    private static void claims(RefreshToken token, String grantId, String key, McpServer server, long generation) {
        token.getOtherClaims().put(Claim.GRANT_ID, grantId);
        token.getOtherClaims().put(Claim.GRANT_KEY, key);
        token.getOtherClaims().put(Claim.RESOURCE, server.resource());
        token.getOtherClaims().put(Claim.GENERATION, generation);
    }

    /** Whatever led to the code: without our own page's answer to this very request nobody has agreed to anything. */
    private void requireDecision(UserModel user, ClientModel client, OAuth2Code code, Set<String> scopes) {
        if (!new Decisions(session, realm).take(user, client, code).containsAll(scopes)) {
            LOG.warnf(
                    "realm %s, client %s: a code without an answer on the consent page was refused. Is the required"
                            + " action sallyport-consent disabled?",
                    realm.getName(), client.getClientId());
            throw refused(OAuthErrorException.INVALID_GRANT, "nobody has consented to this request");
        }
    }

    private void requireSame(McpServer server, @Nullable String asked) {
        if (asked != null && !registry.byResource(asked).equals(Optional.of(server))) {
            throw refused(OAuthErrorException.INVALID_TARGET, "resource is not the one that was authorized");
        }
    }

    private static ClientModel client(ClientSessionContext context) {
        return context.getClientSession().getClient();
    }

    private static TokenInterceptorException refused(String error, String why) {
        return new TokenInterceptorException(error, why);
    }
}
