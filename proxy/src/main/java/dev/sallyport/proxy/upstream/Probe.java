package dev.sallyport.proxy.upstream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;

/**
 * Asks an HTTP/2 connection on which an exchange was silent for too long whether it lives (RFC 9113 section 6.7). One that
 * is dead without anybody having closed it would be given to one call after the other; it is closed if no answer comes in
 * the time that connecting may take.
 */
final class Probe implements Deadlines.Expiring {

    private static final Buffer OPAQUE = Buffer.buffer("sallyprt");

    private final HttpConnection connection;
    private final long deadline;

    private Probe(HttpConnection connection, long deadline) {
        this.connection = connection;
        this.deadline = deadline;
    }

    static void of(HttpConnection connection, Upstreams upstreams) {
        var deadlines = upstreams.deadlines();
        var probe = new Probe(connection, deadlines.in(upstreams.limits().connect()));
        deadlines.watch(probe);
        connection.ping(OPAQUE).onComplete(_ -> deadlines.forget(probe));
    }

    @Override
    public long deadline() {
        return deadline;
    }

    @Override
    public void expire() {
        connection.close();
    }
}
