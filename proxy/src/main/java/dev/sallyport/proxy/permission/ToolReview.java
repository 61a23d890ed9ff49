package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.permission.ToolPins.Pin;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Optional;

/** Stops tools that are no longer what was agreed to, by the policy of one server. */
final class ToolReview {

    /** Instead of a grant's id, where pins are the operator's. */
    private static final String OPERATOR = "*";

    private final String server;
    private final CallRules rules;
    private final ToolPins pins;

    ToolReview(String server, CallRules rules, ToolPins pins) {
        this.server = server;
        this.rules = rules;
        this.pins = pins;
    }

    /** The holder of the pins that count for this token. */
    String holder(VerifiedToken token) {
        if (rules.toolChanges() == CallRules.ToolChanges.DENY) {
            return OPERATOR;
        }
        return token.grantId().orElseGet(() -> token.issuer() + " " + token.clientId() + " " + token.subject());
    }

    /** True if the tool may be shown and called: it is as it was, or its change was accepted. Pins what is new. */
    boolean passes(String holder, String tool, ToolDefinition now) {
        return stoppedSince(holder, tool, now).isEmpty();
    }

    /** What was agreed to, if the tool is something else now that nobody has accepted. Pins what is new. */
    Optional<Pin> stoppedSince(String holder, String tool, ToolDefinition now) {
        var key = key(holder, tool);
        var pin = pin(now);
        var known = pins.first(key, pin);
        if (known.digest().equals(pin.digest())) {
            return Optional.empty();
        }
        var accepted = now.digest().equals(rules.acceptedTools().get(tool));
        var harmless = rules.toolChanges() == CallRules.ToolChanges.ALLOW && !isWorse(known, pin);
        if (accepted || harmless) {
            pins.replace(key, pin);
            return Optional.empty();
        }
        return Optional.of(known);
    }

    ToolPins.Key key(String holder, String tool) {
        return new ToolPins.Key(server, holder, tool);
    }

    static Pin pin(ToolDefinition definition) {
        return new Pin(
                definition.digest(),
                definition.hints().readOnly(),
                definition.hints().destructive());
    }

    /** True if the person may accept a change; else the operator has to. */
    boolean isForThePerson() {
        return rules.toolChanges() != CallRules.ToolChanges.DENY;
    }

    private static boolean isWorse(Pin before, Pin now) {
        return (before.readOnly() && !now.readOnly()) || (!before.destructive() && now.destructive());
    }
}
