package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Which arguments of which tools a server wants repeated in headers (MCP 2026-07-28, Streamable HTTP, custom headers from
 * tool parameters), as far as its lists of tools have passed here.
 */
final class ToolHeaders {

    private static final Logger LOG = Logger.getLogger(ToolHeaders.class);

    /** So that nobody can fill the memory with names. */
    private static final int MAX_TOOLS = 5000;

    private static final int MAX_DEPTH = 32;
    private static final String ANNOTATION = "x-mcp-header";
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");

    private final Map<String, List<Repeated>> byTool = new HashMap<>();

    /**
     * @param header without its prefix
     * @param path the names that lead from the arguments to the value
     */
    private record Repeated(String header, List<String> path) {
        private Repeated {
            path = List.copyOf(path);
        }
    }

    /** A schema whose annotations break the rules. */
    private static final class Unsound extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Unsound(String why) {
            super(why, null, false, false);
        }
    }

    /** Learns from a {@code ListToolsResult}, and returns it without the tools that no client may take. */
    byte[] learn(byte[] message, JsonText tools) {
        var edits = new Edits(message);
        edits.keepElements(tools, this::learn);
        return edits.applied();
    }

    private synchronized boolean learn(JsonText tool) {
        var name = tool.member("name").flatMap(JsonText::string);
        if (name.isEmpty()) {
            return true;
        }
        try {
            var found = new ArrayList<Repeated>();
            tool.member("inputSchema").ifPresent(schema -> find(schema, List.of(), found, 0));
            unique(found);
            if (found.isEmpty()) {
                byTool.remove(name.get());
            } else if (byTool.size() < MAX_TOOLS || byTool.containsKey(name.get())) {
                byTool.put(name.get(), found);
            }
            return true;
        } catch (Unsound e) {
            LOG.warnf("the tool %s is left out: %s", name.get(), e.getMessage());
            return false;
        }
    }

    private static void find(JsonText schema, List<String> path, List<Repeated> found, int depth) {
        if (depth > MAX_DEPTH) {
            return;
        }
        var properties = schema.member("properties");
        for (var property : properties.map(JsonText::members).orElse(List.of())) {
            var here = new ArrayList<>(path);
            here.add(property.name());
            var annotation = property.value().member(ANNOTATION);
            if (annotation.isPresent()) {
                found.add(new Repeated(name(annotation.get(), property.value()), here));
            }
            find(property.value(), here, found, depth + 1);
        }
    }

    private static String name(JsonText annotation, JsonText property) {
        var name = annotation.string().orElse("");
        if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")) {
            throw new Unsound(ANNOTATION + " is no name of a header");
        }
        if (property.member("type")
                .flatMap(JsonText::string)
                .filter(TYPES::contains)
                .isEmpty()) {
            throw new Unsound(ANNOTATION + " stands at a property that is no string, integer or boolean");
        }
        return name;
    }

    private static void unique(List<Repeated> found) {
        var names = new HashSet<String>();
        for (var each : found) {
            if (!names.add(each.header().toLowerCase(Locale.ROOT))) {
                throw new Unsound(ANNOTATION + " names one header twice");
            }
        }
    }

    /** The headers of a call of this tool. */
    synchronized Map<String, String> of(String tool, Optional<JsonText> arguments) {
        var headers = new LinkedHashMap<String, String>();
        for (var repeated : byTool.getOrDefault(tool, List.of())) {
            var value = arguments;
            for (var step : repeated.path()) {
                value = value.flatMap(object -> object.member(step));
            }
            value.flatMap(ToolHeaders::text)
                    .ifPresent(text -> headers.put("Mcp-Param-" + repeated.header(), Modern.headerValue(text)));
        }
        return headers;
    }

    private static Optional<String> text(JsonText value) {
        return switch (value.kind()) {
            case STRING -> value.string();
            case BOOLEAN -> Optional.of(value.json());
            case NUMBER -> Optional.of(integer(value.json()));
            case NULL, OBJECT, ARRAY -> Optional.empty();
        };
    }

    /** Numbers with an enormous exponent stay as they are written, for they would be written out. */
    private static String integer(String number) {
        if (number.length() > 30 || !number.matches("-?[0-9]+\\.0+")) {
            return number;
        }
        return new BigDecimal(number).toBigInteger().toString();
    }
}
