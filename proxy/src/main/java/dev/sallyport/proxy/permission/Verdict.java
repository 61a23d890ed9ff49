package dev.sallyport.proxy.permission;

/** What the rules of some sets say about one target. */
sealed interface Verdict {

    /** {@code rule} of {@code set} lets it through. */
    record Allowed(String set, String rule) implements Verdict {}

    /** {@code rule} of {@code set} keeps it out, whatever other rules say. */
    record Denied(String set, String rule) implements Verdict {}

    /** A rule covers it if something holds that does not, or cannot be told: hints never seen, a condition. */
    record Unmet(String set, String rule, boolean unseen) implements Verdict {}

    /** No rule speaks of it. */
    record Uncovered() implements Verdict {}
}
