package dev.sallyport.proxy.session;

import dev.sallyport.proxy.secret.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key under which session ids are sealed. Kept in the state folder, readable by its owner only, so that sessions
 * survive a restart; nodes that serve the same clients share a secret, or the file.
 */
public final class SessionKey {

    private static final int BYTES = 32;
    private static final String FILE = "session-key";

    private final SecretKey key;

    private SessionKey(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, "AES");
    }

    /** The key of this folder; made on first use. */
    public static SessionKey in(Path state) {
        var file = state.resolve(FILE);
        try {
            Files.createDirectories(state);
            if (!Files.exists(file)) {
                create(file);
            }
            var bytes = Files.readAllBytes(file);
            if (bytes.length != BYTES) {
                throw new IllegalStateException(file + " does not hold a key of " + BYTES + " bytes: remove it");
            }
            return new SessionKey(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("the session key cannot be kept in " + state, e);
        }
    }

    /** The key that all nodes with this secret share. */
    public static SessionKey of(Secret shared) {
        return new SessionKey(shared.reveal(bytes -> {
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
                return mac.doFinal("sallyport sessions 1".getBytes(StandardCharsets.US_ASCII));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HmacSHA256", e);
            }
        }));
    }

    /** A key that ends with the process. */
    public static SessionKey passing() {
        return new SessionKey(random());
    }

    SecretKey key() {
        return key;
    }

    /** Whole or not at all: another node that starts at the same time reads the one or the other, never half of one. */
    private static void create(Path file) throws IOException {
        var fresh = posix(file)
                ? Files.createTempFile(
                        file.getParent(),
                        FILE,
                        ".new",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : Files.createTempFile(file.getParent(), FILE, ".new");
        try {
            Files.write(fresh, random(), StandardOpenOption.TRUNCATE_EXISTING);
            Files.createLink(file, fresh);
        } catch (FileAlreadyExistsException _) {
            // Another node was first; its key is the key.
        } finally {
            Files.delete(fresh);
        }
    }

    private static boolean posix(Path file) {
        return Set.copyOf(file.getFileSystem().supportedFileAttributeViews()).contains("posix");
    }

    private static byte[] random() {
        var bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
