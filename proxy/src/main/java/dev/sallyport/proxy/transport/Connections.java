package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.settings.Limits;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The client connections of one event loop. Bounds how many there are in all, and closes those on which nothing happens:
 * one that never completes the head of a request is as idle as one that says nothing. Running streams do not count as
 * idle.
 */
final class Connections {

    private static final long SWEEP_MILLIS = 5_000;
    private static final String SILENCE = "idle";

    private final Map<HttpConnection, Use> open = new HashMap<>();
    private final AtomicInteger total;
    private final Limits limits;
    private final Traffic traffic;

    private Connections(AtomicInteger total, Limits limits, Traffic traffic) {
        this.total = total;
        this.limits = limits;
        this.traffic = traffic;
    }

    /** @param total counts the connections of all event loops */
    static Connections on(Vertx vertx, Limits limits, AtomicInteger total, Traffic traffic) {
        var connections = new Connections(total, limits, traffic);
        var shortest = limits.firstRequest().compareTo(limits.betweenRequests()) < 0
                ? limits.firstRequest()
                : limits.betweenRequests();
        vertx.setPeriodic(Math.clamp(shortest.toMillis() / 3, 10, SWEEP_MILLIS), _ -> connections.sweep());
        return connections;
    }

    void opened(HttpConnection connection) {
        stopWaitingForFirstByte(connection);
        if (total.incrementAndGet() > limits.connections()) {
            total.decrementAndGet();
            connection.close();
            return;
        }
        traffic.connections(1);
        open.put(connection, new Use());
        connection.closeHandler(_ -> {
            open.remove(connection);
            total.decrementAndGet();
            traffic.connections(-1);
        });
    }

    /**
     * The server watches a connection for silence only until its first byte, when it is ours to count and to close: after
     * that a stream may be silent for longer.
     */
    private static void stopWaitingForFirstByte(HttpConnection connection) {
        if (connection instanceof HttpServerConnection server) {
            var pipeline = server.channel().pipeline();
            if (pipeline.get(SILENCE) != null) {
                pipeline.remove(SILENCE);
            }
        }
    }

    void begin(HttpConnection connection) {
        var use = open.get(connection);
        if (use != null) {
            use.running++;
            use.served = true;
        }
    }

    void end(HttpConnection connection) {
        var use = open.get(connection);
        if (use != null) {
            use.running--;
            use.idleSince = System.nanoTime();
        }
    }

    /** For shutdown: what is idle goes now, what is busy when it is done. */
    void closeIdle() {
        for (var each : new ArrayList<>(open.entrySet())) {
            if (each.getValue().running == 0) {
                each.getKey().close();
            }
        }
    }

    int running() {
        return open.values().stream().mapToInt(use -> use.running).sum();
    }

    private void sweep() {
        var now = System.nanoTime();
        for (var each : new ArrayList<>(open.entrySet())) {
            var use = each.getValue();
            var allowed = use.served ? limits.betweenRequests() : limits.firstRequest();
            if (use.running == 0 && now - use.idleSince > allowed.toNanos()) {
                each.getKey().close();
            }
        }
    }

    private static final class Use {
        private int running;
        private boolean served;
        private long idleSince = System.nanoTime();
    }
}
