package dev.sallyport.proxy.pages;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the pages ask of the authorization server behind its back channel. Every method may block and throws {@link
 * AccountsUnavailable} when the server cannot be asked.
 */
public interface Accounts {

    /** The authorization server could not be reached or refused us; the message is for the log. */
    final class AccountsUnavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public AccountsUnavailable(String message) {
            super(message);
        }
    }

    /** Where a browser logs in (OpenID Connect authorization endpoint, on the public origin). */
    URI authorizationEndpoint();

    String clientId();

    String issuer();

    /** The claims of the ID token that a code is exchanged for. */
    IdToken exchange(String code, String codeVerifier, URI redirectUri);

    /** The ID token's claims (OpenID Connect Core 1.0 section 2), as received over the back channel. */
    record IdToken(String issuer, List<String> audience, String subject, String nonce, Instant expiresAt, String name) {
        public IdToken {
            audience = List.copyOf(audience);
        }
    }

    /** One consent of a person. */
    record Grant(
            String id, String clientName, String server, List<String> scopes, Instant createdAt, Instant lastUsedAt) {
        public Grant {
            scopes = List.copyOf(scopes);
        }
    }

    List<Grant> grants(String subject);

    /** Ends one grant of this person; nothing happens if it is somebody else's. */
    void revoke(String subject, String grantId);

    /**
     * The connect step of a consent in progress.
     *
     * @param name for showing only; may be empty
     * @param id of this request; good for one connection
     * @param browser base64url of the SHA-256 of what the browser's own cookie must hold for this to be its consent
     */
    record ConnectRequest(String subject, String name, String id, String server, String browser, URI returnTo) {}

    /**
     * What the authorization server keeps of a person's account at an identity provider.
     *
     * @param linked the person has one
     * @param connected there is a token of it
     * @param name what the provider calls it; may be empty
     */
    record Brokered(boolean linked, boolean connected, String name) {}

    Brokered brokered(String provider, String subject);

    /** Forgets the token that is kept of a person's account at an identity provider, which is not told; the account stays linked. */
    void forget(String provider, String subject);

    /** Verifies the signed request with which the authorization server sent a browser here; empty if it is not good. */
    Optional<ConnectRequest> connectRequest(String signed);

    /** Tells the authorization server that a person has, or no longer has, an upstream connection. */
    void connected(String server, String subject, boolean connected);
}
