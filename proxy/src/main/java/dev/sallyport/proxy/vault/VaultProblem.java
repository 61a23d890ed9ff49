package dev.sallyport.proxy.vault;

/**
 * The vault cannot do what was asked, for a reason that an operator can mend: the message is one or two sentences for a
 * person, without a secret in it. Nothing was changed when this is thrown.
 */
public final class VaultProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public VaultProblem(String message) {
        super(message);
    }

    public VaultProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
