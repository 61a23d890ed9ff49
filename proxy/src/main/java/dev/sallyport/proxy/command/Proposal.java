package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.settings.PermissionSet.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which permission set each tool of a server would best go to. The server's annotations and the verbs in names decide; where
 * they contradict each other or say nothing, the stricter set wins and the tool is marked for review.
 */
record Proposal(List<Placed> tools, List<String> mixed) {

    private static final Set<String> READS = Set.of(
            "get",
            "list",
            "search",
            "find",
            "read",
            "show",
            "describe",
            "view",
            "count",
            "lookup",
            "check",
            "fetch",
            "browse",
            "inspect",
            "status",
            "whoami",
            "ping",
            "echo",
            "summarize",
            "compare",
            "diff",
            "validate");
    private static final Set<String> CHANGES = Set.of(
            "create",
            "add",
            "update",
            "set",
            "put",
            "write",
            "edit",
            "move",
            "rename",
            "send",
            "post",
            "insert",
            "upload",
            "save",
            "import",
            "append",
            "patch",
            "replace",
            "copy",
            "assign",
            "comment",
            "reply",
            "mark",
            "start",
            "open",
            "close",
            "merge",
            "publish",
            "share",
            "invite",
            "schedule",
            "restore",
            "toggle");
    private static final Set<String> DELETES = Set.of(
            "delete",
            "remove",
            "drop",
            "purge",
            "destroy",
            "wipe",
            "clear",
            "erase",
            "revoke",
            "kill",
            "terminate",
            "truncate",
            "uninstall",
            "reset",
            "cancel",
            "archive",
            "unshare",
            "ban");

    /** Prefixes that this many tools share, several times, tell of several subjects in one server. */
    private static final int A_SUBJECT = 3;

    Proposal {
        tools = List.copyOf(tools);
        mixed = List.copyOf(mixed);
    }

    /** A tool and its set; {@code why} says what decided, {@code review} that a person should look. */
    record Placed(
            String name, Effect effect, String why, boolean review, List<String> undescribed, JsonText definition) {
        Placed {
            undescribed = List.copyOf(undescribed);
        }
    }

    static Proposal of(Offer offer) {
        var placed = new ArrayList<Placed>();
        for (var tool : offer.tools()) {
            tool.member("name").flatMap(JsonText::string).ifPresent(name -> placed.add(place(name, tool)));
        }
        return new Proposal(placed, subjects(placed));
    }

    List<Placed> of(Effect effect) {
        return tools.stream().filter(tool -> tool.effect() == effect).toList();
    }

    /** The parts of a server that mixes subjects, each to be granted by itself; what belongs to none of them comes first. */
    List<Part> parts() {
        var parts = new ArrayList<Part>();
        parts.add(new Part("", about("")));
        mixed.forEach(subject -> parts.add(new Part(subject, about(subject))));
        return parts;
    }

    private Proposal about(String subject) {
        return new Proposal(
                tools.stream()
                        .filter(tool -> subject.equals(subject(tool.name(), mixed)))
                        .toList(),
                List.of());
    }

    private static String subject(String name, List<String> subjects) {
        var words = words(name);
        return words.size() > 1 && subjects.contains(words.getFirst()) ? words.getFirst() : "";
    }

    /** Tools about one subject; those of none have the empty one. */
    record Part(String subject, Proposal proposal) {}

    private static Placed place(String name, JsonText tool) {
        var byHints = byHints(tool.member("annotations"));
        var byName = byName(name);
        var undescribed = undescribed(tool);
        if (byHints.isPresent() && byName.isPresent() && byName.get().compareTo(byHints.get()) > 0) {
            return new Placed(name, byName.get(), "its annotations say less than its name", true, undescribed, tool);
        }
        if (byHints.isPresent()) {
            return new Placed(name, byHints.get(), "its annotations say so", false, undescribed, tool);
        }
        return byName.map(effect -> new Placed(name, effect, "its name says so", false, undescribed, tool))
                .orElseGet(() -> new Placed(
                        name, Effect.DELETE, "neither annotations nor name say what it does", true, undescribed, tool));
    }

    /** Only what the server says itself: the specification's defaults are no statement. */
    private static Optional<Effect> byHints(Optional<JsonText> annotations) {
        if (says(annotations, "readOnlyHint", true)) {
            return Optional.of(Effect.READ);
        }
        if (says(annotations, "destructiveHint", true)) {
            return Optional.of(Effect.DELETE);
        }
        return says(annotations, "destructiveHint", false) ? Optional.of(Effect.CHANGE) : Optional.empty();
    }

    private static boolean says(Optional<JsonText> annotations, String hint, boolean value) {
        return annotations
                .flatMap(json -> json.member(hint))
                .filter(json -> json.kind() == JsonText.Kind.BOOLEAN && json.isTrue() == value)
                .isPresent();
    }

    /** The worst verb in the name: {@code get_or_create} creates. */
    private static Optional<Effect> byName(String name) {
        var words = words(name);
        if (words.stream().anyMatch(DELETES::contains)) {
            return Optional.of(Effect.DELETE);
        }
        if (words.stream().anyMatch(CHANGES::contains)) {
            return Optional.of(Effect.CHANGE);
        }
        return words.stream().anyMatch(READS::contains) ? Optional.of(Effect.READ) : Optional.empty();
    }

    private static List<String> words(String name) {
        var spaced = name.replaceAll("([a-z0-9])([A-Z])", "$1 $2").replaceAll("[^A-Za-z0-9]+", " ");
        return List.of(spaced.strip().toLowerCase(Locale.ROOT).split(" ", -1));
    }

    private static List<String> undescribed(JsonText tool) {
        return tool.member("inputSchema").flatMap(schema -> schema.member("properties")).stream()
                .flatMap(properties -> properties.members().stream())
                .filter(property -> property.value().member("description").isEmpty())
                .map(JsonText.Member::name)
                .toList();
    }

    /** Prefixes that are no verbs and that several tools share, if there are at least two of them. */
    private static List<String> subjects(List<Placed> tools) {
        Map<String, Long> prefixes = tools.stream()
                .map(tool -> words(tool.name()))
                .filter(words -> words.size() > 1)
                .map(List::getFirst)
                .filter(word -> !READS.contains(word) && !CHANGES.contains(word) && !DELETES.contains(word))
                .collect(Collectors.groupingBy(word -> word, TreeMap::new, Collectors.counting()));
        var subjects = prefixes.entrySet().stream()
                .filter(entry -> entry.getValue() >= A_SUBJECT)
                .map(Map.Entry::getKey)
                .toList();
        return subjects.size() > 1 ? subjects : List.of();
    }
}
