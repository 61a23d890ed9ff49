package dev.sallyport.proxy.permission;

/** The {@code when} of a rule. */
interface Condition {

    /** A rule without {@code when}. */
    Condition ALWAYS = (_, _) -> Answer.YES;

    /** What a condition says about a call. */
    enum Answer {
        YES,
        NO,
        /** It cannot be told: an error, too much work, or arguments that are not there yet. Never in the caller's favour. */
        UNKNOWN
    }

    Answer holds(Target target, Call call);
}
