package dev.sallyport.proxy.condition;

import dev.cel.common.values.NullValue;
import dev.sallyport.proxy.mcp.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * JSON as CEL sees it. Integers of 64 bits are ints, all other numbers doubles. A member whose name differs from one that
 * the condition uses in case only makes the whole unclear: some servers would take it for that one. So does {@code
 * __proto__}: in some JavaScript it gives every member that is absent a value.
 */
final class Values {

    private static final String PROTOTYPE = "__proto__";

    private final Set<String> names;
    private final Set<String> folded;

    Values(Set<String> names) {
        this.names = names;
        this.folded = names.stream().map(JsonText::fold).collect(Collectors.toUnmodifiableSet());
    }

    Map<String, Object> object(JsonText object) {
        if (object.kind() != JsonText.Kind.OBJECT) {
            throw new Condition.Unclear();
        }
        var map = new HashMap<String, Object>();
        for (var member : object.members()) {
            if (member.name().equals(PROTOTYPE)) {
                throw new Condition.Unclear();
            }
            if (folded.contains(JsonText.fold(member.name())) && !names.contains(member.name())) {
                throw new Condition.Unclear();
            }
            map.put(member.name(), value(member.value()));
        }
        return map;
    }

    private Object value(JsonText json) {
        return switch (json.kind()) {
            case OBJECT -> object(json);
            case ARRAY -> list(json);
            case STRING -> json.string().orElseThrow();
            case NUMBER -> number(json.json());
            case BOOLEAN -> json.isTrue();
            case NULL -> NullValue.NULL_VALUE;
        };
    }

    private List<Object> list(JsonText array) {
        var list = new ArrayList<Object>();
        for (var element : array.elements()) {
            list.add(value(element));
        }
        return list;
    }

    private static Object number(String digits) {
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException _) {
            return Double.valueOf(digits);
        }
    }
}
