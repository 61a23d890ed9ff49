package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.transport.Traffic;
import dev.sallyport.proxy.upstream.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts traffic for Prometheus. Labels are server, status class and ending: never a name that a client chose. */
final class Meters implements Traffic {

    private final MeterRegistry registry;
    private final AtomicInteger running;
    private final AtomicInteger connections;
    private final Map<Label, Timer> served = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
        running = registry.gauge("sallyport.exchanges.running", new AtomicInteger());
        connections = registry.gauge("sallyport.connections.open", new AtomicInteger());
    }

    @Override
    public void served(String server, int status, Outcome.End end, long nanos) {
        served.computeIfAbsent(new Label(server, status, end), this::timer).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void running(int change) {
        running.addAndGet(change);
    }

    @Override
    public void connections(int change) {
        connections.addAndGet(change);
    }

    private Timer timer(Label label) {
        return Timer.builder("sallyport.requests")
                .description("Requests to MCP servers, from the first byte of the head to the last of the answer")
                .tag("server", label.server())
                .tag("status", Integer.toString(label.status()))
                .tag("end", label.end().name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private record Label(String server, int status, Outcome.End end) {}
}
