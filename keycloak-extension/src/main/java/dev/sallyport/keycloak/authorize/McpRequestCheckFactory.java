package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.clientid.ClientDocuments;
import dev.sallyport.keycloak.registry.Registry;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keycloak.Config;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.protocol.oidc.endpoints.AuthorizationEndpointCheckProvider;
import org.keycloak.protocol.oidc.endpoints.AuthorizationEndpointCheckProviderFactory;
import org.keycloak.protocol.oidc.endpoints.AuthorizationEndpointChecker;
import org.keycloak.protocol.oidc.endpoints.AuthorizationEndpointChecker.AuthorizationCheckException;

/**
 * The rules at Keycloak's own endpoint, whatever way a request came there: by the front, directly, pushed, or as a request
 * object. Stricter than the front in that nothing is filled in or dropped.
 */
public class McpRequestCheckFactory implements AuthorizationEndpointCheckProviderFactory {
    @Override
    public AuthorizationEndpointCheckProvider create(KeycloakSession session) {
        return new AuthorizationEndpointCheckProvider() {
            @Override
            public void check(AuthorizationEndpointChecker context) throws AuthorizationCheckException {
                if (!new ClientDocuments(session).holds(context.getClient())) {
                    throw new AuthorizationCheckException(
                            Response.Status.BAD_REQUEST,
                            OAuthErrorException.UNAUTHORIZED_CLIENT,
                            "The client's metadata document is no longer accepted.");
                }
                checkRequest(Registry.of(session, context.getRealm()), context);
            }

            @Override
            public void close() {}
        };
    }

    private static void checkRequest(Registry registry, AuthorizationEndpointChecker context)
            throws AuthorizationCheckException {
        var request = context.getAuthorizationEndpointRequest();
        var resources = Optional.ofNullable(request.getResource()).map(List::of).orElse(List.of());
        var scopes = McpRequest.scopes(Optional.ofNullable(request.getScope()));
        if (!McpRequest.isOne(registry, context.getClient(), resources, scopes)) {
            return;
        }
        try {
            if (!OAuth2Constants.CODE.equals(request.getResponseType())) {
                throw new AuthorizationRefusal("unsupported_response_type", "Only response_type=code is supported.");
            }
            if (resources.isEmpty()) {
                throw new AuthorizationRefusal("invalid_target", "The resource parameter is missing.");
            }
            var server = McpRequest.server(registry, resources);
            checkScopes(scopes, Set.copyOf(McpRequest.granted(server, scopes)));
            McpRequest.checkProof(
                    Optional.ofNullable(request.getCodeChallenge()),
                    Optional.ofNullable(request.getCodeChallengeMethod()));
        } catch (AuthorizationRefusal refusal) {
            context.getEventBuilder().detail("reason", refusal.description()).error(refusal.error());
            throw new AuthorizationCheckException(Response.Status.BAD_REQUEST, refusal.error(), refusal.description());
        }
    }

    private static void checkScopes(Set<String> asked, Set<String> ofServer) {
        if (asked.stream()
                .anyMatch(scope -> !ofServer.contains(scope) && !scope.equals(OAuth2Constants.OFFLINE_ACCESS))) {
            throw new AuthorizationRefusal(
                    OAuthErrorException.INVALID_SCOPE, "A scope does not belong to the resource.");
        }
    }

    @Override
    public boolean isSupported(Config.Scope config) {
        return true;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}

    @Override
    public String getId() {
        return "sallyport";
    }
}
