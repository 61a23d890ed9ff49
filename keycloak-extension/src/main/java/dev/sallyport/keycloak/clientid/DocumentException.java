package dev.sallyport.keycloak.clientid;

/** A document that cannot be used. The reason is for the event log and a developer; it repeats nothing of the document. */
public final class DocumentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final boolean outage;

    private DocumentException(String reason, boolean outage) {
        super(reason, null, false, false);
        this.reason = reason;
        this.outage = outage;
    }

    /** The document, its URL or its answer is wrong, and stays so until somebody changes it. */
    static DocumentException refused(String reason) {
        return new DocumentException(reason, false);
    }

    /** Nobody answered properly; what was known before may be used meanwhile. */
    static DocumentException unreachable(String reason) {
        return new DocumentException(reason, true);
    }

    public String reason() {
        return reason;
    }

    boolean outage() {
        return outage;
    }
}
