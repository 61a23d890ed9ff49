package dev.sallyport.proxy.registry;

import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.token.Revocations;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Keeps Keycloak told of the servers, and the proxy told of revocations, from {@link #start} to {@link #close}. Works in
 * the background; neither side has to be there first.
 */
public final class KeycloakLink implements AutoCloseable {

    private final ServiceClient client;
    private final RegistryPublisher publisher;
    private final RevocationFeed feed;

    public KeycloakLink(
            Settings settings,
            KeycloakSettings keycloak,
            Secrets secrets,
            Revocations revocations,
            InstantSource clock) {
        var issuer = keycloak.issuer().toString();
        revocations.concern(Optional.of(issuer));
        client = new ServiceClient(keycloak, secrets, clock);
        publisher = new RegistryPublisher(client, settings);
        feed = new RevocationFeed(
                client, revocations, new Checkpoints(settings.stateDirectory(), issuer), clock, publisher::again);
    }

    public void start() {
        publisher.start();
        feed.start();
    }

    /** Publishes other servers. For another Keycloak, close this link and make a new one. */
    public void use(Settings settings) {
        publisher.use(settings);
    }

    /** Keycloak knows the servers of the settings in use. */
    public boolean published() {
        return publisher.published();
    }

    /** Revocations arrive; false while Keycloak is away, when nothing new is revoked either. */
    public boolean following() {
        return feed.following();
    }

    /** For further calls to the extension in the proxy's name. */
    public ServiceClient client() {
        return client;
    }

    @Override
    public void close() {
        publisher.stop();
        feed.stop();
    }
}
