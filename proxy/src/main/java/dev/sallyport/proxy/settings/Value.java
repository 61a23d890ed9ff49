package dev.sallyport.proxy.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One value of the file with its place. Each method reads it as one type, or reports why it cannot and is empty. With
 * {@code discreet}, what stands there is described and never repeated, because it could be a secret.
 */
record Value(Place place, Node node, Report report, boolean discreet) {

    /** What Keycloak's registry takes at most. */
    private static final int MAX_TEXT = 2000;

    Optional<String> text() {
        return scalar(Tag.STR, "text is wanted here", "put it in quotes").filter(this::isPrintable);
    }

    Optional<Boolean> bool() {
        var text = scalar(Tag.BOOL, "only true or false can stand here", "write true or false");
        if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
            problem(found(), "only true or false can stand here", "write true or false");
            return Optional.empty();
        }
        return text.map(Boolean::valueOf);
    }

    Optional<Integer> integer(int min, int max) {
        var why = "a whole number from " + min + " to " + max + " is wanted here";
        var text = scalar(Tag.INT, why, "write digits only");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.get().matches("0|[1-9][0-9]{0,8}")) {
            var number = Integer.parseInt(text.get());
            if (number >= min && number <= max) {
                return Optional.of(number);
            }
        }
        problem(found(), why, "write digits only");
        return Optional.empty();
    }

    /** {@code 4MiB}, {@code 512KiB}, or a plain number of bytes. */
    Optional<Integer> size(int min, int max) {
        var parsed = raw().flatMap(Quantities::bytes);
        if (parsed.isPresent() && parsed.get() >= min && parsed.get() <= max) {
            return Optional.of(Math.toIntExact(parsed.get()));
        }
        problem(
                found(),
                "a size from " + Quantities.size(min) + " to " + Quantities.size(max) + " is wanted here",
                "write it like 4MiB or 64KiB");
        return Optional.empty();
    }

    /** {@code 30s}, {@code 5m}, {@code 1h30m}, {@code 250ms}. */
    Optional<java.time.Duration> duration(java.time.Duration min, java.time.Duration max) {
        var parsed = raw().flatMap(Quantities::duration);
        if (parsed.isPresent()
                && parsed.get().compareTo(min) >= 0
                && parsed.get().compareTo(max) <= 0) {
            return parsed;
        }
        problem(
                found(),
                "a duration from " + Quantities.text(min) + " to " + Quantities.text(max) + " is wanted here",
                "write it with its unit, like 30s, 5m or 1h");
        return Optional.empty();
    }

    Optional<Section> section() {
        if (node instanceof MappingNode mapping) {
            return Optional.of(new Section(mapping, place, report, discreet));
        }
        problem(found(), "a group of keys is wanted here", "indent its keys on the lines below");
        return Optional.empty();
    }

    boolean isSection() {
        return node instanceof MappingNode;
    }

    boolean isText() {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR);
    }

    /** The items of a list; a single value stands for a list of one. */
    List<Value> items() {
        if (!(node instanceof SequenceNode sequence)) {
            return List.of(this);
        }
        var items = new ArrayList<Value>();
        for (var i = 0; i < sequence.getValue().size(); i++) {
            var item = sequence.getValue().get(i);
            items.add(new Value(Section.place(item, place.key() + "[" + i + "]", report), item, report, discreet));
        }
        return items;
    }

    /** A list of text, or one text; repetitions are reported. */
    List<String> texts() {
        var texts = new ArrayList<String>();
        for (var item : items()) {
            item.text().ifPresent(text -> {
                if (texts.contains(text)) {
                    item.problem(item.found(), "it stands in this list already", "remove one of the two");
                } else {
                    texts.add(text);
                }
            });
        }
        return texts;
    }

    void problem(String found, String why, String instead) {
        report.problem(place, found, why, instead);
    }

    /** What stands here, in a form that can be printed. */
    String found() {
        return switch (node) {
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "nothing";
            case ScalarNode scalar -> discreet ? "something else" : quote(scalar.getValue());
            case MappingNode _ -> "a group of keys";
            case SequenceNode _ -> "a list";
            default -> "something unknown";
        };
    }

    /** In quotes, shortened, without control characters. */
    static String quote(String text) {
        var shown = new StringBuilder("\"");
        text.codePoints().limit(80).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append('\uFFFD');
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(text.codePointCount(0, text.length()) > 80 ? "…\"" : "\"")
                .toString();
    }

    private Optional<String> raw() {
        return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    private Optional<String> scalar(Tag tag, String why, String instead) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(tag)) {
            return Optional.of(scalar.getValue());
        }
        problem(found(), why, instead);
        return Optional.empty();
    }

    private boolean isPrintable(String text) {
        var sound = !text.isBlank() && text.length() <= MAX_TEXT && text.chars().noneMatch(Character::isISOControl);
        if (!sound) {
            problem(found(), "text here has 1 to 2000 characters on one line", "write it without control characters");
        }
        return sound;
    }
}
