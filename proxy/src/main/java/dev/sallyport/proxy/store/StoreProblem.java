package dev.sallyport.proxy.store;

/**
 * The store cannot do what was asked; nothing was changed. The message is a sentence for an operator, without anything of
 * a record in it.
 */
public final class StoreProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreProblem(String message) {
        super(message);
    }

    public StoreProblem(String message, Throwable cause) {
        super(message, cause);
    }

    static StoreProblem full(AreaName area) {
        return new StoreProblem("The store has no more room for " + area.cache() + ": there are " + area.maxEntries()
                + " records, and none of them may give way.");
    }

    static StoreProblem tooLarge(AreaName area) {
        return new StoreProblem("A record for " + area.cache() + " is larger than " + area.maxValue() + " bytes.");
    }

    static StoreProblem down(Throwable cause) {
        return new StoreProblem(
                "The store does not answer. Check its disk space, its network and its log; nothing was changed.",
                cause);
    }

    static StoreProblem contended() {
        return new StoreProblem("A record of the store is changed by too many at a time; nothing was changed.");
    }
}
