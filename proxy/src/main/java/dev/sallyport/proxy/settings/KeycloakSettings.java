package dev.sallyport.proxy.settings;

import java.net.URI;

/**
 * The Keycloak that carries our extension. {@code url} is where the proxy reaches it (loopback, a cluster address);
 * {@code issuer} is what tokens say. {@code ownOrigin} is false when the proxy forwards {@code /realms} to it, so that
 * one origin serves everything.
 */
public record KeycloakSettings(
        URI url, String realm, URI issuer, boolean ownOrigin, boolean adminConsole, String clientId, SecretRef secret) {

    /** As the proxy reaches it (RFC 6749 section 3.2). */
    public URI tokenEndpoint() {
        return URI.create(url + "/realms/" + realm + "/protocol/openid-connect/token");
    }
}
