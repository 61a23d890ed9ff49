package dev.sallyport.proxy.provider;

/** A provider did not do what was asked. The message is a sentence for an operator and holds nothing that the provider sent. */
public final class ProviderProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What follows from it. */
    public enum Kind {
        /** It cannot be reached or is overloaded; what we hold may be good. */
        UNAVAILABLE,
        /** It said {@code invalid_grant}, or that the person declined: what we hold is worth nothing. */
        REFUSED,
        /** It, or what is configured for it, cannot be used as it is. */
        UNSUITABLE
    }

    private final Kind kind;

    public ProviderProblem(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    static ProviderProblem unavailable(String message) {
        return new ProviderProblem(Kind.UNAVAILABLE, message);
    }

    static ProviderProblem unsuitable(String message) {
        return new ProviderProblem(Kind.UNSUITABLE, message);
    }
}
