package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.vault.KeyRing.MasterKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The key ring as text: a first line that names the format, then one line a key ({@code id from base64}), the last one in force
 * being the active one. Where there can be but one line, a semicolon ends each.
 */
final class KeyRingText {

    private static final String FORMAT = "sallyport-key-ring 1";

    private KeyRingText() {}

    /** @throws VaultProblem in words, with {@code where} and nothing of the text */
    static KeyRing read(String text, String where) {
        var lines = List.of(text.split("\\r?\\n|;", -1));
        if (!lines.getFirst().strip().equals(FORMAT)) {
            throw new VaultProblem(where + " is not a Sallyport key ring. Restore it from your backup.");
        }
        var keys = new ArrayList<MasterKey>();
        for (var line : lines.subList(1, lines.size())) {
            if (!line.isBlank()) {
                keys.add(key(line.strip(), where));
            }
        }
        return new KeyRing(keys);
    }

    private static MasterKey key(String line, String where) {
        var parts = line.split(" ", -1);
        try {
            if (parts.length == 3) {
                var key = Secret.of(Base64.getDecoder().decode(parts[2]));
                return new MasterKey(parts[0], key, Instant.parse(parts[1]));
            }
        } catch (IllegalArgumentException | DateTimeException _) {
            // Falls through to the sentence below: the cause would hold key material.
        }
        throw new VaultProblem(where + " is damaged. Restore it from your backup.");
    }

    static String write(KeyRing ring) {
        var text = new StringBuilder(FORMAT).append('\n');
        for (var key : ring.keys()) {
            text.append(key.id()).append(' ').append(key.from()).append(' ');
            text.append(key.key().<String>reveal(bytes -> Base64.getEncoder().encodeToString(bytes)));
            text.append('\n');
        }
        return text.toString();
    }
}
