package dev.sallyport.proxy.mcp;

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
 * tool parameters), as far as its lists of tools have passed here. Safe to use from several threads.
 */
public final class ToolHeaders {

    private static final Logger LOG = Logger.getLogger(ToolHeaders.class);

    /** So that nobody can fill the memory with names. */
    private static final int MAX_TOOLS = 5000;

    private static final int MAX_DEPTH = 32;
    private static final String ANNOTATION = "x-mcp-header";
    private static final String PREFIX = "Mcp-Param-";

    /** Keywords whose values are data, and no schemas. */
    private static final Set<String> VALUES = Set.of("default", "const", "enum", "examples", "required");

    /** Keywords whose members have names of the author's own. */
    private static final Set<String> NAMED =
            Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

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

        private Optional<JsonText> in(Optional<JsonText> arguments) {
            var value = arguments;
            for (var step : path) {
                value = value.flatMap(object -> object.member(step));
            }
            return value;
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
    public byte[] learn(byte[] message, JsonText tools) {
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

    /** Finds what is reachable from the root by {@code properties} alone; an annotation anywhere else breaks the rules. */
    private static void find(JsonText schema, List<String> path, List<Repeated> found, int depth) {
        checkDepth(schema, depth);
        for (var keyword : keywords(schema)) {
            if (!keyword.name().equals("properties")) {
                checkNone(keyword, path.isEmpty(), depth + 1);
                continue;
            }
            for (var property : keywords(keyword.value())) {
                var here = new ArrayList<>(path);
                here.add(property.name());
                var annotation = keywords(property.value()).stream()
                        .filter(each -> each.name().equals(ANNOTATION))
                        .findFirst();
                annotation.ifPresent(
                        each -> found.add(new Repeated(name(each.value(), property.value()), List.copyOf(here))));
                find(property.value(), here, found, depth + 1);
            }
        }
    }

    private static List<JsonText.Member> keywords(JsonText json) {
        return json.kind() == JsonText.Kind.OBJECT ? json.members() : List.of();
    }

    /** @param root whether it stands at the root, which is no parameter */
    private static void checkNone(JsonText.Member keyword, boolean root, int depth) {
        if (keyword.name().equals(ANNOTATION)) {
            if (root) {
                throw new Unsound(ANNOTATION + " stands where no parameter is");
            }
        } else if (!VALUES.contains(keyword.name())) {
            checkNone(keyword.value(), keyword.name(), NAMED.contains(keyword.name()), depth);
        }
    }

    /**
     * Checks that nothing below is annotated.
     *
     * @param under the keyword that leads away from the parameters, for the log
     * @param named whether the members have names of the author's own instead of keywords
     */
    private static void checkNone(JsonText schema, String under, boolean named, int depth) {
        checkDepth(schema, depth);
        if (schema.kind() == JsonText.Kind.ARRAY) {
            schema.elements().forEach(each -> checkNone(each, under, false, depth + 1));
        }
        for (var member : keywords(schema)) {
            if (named) {
                checkNone(member.value(), under, false, depth + 1);
            } else if (member.name().equals(ANNOTATION)) {
                throw new Unsound(ANNOTATION + " stands below " + (isWord(under) ? under : "another keyword")
                        + ", where its value would depend on more than the names of properties");
            } else if (!VALUES.contains(member.name())) {
                checkNone(member.value(), under, NAMED.contains(member.name()), depth + 1);
            }
        }
    }

    private static boolean isWord(String keyword) {
        return keyword.matches("[$A-Za-z]{1,32}");
    }

    private static void checkDepth(JsonText schema, int depth) {
        if (depth > MAX_DEPTH && schema.json().contains(ANNOTATION)) {
            throw new Unsound(ANNOTATION + " stands too deep");
        }
        if (depth > MAX_DEPTH * 2) {
            throw new Unsound("its schema is too deep");
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

    /** Whether this tool wants any of its arguments in headers. */
    public synchronized boolean knows(String tool) {
        return byTool.containsKey(tool);
    }

    /** The headers of a call of this tool. */
    public synchronized Map<String, String> of(String tool, Optional<JsonText> arguments) {
        var headers = new LinkedHashMap<String, String>();
        for (var repeated : byTool.getOrDefault(tool, List.of())) {
            repeated.in(arguments)
                    .flatMap(ToolHeaders::text)
                    .ifPresent(text -> headers.put(PREFIX + repeated.header(), HeaderText.encoded(text)));
        }
        return headers;
    }

    /**
     * What is wrong with the headers of a call of this tool, in words for its client; empty if they say what the arguments
     * say.
     *
     * @param headers by their names in lower case
     */
    public synchronized Optional<String> disagreement(
            String tool, Optional<JsonText> arguments, Map<String, String> headers) {
        for (var repeated : byTool.getOrDefault(tool, List.of())) {
            var name = PREFIX + repeated.header();
            var sent = Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
            var value = repeated.in(arguments);
            var text = value.flatMap(ToolHeaders::text);
            if (sent.isEmpty() && text.isPresent()) {
                return Optional.of(name + " is missing");
            }
            if (sent.isPresent()
                    && sent.flatMap(HeaderText::decoded)
                            .filter(said ->
                                    value.filter(inBody -> isSame(inBody, said)).isPresent())
                            .isEmpty()) {
                return Optional.of(name + " does not match the body");
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(JsonText value, String said) {
        return text(value)
                .filter(text -> text.equals(said)
                        || (value.kind() == JsonText.Kind.NUMBER
                                && integer(said).equals(text)))
                .isPresent();
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
