package dev.sallyport.proxy.permission;

import java.util.Optional;

/** What becomes of one message, or of one thing it is about, and which rule says so. */
public record Explanation(String about, Outcome outcome, Optional<String> set, Optional<String> rule, String why) {

    /** True if it passes, be it after the person was asked. */
    public boolean passes() {
        return outcome == Outcome.ALLOWED || outcome == Outcome.ASKS;
    }

    /** As the gate would decide. */
    public enum Outcome {
        ALLOWED,
        /** Let through once the person has approved this very call. */
        ASKS,
        /** A wider grant would let it through. */
        NEEDS_SET,
        REFUSED
    }
}
