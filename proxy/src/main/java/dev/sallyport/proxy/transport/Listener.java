package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.upstream.UnreadMemory;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The public port. A server of our own rather than the framework's, because it needs what that does not offer: a bound on
 * idle connections, a say in when a stream counts as idle, and one event loop for both sides of an exchange.
 */
public final class Listener {

    private static final Logger LOG = Logger.getLogger(Listener.class);

    private static final long LOOK_FOR_CERTIFICATES_MILLIS = 2_000;
    private static final long SHUTDOWN_LOOK_MILLIS = 100;
    private static final int HANDSHAKE_SECONDS = 10;
    private static final int REQUEST_LINE = 8192;

    /** Streams of one connection at a time: enough for a proxy in front that carries many clients over it. */
    private static final int STREAMS = 128;

    /** Streams that a client may cancel in {@link #RESETS_SECONDS} before its connection is closed (CVE-2023-44487). */
    private static final int RESETS = 500;

    private static final int RESETS_SECONDS = 30;

    private static final Set<String> TLS = Set.of("TLSv1.3", "TLSv1.2");

    private final Settings.Listen listen;
    private final Limits limits;
    private final Lane.Shared shared;
    private final AtomicReference<Site> site;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicReference<String> deployment = new AtomicReference<>("");
    private final List<Door> doors = new CopyOnWriteArrayList<>();

    /** @param waiting runs what may block, each piece on a virtual thread of its own */
    public Listener(Settings settings, Site site, Executor waiting, Traffic traffic) {
        this.listen = settings.listen();
        this.limits = settings.limits();
        this.shared = new Lane.Shared(
                settings, waiting, traffic, new BodyMemory(limits.bodies()), UnreadMemory.ofThisProcess());
        this.site = new AtomicReference<>(site);
    }

    /** Opens the port on so many event loops. The future fails with the reason if that cannot be. */
    public Future<Void> open(Vertx vertx, int eventLoops) {
        var files = listen.tls().map(tls -> CertificateFiles.open(vertx, tls));
        return vertx.deployVerticle(
                        () -> {
                            var door = new Door(files);
                            doors.add(door);
                            return door;
                        },
                        new DeploymentOptions().setInstances(eventLoops))
                .onSuccess(deployment::set)
                .mapEmpty();
    }

    /** Closes the port; calls may finish, streams may not hold it up for longer than the settings say. */
    public Future<Void> close(Vertx vertx) {
        var id = deployment.getAndSet("");
        return id.isEmpty() ? Future.succeededFuture() : vertx.undeploy(id);
    }

    /** The port that is open; differs from the settings' when they leave the choice to the system. */
    public int port() {
        return doors.getFirst().port();
    }

    /** Requests that come from now on are served by the new site; running ones end as they began. */
    public void replace(Site next) {
        site.set(next);
    }

    /** Ends the running exchanges of some tokens on every event loop at once, streams included. */
    public void endWhere(Predicate<VerifiedToken> revoked) {
        doors.forEach(door ->
                door.lane().ifPresent(lane -> lane.run(() -> lane.upstreams().endWhere(revoked))));
    }

    /**
     * Netty's own bounds hold beside these, among them few small CONTINUATION frames for one head and few frames without
     * content in a row.
     */
    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(listen.host())
                // All event loops share one port; a negative one is chosen by the system, once for all.
                .setPort(listen.port() == 0 ? -1 : listen.port())
                .setTcpNoDelay(true)
                .setMaxHeaderSize(limits.headers())
                .setMaxInitialLineLength(REQUEST_LINE)
                .setHttp2ClearTextEnabled(true)
                .setInitialSettings(new Http2Settings()
                        .setPushEnabled(false)
                        .setMaxConcurrentStreams(STREAMS)
                        .setMaxHeaderListSize(limits.headers()))
                .setHttp2RstFloodMaxRstFramePerWindow(RESETS)
                .setHttp2RstFloodWindowDuration(RESETS_SECONDS)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
                .setIdleTimeout((int) limits.firstRequest().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(TLS)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setTracingPolicy(TracingPolicy.IGNORE);
    }

    /** The port on one event loop. */
    private final class Door extends AbstractVerticle {

        private final Optional<CertificateFiles> files;
        private Optional<Lane> lane = Optional.empty();
        private Optional<HttpServer> server = Optional.empty();

        Door(Optional<CertificateFiles> files) {
            this.files = files;
        }

        @Override
        public void start(Promise<Void> started) {
            var open = Connections.on(vertx, limits, connections, shared.traffic());
            var own = new Lane(vertx, shared, open);
            lane = Optional.of(own);
            var options = options();
            files.ifPresent(pair -> options.setSsl(true).setKeyCertOptions(pair.options()));
            var http = vertx.createHttpServer(options);
            server = Optional.of(http);
            if (doors.getFirst() == this) {
                // One look serves all event loops.
                files.ifPresent(pair -> vertx.setPeriodic(LOOK_FOR_CERTIFICATES_MILLIS, _ -> look(pair)));
            }
            http.connectionHandler(open::opened)
                    .invalidRequestHandler(HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER)
                    .requestHandler(new Front(own, site::get)::handle)
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        @Override
        public void stop(Promise<Void> stopped) {
            var until = System.nanoTime() + limits.shutdown().toNanos();
            finish(until, stopped);
        }

        Optional<Lane> lane() {
            return lane;
        }

        int port() {
            return server.map(HttpServer::actualPort).orElse(0);
        }

        /** Calls may finish, streams may not hold us up for longer than the settings say. */
        private void finish(long until, Promise<Void> stopped) {
            lane.ifPresent(own -> own.connections().closeIdle());
            var running = lane.map(own -> own.connections().running()).orElse(0);
            if (running > 0 && System.nanoTime() - until < 0) {
                vertx.setTimer(SHUTDOWN_LOOK_MILLIS, _ -> finish(until, stopped));
                return;
            }
            lane.ifPresent(own -> own.upstreams().endAll());
            lane.ifPresent(own -> own.upstreams().close());
            server.ifPresentOrElse(http -> http.close().onComplete(stopped), stopped::complete);
        }

        private void look(CertificateFiles pair) {
            switch (pair.look()) {
                case NOTHING_NEW -> {}
                case RENEWED -> LOG.info("The certificate was renewed from its files.");
                case UNUSABLE ->
                    LOG.errorf(
                            "The new certificate cannot be used, and the old one serves on: %s has to hold a"
                                    + " certificate chain as PEM, and %s its key.",
                            listen.tls().map(Settings.Tls::certificate).orElseThrow(),
                            listen.tls().map(Settings.Tls::key).orElseThrow());
            }
        }
    }
}
