package dev.sallyport.proxy.session;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The sessions of one MCP server. An id that a client brings is opened for the principal of its token; for anybody else,
 * and for an id that was not made here, there is no such session. The MCP server's own id never leaves.
 */
public final class Sessions {

    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    /** When it began, when its token was issued, grant, login, the upstream's id. */
    private static final int FIELDS = 5;

    /** Longer than any id that a server would make. */
    private static final int MAX_ID = 4096;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final ResourceId resource;
    private final SessionKey key;
    private final SessionEnds ends;
    private final InstantSource clock;

    public Sessions(ResourceId resource, SessionKey key, SessionEnds ends, InstantSource clock) {
        this.resource = resource;
        this.key = key;
        this.ends = ends;
        this.clock = clock;
    }

    /**
     * The session that a request names, or none yet.
     *
     * @param id what the client sent as {@code Mcp-Session-Id}
     * @throws Refused with {@code UnknownSession} if it is not this principal's, or over
     */
    public Session of(VerifiedToken token, Optional<String> id) {
        var principal = principal(token);
        return new Session(this, token, id, id.map(shown -> living(token, open(principal, shown))));
    }

    /** An id for a session that begins now, with this token. */
    String begin(VerifiedToken token, String upstreamId) {
        var content = String.join(
                "\n",
                Long.toString(clock.instant().toEpochMilli()),
                Long.toString(token.issuedAt().toEpochMilli()),
                token.grantId().orElse(""),
                token.sessionId().orElse(""),
                upstreamId);
        return seal(principal(token), content);
    }

    /** The upstream's id, unless the grant, login or connection that the session began with has ended since. */
    private String living(VerifiedToken token, String content) {
        var fields = content.split("\n", FIELDS);
        if (fields.length != FIELDS) {
            throw unknown();
        }
        var began = new SessionEnds.Parts(
                token.issuer(),
                present(fields[2]),
                Optional.of(token.subject()),
                Optional.of(token.clientId()),
                present(fields[3]),
                Optional.of(resource.toString()));
        if (ends.ended(began, instant(fields[0]), instant(fields[1]))) {
            throw unknown();
        }
        return fields[FIELDS - 1];
    }

    private static Optional<String> present(String field) {
        return field.isEmpty() ? Optional.empty() : Optional.of(field);
    }

    /** Only what we sealed gets here. */
    private static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    private String seal(byte[] principal, String content) {
        try {
            var nonce = new byte[NONCE];
            RANDOM.nextBytes(nonce);
            var sealed =
                    cipher(Cipher.ENCRYPT_MODE, principal, nonce).doFinal(content.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(ByteBuffer.allocate(NONCE + sealed.length)
                            .put(nonce)
                            .put(sealed)
                            .array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private String open(byte[] principal, String id) {
        if (id.length() > MAX_ID) {
            throw unknown();
        }
        try {
            var bytes = Base64.getUrlDecoder().decode(id);
            if (bytes.length <= NONCE) {
                throw unknown();
            }
            var opened = cipher(Cipher.DECRYPT_MODE, principal, Arrays.copyOf(bytes, NONCE))
                    .doFinal(bytes, NONCE, bytes.length - NONCE);
            return new String(opened, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException | AEADBadTagException _) {
            throw unknown();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private Cipher cipher(int mode, byte[] principal, byte[] nonce) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(principal);
        return cipher;
    }

    /**
     * Each part with its length, so that no two principals read the same. Not the grant: who agrees to more in mid-session
     * gets a new grant, and the client goes on with its session.
     */
    private byte[] principal(VerifiedToken token) {
        var text = new StringBuilder("session 2");
        for (var part : new String[] {resource.toString(), token.issuer(), token.subject(), token.clientId()}) {
            text.append('\n').append(part.length()).append(':').append(part);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Refused unknown() {
        return new Refused(new Refusal.UnknownSession());
    }
}
