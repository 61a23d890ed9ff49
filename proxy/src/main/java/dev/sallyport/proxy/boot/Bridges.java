package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.bridge.Bridge;
import dev.sallyport.proxy.bridge.Events;
import dev.sallyport.proxy.bridge.Wires;
import dev.sallyport.proxy.remote.CommandServer;
import dev.sallyport.proxy.remote.SseServer;
import dev.sallyport.proxy.remote.StreamableServer;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.settings.UpstreamSettings.ProcessLimits;
import dev.sallyport.proxy.settings.UpstreamSettings.Sharing;
import dev.sallyport.proxy.stdio.Commands;
import dev.sallyport.proxy.upstream.Destination;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What runs on behalf of servers whose clients' bytes do not simply pass. A reload that does not concern one leaves it running. */
final class Bridges {

    /** Longer than a process that has to be killed takes. */
    private static final Duration END = Duration.ofSeconds(10);

    /** Bounds of streams to servers elsewhere: each ends with its session, so none is too old. */
    private static final ProcessLimits REMOTE =
            new ProcessLimits(10_000, Optional.empty(), Duration.ofDays(1), Duration.ofSeconds(60), 16 * 1024 * 1024);

    private final Secrets secrets;
    private final Events events;
    private Optional<HttpClient> http = Optional.empty();
    private final Map<Kept, Running> running = new HashMap<>();
    private final Map<Kept, StreamableServer> known = new HashMap<>();

    private record Kept(String server, UpstreamSettings upstream) {}

    /** @param alive how many processes of it there are */
    private record Running(Bridge bridge, IntSupplier alive) {}

    Bridges(Secrets secrets, Events events) {
        this.secrets = secrets;
        this.events = events;
    }

    Destination to(ServerSettings server, Limits limits) {
        return switch (server.upstream()) {
            case UpstreamSettings.Url(var url) -> {
                var wires = streamable(server, url, limits);
                yield new Destination.Url(url, wires, () -> bridge(server, () -> remote(wires)));
            }
            case UpstreamSettings.Sse(var url) ->
                new Destination.Bridged(bridge(server, () -> sse(server.name(), url, limits)));
            case UpstreamSettings.Command command ->
                new Destination.Bridged(bridge(server, () -> command(server.name(), command)));
        };
    }

    private synchronized Bridge bridge(ServerSettings server, Supplier<Running> start) {
        return running.computeIfAbsent(new Kept(server.name(), server.upstream()), _ -> start.get())
                .bridge();
    }

    /** What it proved to speak is remembered across reloads. */
    private synchronized StreamableServer streamable(ServerSettings server, URI url, Limits limits) {
        return known.computeIfAbsent(
                new Kept(server.name(), server.upstream()),
                _ -> new StreamableServer(() -> http(limits), server.name(), url, limits.firstByte(), REMOTE.line()));
    }

    private Running command(String server, UpstreamSettings.Command command) {
        var commands = new Commands(server, command, secrets, System.getenv());
        var wires = new CommandServer(commands, server, command.limits().start());
        return new Running(new Bridge(wires, command.sharing(), command.limits(), events), commands::alive);
    }

    /** A stream belongs to one session, for what the server remembers of it is that session's. */
    private Running sse(String server, URI url, Limits limits) {
        return remote(new SseServer(http(limits), server, url, limits.firstByte(), REMOTE.line()));
    }

    private Running remote(Wires wires) {
        return new Running(new Bridge(wires, Sharing.SESSION, REMOTE, events), () -> 0);
    }

    private synchronized HttpClient http(Limits limits) {
        var client = http.orElseGet(() -> SseServer.client(limits.connect()));
        http = Optional.of(client);
        return client;
    }

    /** Ends what no server of these settings uses any more. */
    synchronized void keepOnly(Settings settings) {
        Set<Kept> used = settings.servers().stream()
                .map(server -> new Kept(server.name(), server.upstream()))
                .collect(Collectors.toSet());
        known.keySet().retainAll(used);
        running.entrySet().removeIf(entry -> {
            if (used.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().bridge().close();
            return true;
        });
    }

    /** Lets running calls finish for so long, and returns when no process is left. */
    void close(Duration patience) {
        List<Running> all;
        synchronized (this) {
            all = List.copyOf(running.values());
            running.clear();
        }
        all.forEach(each -> each.bridge().close(patience));
        events.close();
        var until = System.nanoTime() + END.toNanos();
        while (all.stream().anyMatch(each -> each.alive().getAsInt() > 0) && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
