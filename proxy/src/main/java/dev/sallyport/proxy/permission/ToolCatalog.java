package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonText;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the MCP server last said about its tools. Bounded; what does not fit counts as never seen. */
final class ToolCatalog {

    private static final int MAX_TOOLS = 20_000;

    private final int keptBytes;
    private final ChangedTools changes;
    private final ConcurrentHashMap<String, Entry> tools = new ConcurrentHashMap<>();

    /** @param keptBytes up to how many bytes a definition is kept as it was written, so that it is known again quickly */
    ToolCatalog(int keptBytes, ChangedTools changes) {
        this.keptBytes = keptBytes;
        this.changes = changes;
    }

    private static final class Entry {
        private final ToolDefinition definition;
        private final byte[] written;

        private Entry(ToolDefinition definition, byte[] written) {
            this.definition = definition;
            this.written = written;
        }
    }

    Optional<ToolDefinition> definition(String tool) {
        return Optional.ofNullable(tools.get(tool)).map(entry -> entry.definition);
    }

    /** Remembers it; a definition that is written as last time is not taken apart again. */
    ToolDefinition seen(String tool, JsonText said) {
        var known = tools.get(tool);
        if (known != null && said.isWritten(known.written)) {
            return known.definition;
        }
        var definition = ToolDefinition.of(said);
        if (known == null || !known.definition.equals(definition)) {
            changes.keep(definition.digest(), said.copy());
        }
        if (known != null || tools.size() < MAX_TOOLS) {
            var kept = said.to() - said.from() <= keptBytes ? said.copy() : new byte[0];
            tools.put(tool, new Entry(definition, kept));
        }
        return definition;
    }
}
