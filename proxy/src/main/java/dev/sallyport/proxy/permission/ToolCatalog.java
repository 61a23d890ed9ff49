package dev.sallyport.proxy.permission;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the MCP server last said about its tools. Bounded; what does not fit counts as never seen. */
final class ToolCatalog {

    private static final int MAX_TOOLS = 20_000;

    private final ConcurrentHashMap<String, Hints> hints = new ConcurrentHashMap<>();

    Optional<Hints> hints(String tool) {
        return Optional.ofNullable(hints.get(tool));
    }

    void seen(String tool, Hints said) {
        if (hints.size() < MAX_TOOLS || hints.containsKey(tool)) {
            hints.put(tool, said);
        }
    }
}
