package dev.sallyport.proxy.condition;

/** A text that is not a condition; the message says what is wrong with it, for whoever wrote it. */
public final class ConditionProblem extends Exception {

    private static final long serialVersionUID = 1L;

    ConditionProblem(String what) {
        super(what, null, false, false);
    }

    /** In words. */
    public String what() {
        return String.valueOf(getMessage());
    }
}
