package dev.sallyport.keycloak.login;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.Registry;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.util.TokenUtil;

/**
 * An authorization request of an authenticated person for one MCP server of the registry.
 *
 * @param requested the scope tokens of the request as it came, also after the agreed ones have taken their place
 * @param consentDemanded the client sent {@code prompt=consent}
 */
public record McpRequest(
        McpServer server,
        ClientModel client,
        UserModel user,
        Destination destination,
        List<String> requested,
        boolean consentDemanded) {
    private static final String REQUESTED = "sallyport.requested";
    private static final String CONSENT_DEMANDED = "sallyport.consent-demanded";

    public McpRequest {
        requested = List.copyOf(requested);
    }

    /** Empty for a request that names no resource, or one that is not ours: then Keycloak does what it always does. */
    public static Optional<McpRequest> of(KeycloakSession session, AuthenticationSessionModel login) {
        var resource = login.getClientNote(OAuth2Constants.RESOURCE);
        var redirectUri = login.getRedirectUri();
        if (resource == null || redirectUri == null || login.getAuthenticatedUser() == null) {
            return Optional.empty();
        }
        return Registry.of(session)
                .byResource(resource)
                .map(server -> new McpRequest(
                        server,
                        login.getClient(),
                        login.getAuthenticatedUser(),
                        Destination.of(redirectUri),
                        requested(login),
                        consentDemanded(login)));
    }

    /** Our decision replaces the note, and Keycloak may run the flow again after a time-out: so the first one is kept. */
    private static List<String> requested(AuthenticationSessionModel login) {
        var kept = login.getClientNote(REQUESTED);
        if (kept == null) {
            var scope = login.getClientNote(OAuth2Constants.SCOPE);
            kept = scope == null ? "" : scope;
            login.setClientNote(REQUESTED, kept);
        }
        return Stream.of(kept.split("\\s+", -1))
                .filter(token -> !token.isEmpty())
                .toList();
    }

    private static boolean consentDemanded(AuthenticationSessionModel login) {
        if (login.getClientNote(CONSENT_DEMANDED) == null) {
            var prompt = login.getClientNote(OIDCLoginProtocol.PROMPT_PARAM);
            var demanded = TokenUtil.hasPrompt(prompt, OIDCLoginProtocol.PROMPT_VALUE_CONSENT);
            login.setClientNote(CONSENT_DEMANDED, Boolean.toString(demanded));
        }
        return Boolean.parseBoolean(login.getClientNote(CONSENT_DEMANDED));
    }
}
