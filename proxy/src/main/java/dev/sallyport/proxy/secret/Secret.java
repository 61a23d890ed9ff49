package dev.sallyport.proxy.secret;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * Bytes that must not be printed. Search for {@code reveal(} to find every place that reads them.
 *
 * <p>It guarantees that no log line, record, exception or debugger view shows the value by accident. It does not
 * guarantee that the bytes leave memory at a known time: {@link #wipe()} does so for this copy only.
 */
public final class Secret {

    private final byte[] value;

    private Secret(byte[] value) {
        this.value = value;
    }

    /** Copies the bytes; the caller wipes its own. */
    public static Secret of(byte[] value) {
        return new Secret(value.clone());
    }

    /** For text that is a {@code String} already, because a library made it so; UTF-8. */
    public static Secret of(String value) {
        return new Secret(value.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if the characters are not valid UTF-16 */
    public static Secret of(char[] value) {
        var bytes = ByteBuffer.allocate(value.length * 3);
        var result = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value), bytes, true);
        try {
            if (result.isError()) {
                throw new IllegalArgumentException("the secret is not valid text");
            }
            return new Secret(Arrays.copyOf(bytes.array(), bytes.position()));
        } finally {
            Arrays.fill(bytes.array(), (byte) 0);
        }
    }

    /** Hands out a copy, which is wiped when {@code use} returns. */
    public <T> T reveal(Function<byte[], T> use) {
        var copy = value.clone();
        try {
            return use.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** The value as text, for an interface that takes nothing but a {@code String} (a header of an HTTP library). */
    public String revealText() {
        return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(value)).toString();
    }

    /** Compares in time that depends on the length only. */
    public boolean matches(Secret other) {
        return MessageDigest.isEqual(value, other.value);
    }

    public int length() {
        return value.length;
    }

    /** The first eight bytes of the SHA-256 in hex: enough to tell two secrets apart in a log, useless to guess one. */
    public String fingerprint() {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(value);
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Overwrites the bytes; the secret is empty of meaning afterwards. */
    public void wipe() {
        Arrays.fill(value, (byte) 0);
    }

    @Override
    public String toString() {
        return "Secret[redacted]";
    }
}
