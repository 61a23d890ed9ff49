package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.client.RedirectUri;
import dev.sallyport.keycloak.client.SharedClient;
import java.util.HashSet;
import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.utils.RedirectUtils;

/**
 * Decides whether a redirect URI is one of the client's. For clients of this extension by its own rules; for
 * pre-registered ones by Keycloak's, as the administrator expects.
 */
final class RedirectChoice {
    /** How many ports of one client on {@code [::1]} may be between here and Keycloak's endpoint at once. */
    private static final int CONCRETE_LIMIT = 20;

    private final KeycloakSession session;
    private final ClientModel client;

    RedirectChoice(KeycloakSession session, ClientModel client) {
        this.session = session;
        this.client = client;
    }

    /** The URI to answer to, or nothing when the request must not be answered by redirect. */
    Optional<String> choose(Optional<String> asked) {
        if (!McpClients.isMarked(client)) {
            return Optional.ofNullable(RedirectUtils.verifyRedirectUri(session, asked.orElse(null), client, false));
        }
        var registered = client.getRedirectUris();
        if (asked.isEmpty()) {
            // RFC 6749 section 3.1.2.3: may be left out when there is one that is complete.
            return registered.size() == 1
                    ? registered.stream()
                            .filter(text -> !new RedirectUri(text).isLoopback())
                            .findFirst()
                    : Optional.empty();
        }
        return asked.filter(text -> parse(text)
                .filter(uri -> registered.stream().anyMatch(other -> new RedirectUri(other).covers(uri)))
                .isPresent());
    }

    /**
     * Lets Keycloak's own comparison pass as well, which knows a free port for {@code localhost} and {@code 127.0.0.1}
     * but not for {@code [::1]}: that one is registered with the port it has this time.
     */
    void admit(String redirectUri) {
        var registered = client.getRedirectUris();
        if (!McpClients.isMarked(client)
                || registered.contains(redirectUri)
                || !new RedirectUri(redirectUri).isIpv6Loopback()) {
            return;
        }
        SharedClient.change(
                session, session.getContext().getRealm(), client.getId(), (any, shared) -> add(shared, redirectUri));
    }

    private static void add(ClientModel client, String redirectUri) {
        var uris = new HashSet<>(client.getRedirectUris());
        if (uris.size() > CONCRETE_LIMIT) {
            uris.removeIf(text -> new RedirectUri(text).isIpv6Loopback()
                    && !new RedirectUri(text).pattern().equals(text));
        }
        if (uris.add(redirectUri)) {
            client.setRedirectUris(uris);
        }
    }

    private static Optional<RedirectUri> parse(String text) {
        try {
            return Optional.of(new RedirectUri(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
