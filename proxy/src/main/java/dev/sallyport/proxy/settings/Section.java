package dev.sallyport.proxy.settings;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A group of keys. Every key that is asked for counts as known; {@link #done} reports the others with the nearest known
 * one. Keys that stand twice are reported when the section is made.
 */
final class Section {

    private final Place place;
    private final Report report;
    private final boolean discreet;
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Map<String, Place> keys = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    Section(MappingNode node, Place place, Report report, boolean discreet) {
        this.place = place;
        this.report = report;
        this.discreet = discreet;
        for (var entry : node.getValue()) {
            var key = entry.getKeyNode();
            if (!(key instanceof ScalarNode name)) {
                report.problem(
                        place(key, place.key(), report), "a key that is not text", "keys are names", "write a name");
                continue;
            }
            var path = place.key().isEmpty() ? name.getValue() : place.key() + "." + name.getValue();
            var at = place(key, printable(path), report);
            if (keys.putIfAbsent(name.getValue(), at) != null) {
                report.problem(at, "the key a second time", "only one of the two could count", "remove one of them");
                continue;
            }
            var value = entry.getValueNode();
            values.put(name.getValue(), new Value(place(value, printable(path), report), value, report, discreet));
        }
    }

    /** Where a node stands. */
    static Place place(Node node, String key, Report report) {
        var mark = node.getStartMark();
        return mark.getName().startsWith(Overrides.PREFIX)
                ? new Place(mark.getName(), key, 0, 0)
                : new Place(report.source(), key, mark.getLine() + 1, mark.getColumn() + 1);
    }

    Place place() {
        return place;
    }

    Report report() {
        return report;
    }

    /** The place of a key of this section, for what concerns its value; of the section itself if it is absent. */
    Place place(String key) {
        var value = values.get(key);
        return value == null ? place : value.place();
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Optional<Value> value(String key) {
        known.add(key);
        var value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value.node().getTag().equals(Tag.NULL)) {
            report.problem(value.place(), "no value", "an empty key means nothing", "write a value, or remove the key");
            return Optional.empty();
        }
        return Optional.of(value);
    }

    /** Like {@link #value}, and reports its absence. */
    Optional<Value> required(String key, String instead) {
        if (!has(key)) {
            known.add(key);
            report.problem(
                    new Place(
                            place.source(),
                            place.key().isEmpty() ? key : place.key() + "." + key,
                            place.line(),
                            place.column()),
                    "no such key",
                    "it is needed",
                    instead);
            return Optional.empty();
        }
        return value(key);
    }

    /** A value that may be a secret: messages describe it and never repeat it. */
    Optional<Value> discreet(String key) {
        return value(key).map(value -> new Value(value.place(), value.node(), value.report(), true));
    }

    Optional<Section> section(String key) {
        return value(key).flatMap(Value::section);
    }

    Optional<String> text(String key) {
        return value(key).flatMap(Value::text);
    }

    boolean bool(String key) {
        return value(key).flatMap(Value::bool).orElse(false);
    }

    int integer(String key, int min, int max, int otherwise) {
        return value(key).flatMap(value -> value.integer(min, max)).orElse(otherwise);
    }

    int size(String key, int min, int max, int otherwise) {
        return value(key).flatMap(value -> value.size(min, max)).orElse(otherwise);
    }

    Duration duration(String key, Duration max, Duration otherwise) {
        return value(key)
                .flatMap(value -> value.duration(Duration.ofMillis(1), max))
                .orElse(otherwise);
    }

    List<String> texts(String key) {
        return value(key).map(Value::texts).orElse(List.of());
    }

    /** All entries, for a section whose keys are names of the operator's choice. */
    Map<String, Value> entries() {
        known.addAll(values.keySet());
        return values;
    }

    /** Reports every key that was not asked for. */
    void done() {
        for (var key : keys.entrySet()) {
            if (known.contains(key.getKey())) {
                continue;
            }
            var nearest = Nearest.to(key.getKey(), known);
            var list = "known here: " + String.join(", ", known);
            if (key.getKey().equals("<<")) {
                report.problem(key.getValue(), "a merge key", "merging is not supported", "repeat the keys");
            } else {
                report.problem(
                        key.getValue(),
                        "the key " + Value.quote(key.getKey()),
                        "there is no such key here",
                        nearest.map(name -> "did you mean " + name + "? (" + list + ")")
                                .orElse(list));
            }
        }
    }

    boolean isDiscreet() {
        return discreet;
    }

    private static String printable(String path) {
        var quoted = Value.quote(path);
        return quoted.substring(1, quoted.length() - 1);
    }
}
