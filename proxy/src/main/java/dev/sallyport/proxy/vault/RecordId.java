package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.oauth.ResourceId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/**
 * Whose credential, for what, of which kind. It is the associated data of the record's encryption, so a record that is
 * moved to another user, server, grant or kind does not open there.
 *
 * @param grant the grant that alone may open it, for {@code binding: grant}; empty for {@code binding: user}
 */
public record RecordId(ResourceId resource, String issuer, String subject, String kind, Optional<String> grant) {

    /** What kind of thing a record holds; part of the associated data. */
    public static final String CONNECTION = "connection";

    /** A connection that waits for the grant that it will belong to. */
    static final String OFFERED = "offered connection";

    /** Unambiguous bytes: every part is preceded by its length, so that no two ids encode alike. */
    byte[] associatedData(int formatVersion) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(formatVersion);
            for (var part : new String[] {resource.toString(), issuer, subject, kind, grant.orElse("")}) {
                var utf8 = part.getBytes(StandardCharsets.UTF_8);
                out.writeInt(utf8.length);
                out.write(utf8);
            }
            out.writeBoolean(grant.isPresent());
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    /** The key in the store: a hash, so that a dump of the store names nobody. */
    public String storeKey() {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(associatedData(0));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
