package dev.sallyport.keycloak.registration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.models.ClientModel;

/**
 * The registration access token of RFC 7592: random, kept as a digest only. Deliberately not Keycloak's own kind, with
 * which a client could go to Keycloak's other registration endpoints and give itself whatever it likes.
 */
final class RegistrationToken {
    private static final String DIGEST = "sallyport.registration.token";
    private static final int BYTES = 32;

    private RegistrationToken() {}

    /** A new one, which replaces the earlier. */
    static String issue(ClientModel client) {
        var token = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(SecretGenerator.getInstance().randomBytes(BYTES));
        client.setAttribute(DIGEST, digest(token));
        return token;
    }

    static boolean matches(ClientModel client, String token) {
        var expected = client.getAttribute(DIGEST);
        return expected != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.US_ASCII),
                        digest(token).getBytes(StandardCharsets.US_ASCII));
    }

    private static String digest(String token) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
