package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.pages.Pages;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Everything that settings say about requests, ready for use. Immutable: a reload puts another in its place. */
public final class Site {

    private final Settings settings;
    private final Hosts hosts;
    private final Origins origins;
    private final TrustedProxies proxies;
    private final Routes routes;
    private final Optional<Pages> pages;

    public Site(Settings settings, List<Endpoint> endpoints, Optional<Pages> pages) {
        this.settings = settings;
        hosts = new Hosts(settings.publicUrl());
        origins = new Origins(settings.publicUrl(), settings.listen().allowedOrigins());
        proxies = new TrustedProxies(settings.listen().trustedProxies());
        routes = new Routes(endpoints, settings.keycloak().map(AuthorizationServerPaths::new), pages.isPresent());
        this.pages = pages;
    }

    Hosts hosts() {
        return hosts;
    }

    Origins origins() {
        return origins;
    }

    TrustedProxies proxies() {
        return proxies;
    }

    Routes routes() {
        return routes;
    }

    Optional<Pages> pages() {
        return pages;
    }

    int bodyLimit() {
        return settings.limits().body();
    }

    URI publicUrl() {
        return settings.publicUrl();
    }

    Optional<KeycloakSettings> keycloak() {
        return settings.keycloak();
    }
}
