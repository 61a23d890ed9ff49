package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.settings.Authorities;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.token.VerifiedToken;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The way out of one event loop: its connections to MCP servers and to the authorization server. */
public final class Upstreams {

    /** Shorter than what servers commonly keep idle connections for (Node: 5 s), so that we are the one who closes. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(4);

    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    private final HttpClient plain;
    private final HttpClient secure;
    private final Deadlines deadlines;
    private final Limits limits;
    private final UnreadMemory unread;

    private Upstreams(HttpClient plain, HttpClient secure, Deadlines deadlines, Limits limits, UnreadMemory unread) {
        this.plain = plain;
        this.secure = secure;
        this.deadlines = deadlines;
        this.limits = limits;
        this.unread = unread;
    }

    /**
     * Must be called on the event loop that will use it.
     *
     * @param unread of all event loops
     */
    public static Upstreams on(Vertx vertx, Settings settings, Deadlines deadlines, UnreadMemory unread) {
        var limits = settings.limits();
        // The size is a cap on streams too, since each holds a connection: a small default would starve them.
        var pool = new PoolOptions()
                .setHttp1MaxSize(limits.connectionsPerUpstream())
                .setHttp2MaxSize(limits.connectionsPerUpstream());
        var plain = vertx.createHttpClient(options(limits), pool);
        var secure = vertx.createHttpClient(secureOptions(settings), pool);
        return new Upstreams(plain, secure, deadlines, limits, unread);
    }

    /**
     * HTTP/2 where the server chooses it in the handshake (RFC 7301), else HTTP/1.1. Without TLS there is no such choice,
     * and it is HTTP/1.1.
     */
    private static HttpClientOptions secureOptions(Settings settings) {
        var options = options(settings.limits())
                .setSsl(true)
                .setVerifyHost(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setInitialSettings(new Http2Settings()
                        .setPushEnabled(false)
                        .setMaxHeaderListSize(settings.limits().headers()));
        Authorities.of(settings).ifPresent(authorities -> options.setTrustOptions(TrustOptions.wrap(authorities)));
        return options;
    }

    private static HttpClientOptions options(Limits limits) {
        return new HttpClientOptions()
                .setKeepAlive(true)
                .setKeepAliveTimeout((int) KEEP_ALIVE.toSeconds())
                .setHttp2KeepAliveTimeout((int) KEEP_ALIVE.toSeconds())
                .setConnectTimeout((int) limits.connect().toMillis())
                .setTcpNoDelay(true)
                .setPipelining(false)
                .setMaxHeaderSize(limits.headers())
                .setTracingPolicy(TracingPolicy.IGNORE);
    }

    /** Sends a permitted request and streams the answer back. */
    public void send(Dispatch dispatch, HttpServerRequest client, String requestId, Outcome outcome) {
        switch (dispatch.destination()) {
            case Destination.Url url -> {
                if (isTranslated(url, dispatch)) {
                    new BridgedExchange(this, dispatch, client, outcome).start(url.bridge());
                } else {
                    new Exchange(this, url, dispatch, client, outcome).start(requestId);
                }
            }
            case Destination.Bridged(var bridge) -> new BridgedExchange(this, dispatch, client, outcome).start(bridge);
        }
    }

    private static boolean isTranslated(Destination.Url url, Dispatch dispatch) {
        return dispatch.transport() == Transport.HTTP_SSE
                || switch (Era.of(dispatch)) {
                    case LEGACY -> url.server().isModernOnly();
                    case MODERN -> url.server().isLegacyOnly();
                };
    }

    /** Sends a request on to the authorization server and streams the answer back. */
    public void forward(Forward forward, HttpServerRequest client, Outcome outcome) {
        new ForwardExchange(this, client, outcome).start(forward);
    }

    /** Ends the running exchanges of some tokens at once, streams included. */
    public void endWhere(Predicate<VerifiedToken> revoked) {
        deadlines.expireWhere(each -> each instanceof Revocable running && revoked.test(running.token()));
    }

    /** Ends every running exchange, as if its time had come: the process stops. */
    public void endAll() {
        deadlines.expireWhere(_ -> true);
    }

    /** Closes idle connections; running exchanges should be over. */
    public void close() {
        plain.close();
        secure.close();
    }

    Deadlines deadlines() {
        return deadlines;
    }

    UnreadMemory unread() {
        return unread;
    }

    Limits limits() {
        return limits;
    }

    HttpClient clientFor(URI url) {
        return isSecure(url) ? secure : plain;
    }

    RequestOptions optionsFor(URI url, HttpMethod method, String target) {
        var port = url.getPort();
        return new RequestOptions()
                .setMethod(method)
                .setSsl(isSecure(url))
                .setHost(url.getHost())
                .setPort(port != -1 ? port : isSecure(url) ? HTTPS : HTTP)
                .setURI(target)
                .setConnectTimeout(limits.connect().toMillis());
    }

    private static boolean isSecure(URI url) {
        return "https".equals(url.getScheme());
    }
}
