package dev.sallyport.keycloak.authorize;

/** An error that the client is told by redirect (RFC 6749 section 4.1.2.1). Only thrown once its redirect URI is known. */
final class AuthorizationRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String error;
    private final String description;

    AuthorizationRefusal(String error, String description) {
        super(error, null, false, false);
        this.error = error;
        this.description = description;
    }

    String error() {
        return error;
    }

    String description() {
        return description;
    }
}
