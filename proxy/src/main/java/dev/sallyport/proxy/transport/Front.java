package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.upstream.Forward;
import dev.sallyport.proxy.upstream.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Every request of the public listener: right name, one spelling, known path; then to whoever serves it. */
final class Front {

    private static final Logger LOG = Logger.getLogger(Front.class);

    /** Forms and registrations are small. */
    private static final int FORWARDED_BODY = 1024 * 1024;

    private static final Set<HttpMethod> FORWARDED = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS);

    private final Lane lane;
    private final Supplier<Site> site;

    Front(Lane lane, Supplier<Site> site) {
        this.lane = lane;
        this.site = site;
    }

    void handle(HttpServerRequest request) {
        var arrival = new Arrival(request, lane, site.get());
        try {
            serve(arrival);
        } catch (RuntimeException e) {
            LOG.errorf(e, "request %s", arrival.id());
            arrival.text(500, "Something went wrong here. Request id: " + arrival.id());
        }
    }

    private static void serve(Arrival arrival) {
        var site = arrival.site();
        var authority = arrival.authority();
        if (authority.isEmpty()) {
            arrival.text(400, "A request has exactly one Host.");
            return;
        }
        if (arrival.isMalformed()) {
            arrival.text(400, "A header holds a control character.");
            return;
        }
        if (!site.hosts().accepts(authority.get())) {
            arrival.text(421, "This server does not answer under that name.");
            return;
        }
        var target = RequestTarget.of(arrival.request().uri());
        if (target.isEmpty()) {
            arrival.text(400, "The path is not spelled in its plain form.");
            return;
        }
        switch (site.routes().find(target.get().path())) {
            case Route.Mcp(var endpoint) -> McpCall.serve(arrival, endpoint, Door.server(arrival.request(), endpoint));
            case Route.SseStream(var endpoint) -> McpCall.serve(arrival, endpoint, Door.stream(arrival.request()));
            case Route.SseMessages(var endpoint) -> McpCall.serve(arrival, endpoint, Door.messages(target.get()));
            case Route.Below(var endpoint) -> McpCall.serve(arrival, endpoint, Door.NOTHING);
            case Route.Metadata(var endpoint) -> metadata(arrival, endpoint);
            case Route.AuthorizationServer found -> authorizationServer(arrival, target.get(), found);
            case Route.Page _ -> site.pages().ifPresent(pages -> PageCall.serve(arrival, target.get(), pages));
            case Route.Nothing _ -> arrival.text(404, "There is nothing at this path.");
        }
    }

    private static void metadata(Arrival arrival, Endpoint endpoint) {
        var request = arrival.request();
        if (Cors.isPreflight(request)) {
            Cors.openPreflight(request);
            arrival.empty(204);
            return;
        }
        Cors.open(request);
        var method = request.method();
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, OPTIONS");
            arrival.text(405, "This document can only be read.");
            return;
        }
        request.response().putHeader(HttpHeaders.CACHE_CONTROL, "max-age=60");
        arrival.json(200, endpoint.metadata());
    }

    private static void authorizationServer(Arrival arrival, RequestTarget target, Route.AuthorizationServer route) {
        var request = arrival.request();
        if (route.access() == Route.Access.DOCUMENT && Cors.isPreflight(request)) {
            Cors.openPreflight(request);
            arrival.empty(204);
        } else if (!FORWARDED.contains(request.method())) {
            arrival.text(405, "This method is not used here.");
        } else {
            var limit = Math.min(FORWARDED_BODY, arrival.site().bodyLimit());
            BodyReader.read(arrival, limit, new Forwarding(arrival, target, route));
        }
    }

    /** A request for the authorization server, once its body is here. */
    private record Forwarding(Arrival arrival, RequestTarget target, Route.AuthorizationServer route)
            implements BodyReader.Reader, Outcome {

        @Override
        public void read(Buffer body) {
            var site = arrival.site();
            site.keycloak()
                    .ifPresent(keycloak -> arrival.lane()
                            .upstreams()
                            .forward(
                                    new Forward(
                                            keycloak.url(),
                                            target.withPath(route.path()),
                                            body,
                                            new Forward.ForwardedFor(arrival.clientAddress(), site.publicUrl()),
                                            route.access() != Route.Access.BROWSER),
                                    arrival.request(),
                                    this));
        }

        @Override
        public void tooLarge() {
            arrival.text(413, "The body is too large.");
        }

        @Override
        public void tooSlow() {
            arrival.text(408, "The body took too long to arrive.");
        }

        @Override
        public void noRoom() {
            arrival.busy();
        }

        @Override
        public void gone() {
            // Nobody is left to answer.
        }

        @Override
        public void failed(Refusal refusal) {
            if (refusal instanceof Refusal.UpstreamFailed(var status, var text)) {
                LOG.warnf("request %s to the authorization server failed: %s", arrival.id(), text);
                arrival.text(status, text);
            } else {
                arrival.text(502, "The authorization server does not answer.");
            }
        }

        @Override
        public void ended(Outcome.End end) {
            // Only requests to MCP servers are counted.
        }
    }
}
