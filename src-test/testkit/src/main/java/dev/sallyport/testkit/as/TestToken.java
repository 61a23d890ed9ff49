package dev.sallyport.testkit.as;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A token in the making: sound as it comes from {@link TestAuthorizationServer#token}, and changed from there in any
 * way, allowed or not. Every method changes this builder and returns it.
 */
public final class TestToken {

    private final Map<String, @Nullable Object> header = new LinkedHashMap<>();
    private final Map<String, @Nullable Object> claims = new LinkedHashMap<>();
    private SigningKey key;
    private UnaryOperator<String> headerText = text -> text;
    private UnaryOperator<String> claimsText = text -> text;

    TestToken(SigningKey key, String issuer, String resource, Instant now) {
        this.key = key;
        header.put("alg", key.algorithm().wireName());
        header.put("typ", "at+jwt");
        header.put("kid", key.kid());
        claims.put("iss", issuer);
        claims.put("aud", resource);
        claims.put("sub", "8d2b3c44-0000-4000-8000-00000000a11c");
        claims.put("azp", "client-1");
        claims.put("client_id", "client-1");
        claims.put("scope", "");
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.getEpochSecond() + 300);
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("sid", "session-1");
        claims.put("grant_id", "4b1f7f0e-0000-4000-8000-000000000001");
        claims.put("grant_key", "Z3JhbnQta2V5LWdyYW50LWtleS1ncmFudC1rZXktMDE");
    }

    public TestToken scope(String... scopes) {
        return claim("scope", String.join(" ", scopes));
    }

    public TestToken subject(String subject) {
        return claim("sub", subject);
    }

    public TestToken client(String clientId) {
        return claim("azp", clientId).claim("client_id", clientId);
    }

    /** Moves {@code iat} and {@code exp} so that the token has this much left to live; it may be negative. */
    public TestToken expiresIn(Duration left) {
        var now = Instant.now().getEpochSecond();
        return claim("exp", now + left.toSeconds()).claim("iat", Math.min(now, now + left.toSeconds() - 1));
    }

    public TestToken claim(String name, @Nullable Object value) {
        claims.put(name, value);
        return this;
    }

    public TestToken without(String... names) {
        List.of(names).forEach(claims::remove);
        return this;
    }

    public TestToken header(String name, @Nullable Object value) {
        header.put(name, value);
        return this;
    }

    public TestToken withoutHeader(String name) {
        header.remove(name);
        return this;
    }

    /** Signs with this key; {@code alg} and {@code kid} follow it. */
    public TestToken signedBy(SigningKey other) {
        key = other;
        return header("alg", other.algorithm().wireName()).header("kid", other.kid());
    }

    /** Signs with this key and leaves {@code alg} and {@code kid} as they are: a forgery. */
    public TestToken forgedBy(SigningKey other) {
        key = other;
        return this;
    }

    /** Changes the JSON text of the claims before it is signed: duplicate names, trailing bytes, no JSON at all. */
    public TestToken claimsText(UnaryOperator<String> change) {
        claimsText = change;
        return this;
    }

    /** Changes the JSON text of the header before it is signed. */
    public TestToken headerText(UnaryOperator<String> change) {
        headerText = change;
        return this;
    }

    /** The token, signed. */
    public String sign() {
        return input() + "." + SigningKey.base64(key.sign(bytes(input())));
    }

    /** {@code alg: none} and an empty signature. */
    public String unsigned() {
        header.put("alg", "none");
        return input() + ".";
    }

    /** HS256 with the public key as its secret: the classic confusion of algorithms. */
    public String macWithPublicKey() {
        header.put("alg", "HS256");
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.encodedPublicKey(), "HmacSHA256"));
            return input() + "." + SigningKey.base64(mac.doFinal(bytes(input())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** The first two segments, with the dot between them. */
    public String input() {
        return SigningKey.base64(bytes(headerText.apply(Json.write(header))))
                + "."
                + SigningKey.base64(bytes(claimsText.apply(Json.write(claims))));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
