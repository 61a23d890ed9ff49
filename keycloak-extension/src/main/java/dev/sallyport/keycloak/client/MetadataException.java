package dev.sallyport.keycloak.client;

/** Client metadata that is refused, with the code of RFC 7591 section 3.2.2 and a sentence for the client's developer. */
public final class MetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public static final String INVALID_REDIRECT_URI = "invalid_redirect_uri";
    public static final String INVALID_CLIENT_METADATA = "invalid_client_metadata";

    private final String error;
    private final String description;

    public MetadataException(String error, String description) {
        super(error, null, false, false);
        this.error = error;
        this.description = description;
    }

    public String error() {
        return error;
    }

    public String description() {
        return description;
    }
}
