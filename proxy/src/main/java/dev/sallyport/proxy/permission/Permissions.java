package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.VerifiedToken;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of one server: whatever no rule of a granted permission set lets through is refused, whatever method, batch,
 * transport or revision it comes by. Compiled once; safe for all threads.
 */
public final class Permissions {

    private final Policy policy;
    private final ToolCatalog tools = new ToolCatalog();
    private final InstantSource clock;

    private Permissions(Policy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    public static Permissions of(ServerSettings server) {
        return of(server, InstantSource.system());
    }

    public static Permissions of(ServerSettings server, InstantSource clock) {
        return new Permissions(new Policy(server.permissions()), clock);
    }

    /**
     * Decides on every message of a body; all pass or none.
     *
     * @param httpMethod GET and DELETE carry no body and touch only what belongs to the session
     * @throws Refused with {@code InsufficientScope} where a wider grant would help, {@code NotPermitted} where none would,
     *     {@code BadMessage} where a message does not say what it is about
     */
    public PermittedCall permit(VerifiedToken token, Optional<Body> body, String httpMethod) {
        var granted = policy.granted(token.scopes());
        var caller = new Facts.Caller(token.subject(), token.clientId(), token.roles(), token.roles());
        var rulings = new ArrayList<Ruling>();
        var missing = new Missing(token.scopes());
        for (var message : body.map(Body::messages).orElseGet(List::of)) {
            rulings.add(rule(granted, caller, message, missing));
        }
        missing.refuse();
        return new Permitted(token, body, rulings, filter(granted, caller, body, httpMethod));
    }

    private Ruling rule(Granted granted, Facts.Caller caller, Message message, Missing missing) {
        var method = message.methodName();
        if (method.isEmpty()) {
            return Ruling.BASELINE;
        }
        var ruling = Ruling.BASELINE;
        for (var target : Methods.targets(method.get(), message.parameters())) {
            var call = call(caller, target, message.parameters());
            switch (granted.judge(target, call)) {
                case Verdict.Allowed(var set, var rule) -> ruling = new Ruling(Optional.of(set), Optional.of(rule));
                case Verdict.Denied _ ->
                    throw new Refused(
                            new Refusal.NotPermitted("A rule of this server excludes " + target.words() + "."));
                case Verdict.Unmet unmet -> missing.add(target, call, Optional.of(unmet));
                case Verdict.Uncovered _ -> missing.add(target, call, Optional.empty());
            }
        }
        return ruling;
    }

    private Call call(Facts.Caller caller, Target target, Optional<JsonText> params) {
        var hints = target instanceof Target.Tool(var name) ? tools.hints(name) : Optional.<Hints>empty();
        var arguments = params.flatMap(object -> object.member("arguments"));
        return new Call(caller, hints, Optional.of(new Facts.Arguments(arguments)), clock.instant());
    }

    private AnswerFilter filter(Granted granted, Facts.Caller caller, Optional<Body> body, String httpMethod) {
        var view = new ListView(granted, caller, tools, clock);
        if (body.isEmpty()) {
            return httpMethod.equals("GET") ? GrantFilter.ofStream(view) : AnswerFilter.NOTHING;
        }
        return GrantFilter.of(view, body.get());
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
            throw new Refused(new Refusal.NotPermitted(
                    unmet.isEmpty()
                            ? "No permission set that you could grant covers " + target.words() + "."
                            : unmet.get().unseen()
                                    ? "The definition of " + target.words()
                                            + " has not been seen yet. Ask for tools/list, then call again."
                                    : "A condition of the permission set \""
                                            + unmet.get().set() + "\" does not hold for this call of " + target.words()
                                            + "."));
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
