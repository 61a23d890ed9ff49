package dev.sallyport.proxy.permission;

/** What the rules of some sets say about one target. */
sealed interface Verdict {

    /** {@code rule} of {@code set} lets it through; if {@code asks}, once the person has approved this very call. */
    record Allowed(String set, String rule, boolean asks) implements Verdict {}

    /** {@code rule} of {@code set} keeps it out, whatever other rules say. */
    record Denied(String set, String rule) implements Verdict {}

    /** A rule names it and asks for something else besides that does not hold, or cannot be told. */
    record Unmet(String set, String rule, Lack lack) implements Verdict {}

    /** What a rule that names something finds lacking. */
    enum Lack {
        /** Hints, by what is known of the tool. */
        HINTS,
        /** The condition: it does not hold for this call. */
        CONDITION,
        /** The condition, for now: with some arguments it could hold. */
        ARGUMENTS
    }

    /** No rule speaks of it. */
    record Uncovered() implements Verdict {}
}
