package dev.sallyport.proxy.settings;

/** A secret that the configuration refers to cannot be had. The message is for an operator and holds no secret. */
public final class SecretUnreadable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SecretUnreadable(String message) {
        super(message);
    }
}
