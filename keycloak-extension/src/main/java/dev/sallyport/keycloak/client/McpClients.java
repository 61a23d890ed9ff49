package dev.sallyport.keycloak.client;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.ClientModel;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.OIDCLoginProtocolFactory;

/** The marks of clients that this extension made, and the settings they all have. */
public final class McpClients {
    /** Client attribute: how the client came to be, {@link #REGISTERED} or {@link #DOCUMENT}; absent on all others. */
    public static final String KIND = "sallyport.client";

    /** By dynamic registration: what it says about itself is its own claim. */
    public static final String REGISTERED = "registered";

    /** By a Client ID Metadata Document: its {@code client_id} is the URL, whose host is verified. */
    public static final String DOCUMENT = "document";

    /** Attribute of the client scopes that are permission sets: the name of their server. */
    public static final String SERVER = "sallyport.server";

    private static final String ANY_ORIGIN = "*";

    private McpClients() {}

    /** Whether this extension made the client. Pre-registered clients can use MCP servers too, but are not marked. */
    public static boolean isMarked(ClientModel client) {
        return client.getAttribute(KIND) != null;
    }

    /**
     * Consent for everything, code flow with S256 only, no roles, and no claims but those of {@code basic}. Which scopes
     * it may ask for is settled when it asks, so that a registration never narrows what comes later.
     */
    public static void furnish(ClientModel client, String kind) {
        client.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        client.setEnabled(true);
        client.setConsentRequired(true);
        client.setFullScopeAllowed(false);
        client.setStandardFlowEnabled(true);
        client.setImplicitFlowEnabled(false);
        client.setDirectAccessGrantsEnabled(false);
        client.setBearerOnly(false);
        client.setFrontchannelLogout(false);
        client.setAttribute(KIND, kind);
        var settings = OIDCAdvancedConfigWrapper.fromClientModel(client);
        settings.setPkceCodeChallengeMethod(OIDCLoginProtocol.PKCE_METHOD_S256);
        settings.setUseRfc9068AccessTokenHeaderType(true);
        // Keycloak gives a new client the realm's default scopes, which would put names and roles into its tokens.
        keep(client, OIDCLoginProtocolFactory.BASIC_SCOPE, true);
        keep(client, OAuth2Constants.OFFLINE_ACCESS, false);
    }

    /** Of the scopes of this kind only this one, and the permission sets. */
    private static void keep(ClientModel client, String name, boolean byDefault) {
        var kept = ScopeOf.client(client, name);
        client.getClientScopes(byDefault).values().stream()
                .filter(scope -> scope.getAttribute(SERVER) == null)
                .filter(scope -> !scope.getName().equals(name))
                .toList()
                .forEach(client::removeClientScope);
        if (!client.getClientScopes(byDefault).containsKey(name)) {
            kept.ifPresent(scope -> {
                client.removeClientScope(scope);
                client.addClientScope(scope, byDefault);
            });
        }
    }

    /**
     * Sets where codes may be sent, and from which web pages the token endpoint may be called: those of the redirect
     * URIs and the given ones. A client on the user's own computer has any port and so any origin; there is no cookie
     * that such a page could abuse.
     */
    public static void setRedirects(ClientModel client, Collection<RedirectUri> redirects, Set<String> moreOrigins) {
        client.setRedirectUris(redirects.stream().map(RedirectUri::pattern).collect(Collectors.toSet()));
        var origins = new TreeSet<>(moreOrigins);
        redirects.forEach(redirect -> redirect.origin().ifPresent(origins::add));
        if (redirects.stream().anyMatch(RedirectUri::isLoopback)) {
            origins.add(ANY_ORIGIN);
        }
        client.setWebOrigins(origins);
    }
}
