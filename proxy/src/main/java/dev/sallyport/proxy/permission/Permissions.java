package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.token.VerifiedToken;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rules of one server: whatever no rule of a granted permission set lets through is refused, whatever method, batch,
 * transport or revision it comes by. Compiled once; safe for all threads.
 */
public final class Permissions {

    private final Policy policy;
    private final Function<VerifiedToken, ToolCatalog> catalogs;
    private final ToolReview review;
    private final RateLimits limits;
    private final ServerSettings server;
    private final PermissionState.Shared shared;
    private final InstantSource clock;
    private final boolean waits;

    private Permissions(ServerSettings server, PermissionState state) {
        this.policy = new Policy(server.permissions());
        this.catalogs = catalogs(server, state);
        this.review =
                new ToolReview(server.name(), server.calls(), state.shared().pins());
        this.server = server;
        this.shared = state.shared();
        this.limits = new RateLimits(
                server.name(), server.calls().rates(), state.shared().rates());
        this.clock = state.clock();
        this.waits = mayWait(server);
    }

    /** Remembers nothing beyond the process, or a reading of the configuration. */
    public static Permissions of(ServerSettings server) {
        return of(server, PermissionState.inMemory());
    }

    /** The state outlives this object: a new one for the same server goes on where this one was. */
    public static Permissions of(ServerSettings server, PermissionState state) {
        return new Permissions(server, state);
    }

    /** True if {@link #permit} may have to ask where nodes share what they know, and so belongs on a virtual thread. */
    public boolean mayWait(VerifiedToken token) {
        return waits
                || (limits.exist() && shared.rates().mayWait())
                || !shared.pins().atHand(server.name(), review.holder(token));
    }

    private static boolean mayWait(ServerSettings server) {
        var rules = server.permissions().stream().flatMap(set -> set.allow().stream());
        return rules.anyMatch(rule -> rule.ask() || !rule.methods().isEmpty());
    }

    /**
     * Decides on every message of a body; all pass or none. An approval is spent last of all, so that nothing else can
     * refuse a call that has cost its person one.
     *
     * @param httpMethod GET and DELETE carry no body and touch only what belongs to the session
     * @throws Refused with {@code InsufficientScope} where a wider grant would help, {@code NotPermitted} where none would,
     *     {@code BadMessage} where a message does not say what it is about, {@code ApprovalRequired} where the person has to
     *     approve the call first, {@code Unavailable} where what nodes share cannot be asked
     */
    public PermittedCall permit(VerifiedToken token, Optional<Body> body, String httpMethod) {
        try {
            return decide(token, body, httpMethod);
        } catch (StoreProblem _) {
            throw new Refused(new Refusal.Unavailable("store"));
        }
    }

    private PermittedCall decide(VerifiedToken token, Optional<Body> body, String httpMethod) {
        shared.pins().fetch(server.name(), review.holder(token));
        var grant = new Grant(
                token,
                policy.granted(token.scopes()),
                caller(token),
                review.holder(token),
                catalogs.apply(token),
                new Tasks(shared.tasks(), token));
        var messages = body.map(Body::messages).orElseGet(List::of);
        var rulings = new ArrayList<Ruled>(messages.size());
        var missing = new Missing(token.scopes());
        for (var message : messages) {
            rulings.add(rule(grant, message, missing));
        }
        missing.refuse();
        if (limits.exist()) {
            messages.forEach(message -> count(token, message));
        }
        var view = new ListView(grant.granted(), grant.caller(), reviewFor(grant), grant.tasks(), clock);
        var filter = filter(view, body, httpMethod);
        return new Permitted(token, body, approved(token, body, rulings), () -> view.showsCapability("tasks"), filter);
    }

    private List<Ruling> approved(VerifiedToken token, Optional<Body> body, List<Ruled> ruled) {
        var rulings = new ArrayList<Ruling>(ruled.size());
        for (var at = 0; at < ruled.size(); at++) {
            var each = ruled.get(at);
            if (each.asks().isEmpty() || body.isEmpty()) {
                rulings.add(each.ruling());
                continue;
            }
            if (body.get().batch() || !(body.get().messages().get(at) instanceof Message.Request request)) {
                throw notPermitted("This needs an approval of its own: send it as a request by itself.");
            }
            var spent = shared.approvals()
                    .spend(AskedCall.of(token, server, each.asks().get(), request));
            rulings.add(new Ruling(each.ruling().set(), each.ruling().rule(), Optional.of(spent)));
        }
        return rulings;
    }

    /** What a message passes by, and what its person is asked about first, in words. */
    private record Ruled(Ruling ruling, Optional<String> asks) {}

    /** With one credential for all, the server says the same to all; with one each, to each their own. */
    private static Function<VerifiedToken, ToolCatalog> catalogs(ServerSettings server, PermissionState state) {
        return switch (server.credential()) {
            case CredentialSettings.None _, CredentialSettings.Shared _, CredentialSettings.ClientCredentials _ -> {
                var catalog = state.catalog(server.name());
                yield _ -> catalog;
            }
            case CredentialSettings.Connectable _, CredentialSettings.Traded _ ->
                token -> state.catalog(server.name(), token.issuer() + " " + token.subject());
        };
    }

    private record Grant(
            VerifiedToken token,
            Granted granted,
            Facts.Caller caller,
            String holder,
            ToolCatalog catalog,
            Tasks tasks) {}

    private static Facts.Caller caller(VerifiedToken token) {
        return new Facts.Caller(token.subject(), token.clientId(), token.roles(), token.groups());
    }

    /** Answers to the server are part of calls that were counted; telling it something costs it nothing. */
    private void count(VerifiedToken token, Message message) {
        if (message instanceof Message.Response
                || message.methodName()
                        .filter(name -> name.startsWith("notifications/"))
                        .isPresent()) {
            return;
        }
        var tool = message.methodName()
                .filter(Methods.TOOL_CALL::equals)
                .flatMap(_ -> message.parameters())
                .flatMap(params -> params.member("name"))
                .flatMap(JsonText::string);
        limits.count(token, tool);
    }

    private Ruled rule(Grant grant, Message message, Missing missing) {
        var method = message.methodName();
        var ruling = Ruling.BASELINE;
        var asks = Optional.<String>empty();
        if (method.isEmpty()) {
            return new Ruled(ruling, asks);
        }
        for (var target : Methods.targets(method.get(), message.parameters())) {
            var call = call(grant, target, message.parameters());
            switch (grant.granted().judge(target, call)) {
                case Verdict.Allowed(var set, var rule, var person) -> {
                    review(grant, target);
                    grant.tasks().check(method.get(), message.parameters());
                    ruling = new Ruling(Optional.of(set), Optional.of(rule), Optional.empty());
                    asks = person ? Optional.of(target.words()) : asks;
                }
                case Verdict.Denied _ -> throw notPermitted("A rule of this server excludes " + target.words() + ".");
                case Verdict.Unmet unmet -> missing.add(target, call, Optional.of(unmet));
                case Verdict.Uncovered _ -> missing.add(target, call, Optional.empty());
            }
        }
        return new Ruled(ruling, asks);
    }

    private void review(Grant grant, Target target) {
        if (target instanceof Target.Tool(var name)) {
            grant.catalog()
                    .definition(name)
                    .ifPresent(now -> review.stoppedSince(grant.holder(), name, now)
                            .ifPresent(before -> {
                                throw changed(grant, name, before, now);
                            }));
        }
    }

    private Refused changed(Grant grant, String tool, ToolPins.Pin before, ToolDefinition now) {
        var byPerson = review.isForThePerson();
        var change = new ChangedTools.Change(
                review.key(grant.holder(), tool), grant.token(), before, ToolReview.pin(now), byPerson);
        var text = "The definition of the tool \"" + tool + "\" has changed since this connection agreed to it. "
                + (byPerson
                        ? "It can be called again when you have accepted the change."
                        : "It can be called again when whoever runs this server has accepted the change.");
        return shared.changes()
                .show(change)
                .map(url -> new Refused(new Refusal.ReviewRequired(text, url)))
                .orElseGet(() -> notPermitted(text + (byPerson ? " To accept it, connect anew." : "")));
    }

    private static Refused notPermitted(String text) {
        return new Refused(new Refusal.NotPermitted(text));
    }

    private Call call(Grant grant, Target target, Optional<JsonText> params) {
        var hints = target instanceof Target.Tool(var name)
                ? grant.catalog().definition(name).map(ToolDefinition::hints)
                : Optional.<Hints>empty();
        var arguments = params.flatMap(object -> object.member("arguments"));
        return new Call(grant.caller(), hints, Optional.of(new Facts.Arguments(arguments)), clock.instant());
    }

    private static AnswerFilter filter(ListView view, Optional<Body> body, String httpMethod) {
        if (body.isEmpty()) {
            return httpMethod.equals("GET") ? GrantFilter.ofStream(view) : AnswerFilter.NOTHING;
        }
        return GrantFilter.of(view, body.get());
    }

    private ListView.Review reviewFor(Grant grant) {
        return new ListView.Review() {
            @Override
            public ToolDefinition seen(String tool, JsonText definition) {
                return grant.catalog().seen(tool, definition);
            }

            @Override
            public boolean passes(String tool, ToolDefinition definition) {
                return review.passes(grant.holder(), tool, definition);
            }
        };
    }

    /** The scopes that would have to be granted for all messages of a body to pass. */
    private final class Missing {
        private final Scopes current;
        private Scopes needed = Scopes.none();
        private final List<String> titles = new ArrayList<>();

        Missing(Scopes current) {
            this.current = current;
        }

        void add(Target target, Call call, Optional<Verdict.Unmet> unmet) {
            var remedy = policy.remedy(current, target, call);
            if (remedy.isPresent()) {
                needed = needed.plus(Scopes.of(remedy.get().scope()));
                titles.add("\"" + remedy.get().title() + "\" (" + remedy.get().scope() + ") for " + target.words());
                return;
            }
            throw notPermitted(why(target, unmet));
        }

        private String why(Target target, Optional<Verdict.Unmet> unmet) {
            if (unmet.isEmpty()) {
                return "No permission set that you could grant covers " + target.words() + ".";
            }
            return switch (unmet.get().lack()) {
                case HINTS ->
                    "The permission sets granted cover " + target.words()
                            + " only with annotations that it is not known to have. Ask for tools/list, then call again.";
                case CONDITION, ARGUMENTS ->
                    "A condition of the permission set \"" + unmet.get().set() + "\" does not hold for this call of "
                            + target.words() + ".";
            };
        }

        void refuse() {
            if (!needed.isEmpty()) {
                throw new Refused(new Refusal.InsufficientScope(
                        current.plus(needed),
                        "This connection lacks a permission set: " + String.join(", ", titles)
                                + ". Connect again and agree to it."));
            }
        }
    }
}
