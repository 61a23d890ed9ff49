package dev.sallyport.proxy.boot;

import dev.sallyport.proxy.bridge.Bridge;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.stdio.Commands;
import dev.sallyport.proxy.upstream.Destination;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** What runs on behalf of servers that are no addresses. A reload that does not concern one leaves it running. */
final class Bridges {

    /** Longer than a process that has to be killed takes. */
    private static final Duration END = Duration.ofSeconds(10);

    private final Secrets secrets;
    private final Map<Kept, Running> running = new HashMap<>();

    private record Kept(String server, UpstreamSettings.Command command) {}

    private record Running(Bridge bridge, Commands commands) {}

    Bridges(Secrets secrets) {
        this.secrets = secrets;
    }

    Destination to(ServerSettings server) {
        return switch (server.upstream()) {
            case UpstreamSettings.Url(var url) -> new Destination.Url(url);
            case UpstreamSettings.Command command -> new Destination.Bridged(bridge(server.name(), command));
        };
    }

    private synchronized Bridge bridge(String server, UpstreamSettings.Command command) {
        return running.computeIfAbsent(new Kept(server, command), kept -> {
                    var commands = new Commands(server, command, secrets, System.getenv());
                    return new Running(new Bridge(commands, command.sharing(), command.limits()), commands);
                })
                .bridge();
    }

    /** Ends what no server of these settings uses any more. */
    synchronized void keepOnly(Settings settings) {
        Set<Kept> used = settings.servers().stream()
                .filter(server -> server.upstream() instanceof UpstreamSettings.Command)
                .map(server -> new Kept(server.name(), (UpstreamSettings.Command) server.upstream()))
                .collect(Collectors.toSet());
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
        var until = System.nanoTime() + END.toNanos();
        while (all.stream().anyMatch(each -> each.commands().alive() > 0) && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
