package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.condition.Condition;
import dev.sallyport.proxy.condition.ConditionProblem;
import dev.sallyport.proxy.settings.PermissionSet.Audience;
import dev.sallyport.proxy.settings.PermissionSet.Effect;
import dev.sallyport.proxy.settings.PermissionSet.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the permission sets of one server and checks them against each other. */
final class PermissionsReader {

    /** The tool annotations of MCP that a rule can ask for, also negated: {@code !destructive}. */
    static final List<String> HINTS = List.of("readOnly", "destructive", "idempotent", "openWorld");

    /** Methods that rules cover by another key. */
    private static final Map<String, String> GOVERNED = Map.of(
            "tools/call", "tools",
            "prompts/get", "prompts",
            "resources/read", "resources",
            "resources/subscribe", "resources",
            "resources/unsubscribe", "resources");

    private static final Pattern PATTERN = Pattern.compile("[^\\s\\p{Cntrl}]{1,512}");
    private static final int MAX_SETS = 64;
    private static final int MAX_EXPRESSION = 2000;

    private final String server;
    private final Report report;

    PermissionsReader(String server, Report report) {
        this.server = server;
        this.report = report;
    }

    List<PermissionSet> read(Section section) {
        var sets = new LinkedHashMap<String, PermissionSet>();
        var places = new LinkedHashMap<String, Section>();
        section.entries().forEach((name, value) -> {
            if (!ServersReader.NAME.matcher(name).matches()) {
                value.problem(
                        "the name " + Value.quote(name),
                        "the name of a permission set becomes an OAuth scope",
                        "use lower case letters, digits and hyphens, at most 63");
            }
            value.section().ifPresent(set -> {
                sets.put(name, set(name, set));
                places.put(name, set);
            });
        });
        if (sets.isEmpty()) {
            report.problem(section.place(), "no permission set", "nobody could call anything", "name at least one");
        } else if (sets.size() > MAX_SETS) {
            report.problem(
                    section.place(),
                    sets.size() + " permission sets",
                    "nobody can agree to more than " + MAX_SETS + " in words",
                    "merge some");
        } else if (sets.values().stream().noneMatch(PermissionSet::byDefault)) {
            report.warn(section.place(), "no set is default: clients that ask for nothing are offered every set");
        }
        places.forEach((name, place) -> checkIncludes(name, place, sets));
        return List.copyOf(sets.values());
    }

    private PermissionSet set(String name, Section section) {
        var title = section.text("title");
        if (title.isEmpty() && !section.has("title")) {
            report.warn(section.place(), "no title: people who agree to this set only read its name");
        }
        var description = section.text("description").orElse("");
        var byDefault = section.bool("default");
        var effect = section.value("effect").flatMap(PermissionsReader::effect).orElseGet(() -> effectOf(name));
        var includes = section.texts("includes");
        var audience =
                section.section("grantableTo").map(this::audience).orElseGet(() -> new Audience(List.of(), List.of()));
        var allow = rules(section, "allow");
        var deny = rules(section, "deny");
        section.done();
        if (!section.has("allow") && includes.isEmpty()) {
            report.problem(
                    section.place(),
                    "neither allow nor includes",
                    "this set would let nothing through",
                    "write allow: { tools: [list_*] }");
        }
        return new PermissionSet(
                name,
                server + ":" + name,
                title.orElse(name),
                description,
                byDefault,
                effect,
                includes,
                audience,
                allow,
                deny);
    }

    private static Optional<Effect> effect(Value value) {
        return value.text().flatMap(text -> switch (text) {
            case "read" -> Optional.of(Effect.READ);
            case "change" -> Optional.of(Effect.CHANGE);
            case "delete" -> Optional.of(Effect.DELETE);
            default -> {
                value.problem(
                        value.found(), "an effect is read, change or delete", "write the worst that the set can do");
                yield Optional.empty();
            }
        });
    }

    private static Effect effectOf(String name) {
        return switch (name) {
            case "read" -> Effect.READ;
            case "delete" -> Effect.DELETE;
            default -> Effect.CHANGE;
        };
    }

    private Audience audience(Section section) {
        var audience = new Audience(section.texts("roles"), section.texts("groups"));
        section.done();
        if (audience.roles().isEmpty() && audience.groups().isEmpty()) {
            report.problem(
                    section.place(),
                    "neither roles nor groups",
                    "nobody could be granted this set",
                    "name a role or a group, or remove grantableTo");
        }
        return audience;
    }

    private List<Rule> rules(Section section, String key) {
        var rules = new ArrayList<Rule>();
        section.value(key)
                .map(Value::items)
                .orElse(List.of())
                .forEach(item -> item.section().ifPresent(rule -> rules.add(rule(rule, key))));
        if (section.has(key)
                && section.value(key).filter(value -> value.items().isEmpty()).isPresent()) {
            report.problem(section.place(key), "an empty list", "it holds no rule", "write a rule, or remove the key");
        }
        return rules;
    }

    private Rule rule(Section section, String key) {
        var rule = new Rule(
                patterns(section, "tools"),
                patterns(section, "resources"),
                patterns(section, "prompts"),
                methods(section),
                hints(section),
                section.value("when").flatMap(this::expression),
                key.equals("allow") && section.bool("ask"));
        section.done();
        if (rule.tools().isEmpty()
                && rule.resources().isEmpty()
                && rule.prompts().isEmpty()
                && rule.methods().isEmpty()
                && rule.hints().isEmpty()) {
            report.problem(
                    section.place(),
                    "a rule without tools, resources, prompts, methods or hints",
                    "it covers nothing",
                    "write for example tools: [list_*]");
        }
        return rule;
    }

    private List<String> patterns(Section section, String key) {
        var patterns = section.texts(key);
        for (var pattern : patterns) {
            if (!PATTERN.matcher(pattern).matches()) {
                report.problem(
                        section.place(key),
                        Value.quote(pattern),
                        "a pattern has no spaces and at most 512 characters",
                        "write names with * as a wildcard");
            }
        }
        return patterns;
    }

    private List<String> methods(Section section) {
        var methods = patterns(section, "methods");
        for (var method : methods) {
            var key = GOVERNED.get(method);
            if (key != null) {
                report.problem(
                        section.place("methods"),
                        Value.quote(method),
                        "it is covered by naming what it is about, never as a method",
                        "name the " + key + " under " + key + " instead");
            }
        }
        return methods;
    }

    private List<String> hints(Section section) {
        var hints = section.texts("hints");
        for (var hint : hints) {
            var word = hint.startsWith("!") ? hint.substring(1) : hint;
            if (!HINTS.contains(word)) {
                report.problem(
                        section.place("hints"),
                        Value.quote(hint),
                        "MCP has no such tool annotation",
                        Nearest.to(word, HINTS)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("write one of " + String.join(", ", HINTS)));
            }
        }
        return hints;
    }

    private Optional<String> expression(Value value) {
        return value.text().filter(text -> {
            if (text.length() > MAX_EXPRESSION) {
                value.problem(
                        text.length() + " characters", "a condition has at most " + MAX_EXPRESSION, "make it shorter");
                return false;
            }
            try {
                Condition.compile(text);
                return true;
            } catch (ConditionProblem problem) {
                value.problem(
                        Value.quote(text),
                        "it is no condition in CEL: " + problem.what(),
                        "use args, tool, user, client, roles, groups and now, for example: when: \"!args.permanent\"");
                return false;
            }
        });
    }

    private void checkIncludes(String name, Section section, Map<String, PermissionSet> sets) {
        for (var include :
                sets.getOrDefault(name, sets.values().iterator().next()).includes()) {
            if (!sets.containsKey(include)) {
                report.problem(
                        section.place("includes"),
                        Value.quote(include),
                        "this server has no such permission set",
                        Nearest.to(include, sets.keySet())
                                .map(near -> "did you mean " + near + "?")
                                .orElse("write one of " + String.join(", ", sets.keySet())));
            } else if (reaches(include, name, sets, new HashSet<>())) {
                report.problem(
                        section.place("includes"),
                        Value.quote(include),
                        "it includes " + name + " in turn",
                        "remove one of the two, so that one set is the broader");
            }
        }
    }

    private static boolean reaches(String from, String to, Map<String, PermissionSet> sets, Set<String> seen) {
        if (from.equals(to)) {
            return true;
        }
        var set = sets.get(from);
        return set != null && seen.add(from) && set.includes().stream().anyMatch(next -> reaches(next, to, sets, seen));
    }
}
