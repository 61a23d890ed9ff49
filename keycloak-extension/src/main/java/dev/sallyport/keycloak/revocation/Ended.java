package dev.sallyport.keycloak.revocation;

import java.util.Locale;

/** What ended an access; for readers of the log, matching is by the fields of the event alone. */
public enum Ended {
    GRANT,
    USER,
    CLIENT,
    SESSION,
    CONSENT,
    REALM;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Ended of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
