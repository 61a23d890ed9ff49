package dev.sallyport.testkit.scenario;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * The names of one run of a scenario. A string or a member's name that begins with {@code $} stands for a value: for
 * whatever comes first in its place, and from then on for that. {@code $any} is anything, each time anew.
 */
final class Words {

    /** JSON in which names need no quotes, and texts may have single ones. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private final Map<String, JsonNode> known = new HashMap<>();

    void set(String name, JsonNode value) {
        known.put(name, value);
    }

    /** Whether the message is exactly as the pattern says; names that it meets first get their values then. */
    boolean matches(JsonNode pattern, JsonNode message) {
        var before = Map.copyOf(known);
        if (same(pattern, message)) {
            return true;
        }
        known.clear();
        known.putAll(before);
        return false;
    }

    private boolean same(JsonNode pattern, JsonNode value) {
        if (isName(pattern)) {
            return same(pattern.asString(), value);
        }
        if (pattern instanceof ArrayNode all && value instanceof ArrayNode values) {
            if (all.size() != values.size()) {
                return false;
            }
            for (var at = 0; at < all.size(); at++) {
                if (!same(all.get(at), values.get(at))) {
                    return false;
                }
            }
            return true;
        }
        if (pattern instanceof ObjectNode members && value instanceof ObjectNode values) {
            return sameMembers(members, values);
        }
        return pattern.equals(value);
    }

    private boolean sameMembers(ObjectNode pattern, ObjectNode value) {
        if (pattern.size() != value.size()) {
            return false;
        }
        for (var each : pattern.properties()) {
            var name = each.getKey();
            if (name.startsWith("$") && !known.containsKey(name)) {
                // The only member whose name is not known beforehand.
                known.put(
                        name,
                        StringNode.valueOf(value.propertyNames().iterator().next()));
            }
            var member = value.get(name(name));
            if (member == null || !same(each.getValue(), member)) {
                return false;
            }
        }
        return true;
    }

    private boolean same(String name, JsonNode value) {
        var before = known.get(name);
        if (before == null && !name.equals("$any")) {
            known.put(name, value);
        }
        return before == null || before.equals(value);
    }

    /** The same with values in place of names. */
    JsonNode filled(JsonNode template) {
        if (isName(template)) {
            return value(template.asString());
        }
        if (template instanceof ArrayNode all) {
            var filled = JSON.createArrayNode();
            all.forEach(each -> filled.add(filled(each)));
            return filled;
        }
        if (template instanceof ObjectNode members) {
            var filled = JSON.createObjectNode();
            members.properties().forEach(each -> filled.set(name(each.getKey()), filled(each.getValue())));
            return filled;
        }
        return template;
    }

    private String name(String name) {
        return name.startsWith("$") ? value(name).asString() : name;
    }

    private JsonNode value(String name) {
        var value = known.get(name);
        if (value == null) {
            throw new AssertionError("nothing has come yet that would be " + name);
        }
        return value;
    }

    private static boolean isName(JsonNode node) {
        return node.isString() && node.asString().startsWith("$");
    }
}
