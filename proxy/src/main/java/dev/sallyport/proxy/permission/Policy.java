package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.settings.PermissionSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** All permission sets of one server, compiled; and what each combination of them that is in use comes to. */
final class Policy {

    private static final int REMEMBERED = 1024;

    private final Map<String, Compiled> byScope = new LinkedHashMap<>();
    private final Map<String, Compiled> byName = new LinkedHashMap<>();
    private final ConcurrentHashMap<Scopes, Granted> grants = new ConcurrentHashMap<>();

    private record Compiled(PermissionSet settings, List<Rule> allow, List<Rule> deny, List<Rule> ask) {}

    Policy(List<PermissionSet> sets) {
        for (var set : sets) {
            var compiled = new Compiled(set, rules(set, "allow"), rules(set, "deny"), asking(set));
            byScope.put(set.scope(), compiled);
            byName.put(set.name(), compiled);
        }
    }

    private static List<Rule> rules(PermissionSet set, String key) {
        var deny = key.equals("deny");
        var rules = deny ? set.deny() : set.allow();
        var compiled = new ArrayList<Rule>(rules.size());
        for (var i = 0; i < rules.size(); i++) {
            var label = label(key, rules, i);
            compiled.add(
                    deny
                            ? Rule.denying(set.name(), label, rules.get(i))
                            : Rule.allowing(set.name(), label, rules.get(i)));
        }
        return compiled;
    }

    /** Rules that ask, for a second look at what others let through: compiled like those that deny. */
    private static List<Rule> asking(PermissionSet set) {
        var rules = set.allow();
        var compiled = new ArrayList<Rule>();
        for (var i = 0; i < rules.size(); i++) {
            if (rules.get(i).ask()) {
                compiled.add(Rule.denying(set.name(), label("allow", rules, i), rules.get(i)));
            }
        }
        return compiled;
    }

    private static String label(String key, List<PermissionSet.Rule> rules, int at) {
        return rules.size() == 1 ? key : key + "[" + at + "]";
    }

    /** What these scopes come to; scopes of nobody's sets come to nothing. */
    Granted granted(Scopes scopes) {
        var known = grants.get(scopes);
        if (known != null) {
            return known;
        }
        var granted = combine(scopes);
        if (grants.size() < REMEMBERED) {
            grants.putIfAbsent(scopes, granted);
        }
        return granted;
    }

    private Granted combine(Scopes scopes) {
        var sets = new LinkedHashSet<Compiled>();
        for (var scope : scopes.tokens()) {
            var set = byScope.get(scope);
            if (set != null) {
                include(set, sets);
            }
        }
        return new Granted(
                sets.stream().flatMap(set -> set.allow().stream()).toList(),
                sets.stream().flatMap(set -> set.deny().stream()).toList(),
                sets.stream().flatMap(set -> set.ask().stream()).toList());
    }

    private void include(Compiled set, Set<Compiled> sets) {
        if (sets.add(set)) {
            for (var name : set.settings().includes()) {
                var included = byName.get(name);
                if (included != null) {
                    include(included, sets);
                }
            }
        }
    }

    /** The mildest set that, granted in addition, would let this call through; of those that this caller may be granted. */
    Optional<PermissionSet> remedy(Scopes scopes, Target target, Call call) {
        return mildest(scopes, target, call, set -> grantable(set.grantableTo(), call.caller()));
    }

    /** The same of those that this caller may not be granted: for who runs the server, and for nobody else to know. */
    Optional<PermissionSet> reserved(Scopes scopes, Target target, Call call) {
        return mildest(scopes, target, call, set -> !grantable(set.grantableTo(), call.caller()));
    }

    private Optional<PermissionSet> mildest(
            Scopes scopes, Target target, Call call, Predicate<PermissionSet> candidate) {
        return byScope.values().stream()
                .map(Compiled::settings)
                .filter(set -> !scopes.contains(set.scope()))
                .filter(candidate)
                .sorted(Comparator.comparing(PermissionSet::effect).thenComparingInt(this::breadth))
                .filter(set ->
                        granted(scopes.plus(Scopes.of(set.scope()))).judge(target, call) instanceof Verdict.Allowed)
                .findFirst();
    }

    private int breadth(PermissionSet set) {
        var sets = new LinkedHashSet<Compiled>();
        var compiled = byScope.get(set.scope());
        if (compiled != null) {
            include(compiled, sets);
        }
        return sets.size();
    }

    /** A token that does not speak of what the set is granted to says nothing: the authorization server decides then. */
    private static boolean grantable(PermissionSet.Audience audience, Facts.Caller caller) {
        return (audience.roles().isEmpty() && audience.groups().isEmpty())
                || mayBeIn(audience.roles(), caller.roles())
                || mayBeIn(audience.groups(), caller.groups());
    }

    private static boolean mayBeIn(List<String> wanted, Optional<List<String>> held) {
        return !wanted.isEmpty()
                && held.map(names -> wanted.stream().anyMatch(names::contains)).orElse(true);
    }
}
