package dev.sallyport.proxy.mcp;

/** Text that is not the JSON we accept. The message names the rule that was broken and never quotes the text. */
public final class JsonProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    JsonProblem(String rule) {
        super(rule, null, false, false);
    }

    /** Which rule was broken. */
    public String rule() {
        return String.valueOf(getMessage());
    }
}
