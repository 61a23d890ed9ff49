package dev.sallyport.proxy.mcp;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.function.Predicate;

/**
 * SHA-256 over what JSON says: it does not depend on the order of members, on white space, or on how a character is
 * escaped. Numbers count as they are written. Lengths go first, so that no two values run into the same bytes.
 */
public final class JsonDigest {

    private final MessageDigest sha256;

    public JsonDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** Takes a text in. */
    public JsonDigest add(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_16BE);
        sha256.update((byte) 'T');
        for (var shift = 24; shift >= 0; shift -= 8) {
            sha256.update((byte) (bytes.length >>> shift));
        }
        sha256.update(bytes);
        return this;
    }

    /** Takes a value in; of an object only the members whose names pass. */
    public JsonDigest add(JsonText json, Predicate<String> members) {
        switch (json.kind()) {
            case OBJECT -> {
                sha256.update((byte) '{');
                json.members().stream()
                        .filter(member -> members.test(member.name()))
                        .sorted(Comparator.comparing(JsonText.Member::name))
                        .forEach(member -> add(member.name()).add(member.value()));
                sha256.update((byte) '}');
            }
            case ARRAY -> {
                sha256.update((byte) '[');
                json.elements().forEach(this::add);
                sha256.update((byte) ']');
            }
            case STRING -> {
                sha256.update((byte) '"');
                add(json.string().orElseThrow());
            }
            case NUMBER, BOOLEAN, NULL -> add(json.json());
        }
        return this;
    }

    /** Takes a value in, whole. */
    public JsonDigest add(JsonText json) {
        return add(json, _ -> true);
    }

    /** All of it in hex: whoever may choose both of two values must not find two that agree. Ends this digest. */
    public String hex() {
        return HexFormat.of().formatHex(sha256.digest());
    }
}
