package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.mcp.JsonText;
import java.util.Set;

/**
 * What an MCP server says about a tool, as far as it changes what calling it means: everything that a model or a person
 * reads, and the schemas. {@code digest} does not depend on the order of members or on white space.
 */
record ToolDefinition(String digest, Hints hints) {

    private static final Set<String> IRRELEVANT = Set.of("icons", "_meta", "execution");

    static ToolDefinition of(JsonText definition) {
        var digest = new JsonDigest()
                .add(definition, name -> !IRRELEVANT.contains(name))
                .hex();
        return new ToolDefinition(digest, Hints.of(definition.member("annotations")));
    }
}
