package dev.sallyport.testkit.keycloak;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The database below Keycloak: a file of its own for each server, or, to see that the extension works on it, the empty
 * PostgreSQL database that the environment variable {@code SALLYPORT_TEST_DATABASE} names by its JDBC URL. All servers
 * then share that one, and keep apart by their realms.
 */
final class TestDatabase {
    private static final Optional<String> POSTGRES =
            Optional.ofNullable(System.getenv("SALLYPORT_TEST_DATABASE")).filter(url -> !url.isBlank());

    private TestDatabase() {}

    /** As {@code kc.sh build --db} calls it. */
    static String kind() {
        return POSTGRES.isPresent() ? "postgres" : "dev-file";
    }

    static boolean isShared() {
        return POSTGRES.isPresent();
    }

    /** @param file for a server's own */
    static String url(Path file, boolean severalNodes) {
        return POSTGRES.orElseGet(() -> "jdbc:h2:file:" + file + ";NON_KEYWORDS=VALUE;LOCK_TIMEOUT=20000"
                + (severalNodes ? ";AUTO_SERVER=TRUE" : ""));
    }
}
