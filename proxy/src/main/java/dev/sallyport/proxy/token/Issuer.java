package dev.sallyport.proxy.token;

import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.ServerSettings.IssuerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Who mints for a resource: the exact {@code iss} of its tokens, where its keys are if that is known, and how long a
 * token may live at most.
 */
record Issuer(String name, Optional<URI> jwks, Duration maxLifetime) {

    /** Tokens of our own extension live five minutes; a realm may be set to less, and somewhat more is still ours. */
    static final Duration KEYCLOAK_LIFETIME = Duration.ofMinutes(15);

    /** What others mint: longer than this is no access token for a gate that learns of no revocation. */
    static final Duration FOREIGN_LIFETIME = Duration.ofHours(24);

    static Issuer of(KeycloakSettings keycloak) {
        var certificates = keycloak.url() + "/realms/" + keycloak.realm() + "/protocol/openid-connect/certs";
        return new Issuer(keycloak.issuer().toString(), Optional.of(URI.create(certificates)), KEYCLOAK_LIFETIME);
    }

    static Issuer of(IssuerSettings settings) {
        return new Issuer(settings.issuer().toString(), settings.jwks(), FOREIGN_LIFETIME);
    }
}
