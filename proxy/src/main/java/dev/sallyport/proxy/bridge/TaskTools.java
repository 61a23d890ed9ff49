package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which tools of a server of 2025-11-25 can, or have to, be called as tasks: {@code execution.taskSupport} of its own list
 * (MCP 2025-11-25, Tasks, tool-level negotiation). Asked for when a call needs it, and again when that is a minute old.
 */
final class TaskTools {

    private static final Duration FRESH = Duration.ofMinutes(1);

    private Map<String, Support> known = Map.of();
    private Optional<Long> learned = Optional.empty();

    /** What a tool says of itself. */
    enum Support {
        FORBIDDEN,
        OPTIONAL,
        REQUIRED
    }

    /** Waits for the server's list if need be; a list that cannot be had is one of tools that know no tasks. */
    synchronized Support of(Peer peer, String tool) {
        if (learned.filter(then -> System.nanoTime() - then < FRESH.toNanos()).isEmpty()) {
            known = learn(peer);
            learned = Optional.of(System.nanoTime());
        }
        return known.getOrDefault(tool, Support.FORBIDDEN);
    }

    private static Map<String, Support> learn(Peer peer) {
        var found = new HashMap<String, Support>();
        ToolList.each(
                peer,
                tool -> tool.member("name")
                        .flatMap(JsonText::string)
                        .ifPresent(name -> found.put(name, support(tool))));
        return Map.copyOf(found);
    }

    private static Support support(JsonText tool) {
        return switch (tool.member("execution")
                .flatMap(execution -> execution.member("taskSupport"))
                .flatMap(JsonText::string)
                .orElse("")) {
            case "required" -> Support.REQUIRED;
            case "optional" -> Support.OPTIONAL;
            default -> Support.FORBIDDEN;
        };
    }
}
