package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.discovery.ResourceMetadata;
import dev.sallyport.proxy.mcp.SseAddresses;
import dev.sallyport.proxy.pages.Pages;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All paths of the public listener. What is not named here is not there. */
final class Routes {

    private static final Route NOTHING = new Route.Nothing();

    private final Map<String, Route> exact = new HashMap<>();
    private final List<Endpoint> deepestFirst;
    private final Optional<AuthorizationServerPaths> authorizationServer;
    private final boolean pages;

    Routes(List<Endpoint> endpoints, Optional<AuthorizationServerPaths> authorizationServer, boolean pages) {
        this.authorizationServer = authorizationServer;
        this.pages = pages;
        deepestFirst = endpoints.stream()
                .sorted(Comparator.comparingInt(
                                (Endpoint endpoint) -> path(endpoint).length())
                        .reversed())
                .toList();
        for (var endpoint : endpoints) {
            // One trailing slash is a spelling that people paste; it names the same server.
            exact.put(path(endpoint), new Route.Mcp(endpoint));
            exact.put(path(endpoint) + "/", new Route.Mcp(endpoint));
            var metadata = ResourceMetadata.path(endpoint.server().resource());
            exact.put(metadata, new Route.Metadata(endpoint));
            exact.put(metadata + "/", new Route.Metadata(endpoint));
        }
        authorizationServer.ifPresent(server -> endpoints.stream()
                .filter(endpoint -> endpoint.server().issuer().isEmpty())
                .forEach(endpoint -> server.find(AuthorizationServerPaths.OAUTH)
                        .ifPresent(document -> exact.put(AuthorizationServerPaths.OAUTH + path(endpoint), document))));
        endpoints.forEach(this::addSse);
        if (endpoints.size() == 1) {
            exact.putIfAbsent(ResourceMetadata.WELL_KNOWN, new Route.Metadata(endpoints.getFirst()));
        }
    }

    /** Its metadata names the one resource that there is: tokens for the stream are tokens for the server. */
    private void addSse(Endpoint endpoint) {
        var stream = path(endpoint) + SseAddresses.STREAM;
        exact.putIfAbsent(stream, new Route.SseStream(endpoint));
        exact.putIfAbsent(path(endpoint) + SseAddresses.MESSAGES, new Route.SseMessages(endpoint));
        exact.putIfAbsent(ResourceMetadata.WELL_KNOWN + stream, new Route.Metadata(endpoint));
        Optional.ofNullable(exact.get(AuthorizationServerPaths.OAUTH + path(endpoint)))
                .ifPresent(document -> exact.putIfAbsent(AuthorizationServerPaths.OAUTH + stream, document));
    }

    Route find(String path) {
        var found = exact.get(path);
        if (found != null) {
            return found;
        }
        if (authorizationServer.isPresent()) {
            var forwarded = authorizationServer.get().find(path);
            if (forwarded.isPresent()) {
                return forwarded.get();
            }
        }
        if (pages && Pages.owns(path)) {
            return new Route.Page();
        }
        for (var endpoint : deepestFirst) {
            if (path.startsWith(path(endpoint) + "/") && !path.startsWith("/.well-known/")) {
                return new Route.Below(endpoint);
            }
        }
        return NOTHING;
    }

    private static String path(Endpoint endpoint) {
        return endpoint.server().resource().path();
    }
}
