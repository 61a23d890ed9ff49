package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says what the gate would decide, by the same rules, for somebody who needs no token for it: operators who try out a
 * policy. Nothing is pinned or counted.
 */
public final class Explainer {

    private final Policy policy;
    private final ToolCatalog tools = new ToolCatalog(0, ChangedTools.NOWHERE);
    private final InstantSource clock;

    public Explainer(ServerSettings server, InstantSource clock) {
        this.policy = new Policy(server.permissions());
        this.clock = clock;
    }

    /** Who would call, with which scopes. */
    public record Asker(Scopes scopes, String user, String client, List<String> roles, List<String> groups) {
        public Asker {
            roles = List.copyOf(roles);
            groups = List.copyOf(groups);
        }
    }

    /** From now on the server is taken to have listed this tool. */
    public void learn(JsonText definition) {
        definition.member("name").flatMap(JsonText::string).ifPresent(name -> tools.seen(name, definition));
    }

    /** The digest by which {@code acceptedTools} names a definition. */
    public static String digest(JsonText definition) {
        return ToolDefinition.of(definition).digest();
    }

    public List<Explanation> explain(Asker asker, Body body) {
        return body.messages().stream()
                .flatMap(message -> explain(asker, message).stream())
                .toList();
    }

    private List<Explanation> explain(Asker asker, Message message) {
        var method = message.methodName();
        var targets =
                method.map(name -> Methods.targets(name, message.parameters())).orElseGet(List::of);
        if (targets.isEmpty()) {
            var about = method.map(name -> "the method \"" + name + "\"").orElse("a response");
            var why = "every valid token may do this" + (about.contains("/list") ? "; the answer is filtered" : "");
            return List.of(allowed(about, Optional.empty(), "baseline", why));
        }
        var explanations = new ArrayList<Explanation>();
        for (var target : targets) {
            explanations.add(explain(asker, target, message.parameters()));
        }
        return explanations;
    }

    private Explanation explain(Asker asker, Target target, Optional<JsonText> params) {
        var hints = target instanceof Target.Tool(var name)
                ? tools.definition(name).map(ToolDefinition::hints)
                : Optional.<Hints>empty();
        var caller =
                new Facts.Caller(asker.user(), asker.client(), Optional.of(asker.roles()), Optional.of(asker.groups()));
        var arguments = new Facts.Arguments(params.flatMap(object -> object.member("arguments")));
        var call = new Call(caller, hints, Optional.of(arguments), clock.instant());
        return switch (policy.granted(asker.scopes()).judge(target, call)) {
            case Verdict.Allowed(var set, var rule, var asks) ->
                asks
                        ? new Explanation(
                                target.words(),
                                Explanation.Outcome.ASKS,
                                Optional.of(set),
                                Optional.of(rule),
                                "the person has to approve each such call")
                        : allowed(target.words(), Optional.of(set), rule, "the rule covers it, and no deny rule does");
            case Verdict.Denied(var set, var rule) ->
                new Explanation(
                        target.words(),
                        Explanation.Outcome.REFUSED,
                        Optional.of(set),
                        Optional.of(rule),
                        "the rule excludes it, or it cannot be told that it does not");
            case Verdict.Unmet(var set, var rule, var lack) ->
                refused(asker, target, call, Optional.of(set), Optional.of(rule))
                        .orElseGet(
                                () -> new Explanation(
                                        target.words(),
                                        Explanation.Outcome.REFUSED,
                                        Optional.of(set),
                                        Optional.of(rule),
                                        lack == Verdict.Lack.HINTS
                                                ? "the tool is not known to have the hints that the rule asks for"
                                                : "the rule's condition does not hold, or cannot be told, for these arguments"));
            case Verdict.Uncovered _ ->
                refused(asker, target, call, Optional.empty(), Optional.empty())
                        .orElseGet(() -> new Explanation(
                                target.words(),
                                Explanation.Outcome.REFUSED,
                                Optional.empty(),
                                Optional.empty(),
                                "no rule of a granted set covers it as it is, and no other set would"));
        };
    }

    private Optional<Explanation> refused(
            Asker asker, Target target, Call call, Optional<String> set, Optional<String> rule) {
        return policy.remedy(asker.scopes(), target, call)
                .map(remedy -> new Explanation(
                        target.words(),
                        Explanation.Outcome.NEEDS_SET,
                        set,
                        rule,
                        "it needs \"" + remedy.title() + "\" (" + remedy.scope() + ")"))
                .or(() -> policy.reserved(asker.scopes(), target, call)
                        .map(other -> new Explanation(
                                target.words(),
                                Explanation.Outcome.REFUSED,
                                set,
                                rule,
                                "\"" + other.title() + "\" (" + other.scope()
                                        + ") would let it through, but is granted only to "
                                        + audience(other.grantableTo()))));
    }

    private static String audience(PermissionSet.Audience audience) {
        return Stream.concat(
                        audience.roles().stream().map(role -> "role " + role),
                        audience.groups().stream().map(group -> "group " + group))
                .collect(Collectors.joining(", "));
    }

    private static Explanation allowed(String about, Optional<String> set, String rule, String why) {
        return new Explanation(about, Explanation.Outcome.ALLOWED, set, Optional.of(rule), why);
    }
}
