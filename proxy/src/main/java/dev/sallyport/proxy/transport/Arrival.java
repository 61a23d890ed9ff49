package dev.sallyport.proxy.transport;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/** One request as it came in, and the ways to answer it from here. Belongs to one event loop. */
final class Arrival {

    static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");

    private final HttpServerRequest request;
    private final Lane lane;
    private final Site site;
    private final String id;
    private final long started = System.nanoTime();
    private int held;
    private boolean hangsUp;

    Arrival(HttpServerRequest request, Lane lane, Site site) {
        this.request = request;
        this.lane = lane;
        this.site = site;
        id = lane.newRequestId();
        request.response().putHeader(REQUEST_ID, id);
        var connection = request.connection();
        lane.connections().begin(connection);
        request.response().endHandler(_ -> {
            lane.connections().end(connection);
            lane.bodyMemory().giveBack(held);
            held = 0;
        });
    }

    HttpServerRequest request() {
        return request;
    }

    Lane lane() {
        return lane;
    }

    Site site() {
        return site;
    }

    /** Under which the log and the audit trail tell of this request. */
    String id() {
        return id;
    }

    long nanos() {
        return System.nanoTime() - started;
    }

    /**
     * Whether a field value holds what ends a line for another reader. HTTP/2 can carry it, and says that whoever reads it
     * has to look (RFC 9113 section 8.2.1, RFC 9110 section 5.5).
     */
    boolean isMalformed() {
        for (var header : request.headers()) {
            var value = header.getValue();
            for (var at = 0; at < value.length(); at++) {
                var c = value.charAt(at);
                if ((c < ' ' && c != '\t') || c == 0x7f) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Counts bytes of the body that stay in memory until the answer has ended; false if there is no room for them. */
    boolean hold(int bytes) {
        if (!lane.bodyMemory().take(bytes)) {
            return false;
        }
        held += bytes;
        return true;
    }

    /** After the answer this connection serves no further request: the rest of this one may never come. */
    void endConnection() {
        if (request.streamId() < 0) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** For a client that stopped in the middle of its request: nothing it may still send is waited for. */
    void hangUp() {
        endConnection();
        hangsUp = request.streamId() < 0;
    }

    /** The address of the client itself, as far as trusted proxies tell. */
    String clientAddress() {
        return site.proxies().client(peer(), request.headers().getAll("x-forwarded-for"));
    }

    /** The authority that the client asked for; empty if it named none, or several. */
    Optional<String> authority() {
        var proxies = site.proxies();
        if (!proxies.isEmpty() && proxies.trusts(peer())) {
            var forwarded = request.headers().getAll("x-forwarded-host");
            if (!forwarded.isEmpty()) {
                return single(forwarded);
            }
        }
        var hosts = request.headers().getAll(HttpHeaders.HOST);
        if (request.streamId() < 0) {
            return single(hosts);
        }
        var authority = request.authority();
        if (authority == null) {
            return single(hosts);
        }
        var text = authority.port() > 0 ? authority.host() + ":" + authority.port() : authority.host();
        return hosts.isEmpty() || hosts.equals(List.of(text)) ? Optional.of(text) : Optional.empty();
    }

    private String peer() {
        var address = request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }

    private static Optional<String> single(List<String> values) {
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    /** A status with a sentence in plain text, for whoever is not an MCP client. */
    void text(int status, String sentence) {
        send(status, "text/plain; charset=utf-8", Buffer.buffer(sentence + "\n"));
    }

    /** Too much is going on at this moment. */
    void busy() {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
        text(503, "Too many requests are being read. Try again in a moment.");
    }

    void json(int status, Buffer body) {
        send(status, "application/json", body);
    }

    void empty(int status) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        if (!request.isEnded()) {
            drain();
        }
        request.response().setStatusCode(status).end();
    }

    private void send(int status, String contentType, Buffer body) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        if (!request.isEnded()) {
            drain();
        }
        var response = request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader("X-Content-Type-Options", "nosniff");
        if (!response.headers().contains(HttpHeaders.CACHE_CONTROL)) {
            response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                    .end();
        } else {
            response.end(body).onComplete(_ -> {
                if (hangsUp) {
                    request.connection().close();
                }
            });
        }
    }

    /**
     * Throws away what is still coming of a body that nobody wants, so that the client gets to read the answer; but not
     * without end.
     */
    private void drain() {
        if (isChunked() || BodyReader.announced(request) > site.bodyLimit()) {
            // Said beforehand, or the client sends its next request where nobody reads it (RFC 9112 section 9.6).
            endConnection();
        }
        var left = new long[] {site.bodyLimit()};
        request.exceptionHandler(_ -> {});
        request.handler(chunk -> {
            left[0] -= chunk.length();
            if (left[0] < 0) {
                abandon();
            }
        });
        request.resume();
    }

    private boolean isChunked() {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private void abandon() {
        if (request.streamId() < 0) {
            request.connection().close();
        } else {
            request.response().reset();
        }
    }
}
