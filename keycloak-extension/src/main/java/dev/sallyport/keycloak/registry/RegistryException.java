package dev.sallyport.keycloak.registry;

/** A publication that is refused as a whole. The message is for the operator of the proxy and names the place. */
final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    RegistryException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
