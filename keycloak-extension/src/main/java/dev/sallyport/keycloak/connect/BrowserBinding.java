package dev.sallyport.keycloak.connect;

import jakarta.ws.rs.core.NewCookie;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.http.HttpRequest;

/**
 * Ties a connect request to one browser: a random value in a cookie of the shared origin, its hash in the request. Who
 * passes the address on to somebody else has not passed on the cookie, so nobody connects an account for another person.
 */
record BrowserBinding(String value) {
    static final String COOKIE = "__Host-sallyport-connect";

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** The one this browser has, so that two tabs do not shut each other out, else a new one. */
    static BrowserBinding of(HttpRequest request) {
        var cookie = request.getHttpHeaders().getCookies().get(COOKIE);
        if (cookie != null && FORM.matcher(cookie.getValue()).matches()) {
            return new BrowserBinding(cookie.getValue());
        }
        var random = SecretGenerator.getInstance().randomBytes(32);
        return new BrowserBinding(encode(random));
    }

    /** What a holder of the cookie can prove and a reader of the request cannot: base64url of its SHA-256. */
    String claim() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return encode(digest.digest(value.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    NewCookie cookie() {
        return new NewCookie.Builder(COOKIE)
                .value(value)
                .path("/")
                .secure(true)
                .httpOnly(true)
                .sameSite(NewCookie.SameSite.LAX)
                .maxAge(ConnectRequest.SECONDS)
                .build();
    }

    /** A record would print it. */
    @Override
    public String toString() {
        return "BrowserBinding[redacted]";
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
