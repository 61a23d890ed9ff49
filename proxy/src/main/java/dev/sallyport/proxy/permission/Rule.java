package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Condition;
import dev.sallyport.proxy.condition.ConditionProblem;
import dev.sallyport.proxy.settings.PermissionSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One rule of a set, compiled. {@code label} is where it stands: {@code allow}, or {@code allow[2]} in a list. */
record Rule(String set, String label, Patterns patterns, List<Hints.Wanted> hints, Optional<Condition> when) {

    Rule {
        hints = List.copyOf(hints);
    }

    /** The names that a rule covers, by kind. */
    record Patterns(List<Glob> tools, List<Glob> resources, List<Glob> prompts, List<Glob> methods) {
        Patterns {
            tools = List.copyOf(tools);
            resources = List.copyOf(resources);
            prompts = List.copyOf(prompts);
            methods = List.copyOf(methods);
        }
    }

    /** How sure it is that a rule covers something. */
    enum Cover {
        NO,
        /** Only if something turns out that cannot be known yet. */
        MAYBE,
        YES
    }

    /** A rule that lets through: names to the letter, and every reading of a URI. */
    static Rule allowing(String set, String label, PermissionSet.Rule rule) {
        return of(set, label, rule, pattern -> pattern);
    }

    /** A rule that keeps out: near misses of names count as hits. */
    static Rule denying(String set, String label, PermissionSet.Rule rule) {
        return of(set, label, rule, Glob::folded);
    }

    private static Rule of(String set, String label, PermissionSet.Rule rule, UnaryOperator<String> form) {
        // A rule of hints alone speaks of every tool that has them.
        var tools = rule.tools().isEmpty() && !rule.hints().isEmpty() ? List.of("*") : rule.tools();
        var patterns = new Patterns(
                tools.stream().map(form).map(Glob::name).toList(),
                rule.resources().stream().map(form).map(Glob::uri).toList(),
                rule.prompts().stream().map(form).map(Glob::name).toList(),
                rule.methods().stream().map(form).map(Glob::name).toList());
        var hints = rule.hints().stream()
                .map(hint -> Hints.Wanted.of(hint)
                        .orElseThrow(() -> new IllegalArgumentException("unknown hint in set " + set)))
                .toList();
        return new Rule(set, label, patterns, hints, rule.when().map(Rule::condition));
    }

    /** Settings that were checked hold good conditions only. */
    private static Condition condition(String text) {
        try {
            return Condition.compile(text);
        } catch (ConditionProblem problem) {
            throw new IllegalArgumentException("not a condition: " + problem.what(), problem);
        }
    }

    /** For a rule that lets through, and names this. */
    Cover allows(Target target, Call call) {
        return sure(target, call);
    }

    /** For a rule that keeps out. */
    Cover denies(Target target, Call call) {
        return namesNearly(target) ? sure(target, call) : Cover.NO;
    }

    /** True if the decision follows from the target's name and nothing else. */
    boolean dependsOnNameOnly() {
        return hints.isEmpty() && when.isEmpty();
    }

    /** True if a call could tell what a list cannot: the condition looks at arguments. */
    boolean dependsOnArguments() {
        return when.filter(Condition::usesArguments).isPresent();
    }

    boolean speaksOf(Target target) {
        return switch (target) {
            case Target.Tool _ -> !patterns.tools().isEmpty();
            case Target.Resource _ -> !patterns.resources().isEmpty();
            case Target.Prompt _ -> !patterns.prompts().isEmpty();
            case Target.Method _ -> !patterns.methods().isEmpty();
        };
    }

    /** For a rule that lets through: whether it covers this by name. */
    boolean names(Target target) {
        return switch (target) {
            case Target.Tool(var name) -> any(patterns.tools(), name);
            case Target.Prompt(var name) -> any(patterns.prompts(), name);
            case Target.Method(var name) -> any(patterns.methods(), name);
            case Target.Resource(var uri) ->
                patterns.resources().stream()
                        .anyMatch(glob -> glob.matches(uri.sent())
                                && (uri.sent().equals(uri.understood()) || glob.matches(uri.understood())));
        };
    }

    private boolean namesNearly(Target target) {
        return switch (target) {
            case Target.Tool(var name) -> any(patterns.tools(), Glob.folded(name));
            case Target.Prompt(var name) -> any(patterns.prompts(), Glob.folded(name));
            case Target.Method(var name) -> any(patterns.methods(), Glob.folded(name));
            case Target.Resource(var uri) ->
                any(patterns.resources(), Glob.folded(uri.sent()))
                        || any(patterns.resources(), Glob.folded(uri.understood()));
        };
    }

    private static boolean any(List<Glob> globs, String text) {
        for (var glob : globs) {
            if (glob.matches(text)) {
                return true;
            }
        }
        return false;
    }

    private Cover sure(Target target, Call call) {
        var byHints = byHints(target, call);
        if (byHints != Cover.YES || when.isEmpty()) {
            return byHints;
        }
        return switch (when.get().holds(call.facts(target))) {
            case YES -> Cover.YES;
            case NO -> Cover.NO;
            case UNKNOWN -> Cover.MAYBE;
        };
    }

    private Cover byHints(Target target, Call call) {
        if (hints.isEmpty() || !(target instanceof Target.Tool)) {
            return Cover.YES;
        }
        return call.hints()
                .map(known -> hints.stream().allMatch(wanted -> wanted.holds(known)) ? Cover.YES : Cover.NO)
                .orElse(Cover.MAYBE);
    }

    /** Why a rule that names this does not surely let it through. */
    Verdict.Unmet lack(Target target, Call call) {
        var lack = byHints(target, call) != Cover.YES
                ? Verdict.Lack.HINTS
                : call.arguments().isEmpty() && dependsOnArguments() && sure(target, call) == Cover.MAYBE
                        ? Verdict.Lack.ARGUMENTS
                        : Verdict.Lack.CONDITION;
        return new Verdict.Unmet(set, label, lack);
    }
}
