package dev.sallyport.proxy.permission;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rules of all sets that one grant holds, directly or by inclusion. What a name alone decides is remembered, up to a
 * bound, so that the common call costs one look-up.
 */
final class Granted {

    private static final int REMEMBERED = 4096;

    private final List<Rule> allow;
    private final List<Rule> deny;
    private final List<Rule> ask;
    private final ConcurrentHashMap<Target, Verdict> remembered = new ConcurrentHashMap<>();

    /** @param ask the rules among those that allow which demand an approval, in the form that near misses do not escape */
    Granted(List<Rule> allow, List<Rule> deny, List<Rule> ask) {
        this.allow = List.copyOf(allow);
        this.deny = List.copyOf(deny);
        this.ask = List.copyOf(ask);
    }

    /**
     * Deny wins, and wins when in doubt; then the first rule that surely allows; and whatever lets it through, the person is
     * asked if some rule says so, or may say so.
     */
    Verdict judge(Target target, Call call) {
        var known = remembered.get(target);
        if (known != null) {
            return known;
        }
        var byName = true;
        for (var rule : deny) {
            byName &= rule.dependsOnNameOnly() || !rule.speaksOf(target);
            var cover = rule.denies(target, call);
            var listed = call.arguments().isEmpty() && rule.dependsOnArguments() && cover == Rule.Cover.MAYBE;
            if (cover != Rule.Cover.NO && !listed) {
                return new Verdict.Denied(rule.set(), rule.label());
            }
        }
        Verdict verdict = new Verdict.Uncovered();
        for (var rule : allow) {
            byName &= rule.dependsOnNameOnly() || !rule.speaksOf(target);
            if (!rule.names(target)) {
                continue;
            }
            if (rule.allows(target, call) == Rule.Cover.YES) {
                return allowed(rule, target, call, byName);
            }
            verdict = nearer(verdict, rule.lack(target, call));
        }
        return verdict;
    }

    private Verdict allowed(Rule rule, Target target, Call call, boolean allByName) {
        var byName = allByName;
        for (var asking : ask) {
            byName &= asking.dependsOnNameOnly() || !asking.speaksOf(target);
            if (asking.denies(target, call) != Rule.Cover.NO) {
                return remember(byName, target, new Verdict.Allowed(asking.set(), asking.label(), true));
            }
        }
        return remember(byName, target, new Verdict.Allowed(rule.set(), rule.label(), false));
    }

    /** Whether a list shows it: what a call could be allowed to do with some arguments. */
    boolean shows(Target target, Call call) {
        return switch (judge(target, call)) {
            case Verdict.Allowed _ -> true;
            case Verdict.Unmet unmet -> unmet.lack() == Verdict.Lack.ARGUMENTS;
            case Verdict.Denied _, Verdict.Uncovered _ -> false;
        };
    }

    /** Whether some rule could ever let something of this kind through. */
    boolean speaksOf(Target kind) {
        return allow.stream().anyMatch(rule -> rule.speaksOf(kind));
    }

    /** What says most about why not. */
    private static Verdict nearer(Verdict known, Verdict.Unmet other) {
        return known instanceof Verdict.Unmet unmet && unmet.lack().compareTo(other.lack()) >= 0 ? known : other;
    }

    /** Only what is allowed: names that somebody makes up must not crowd out those that are called. */
    private Verdict remember(boolean byName, Target target, Verdict verdict) {
        if (byName && remembered.size() < REMEMBERED) {
            remembered.putIfAbsent(target, verdict);
        }
        return verdict;
    }
}
