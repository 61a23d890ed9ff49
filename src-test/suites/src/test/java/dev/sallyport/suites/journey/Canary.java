package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;

/** A secret that may be found nowhere, in no shape in which a program writes text down. */
record Canary(String name, String secret) {

    /** Of a token: what is before its last point says the same in many of them, the signature is its own. */
    static String signature(String token) {
        return token.substring(token.lastIndexOf('.') + 1);
    }

    /** Fails, without showing the secret, if {@code text} holds it. */
    void notIn(String where, String text) {
        assertThat(isIn(text)).as(name + " is in " + where).isFalse();
    }

    /** Whether it is there: bare, as UTF-16, in hex, or in Base64 of either alphabet, wherever in a longer text it begins. */
    boolean isIn(String text) {
        return shapes().stream().anyMatch(text::contains);
    }

    private Set<String> shapes() {
        var bytes = secret.getBytes(StandardCharsets.UTF_8);
        var shapes = new LinkedHashSet<String>();
        shapes.add(secret);
        shapes.add(new String(secret.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1));
        shapes.add(HexFormat.of().formatHex(bytes));
        shapes.add(HexFormat.of().withUpperCase().formatHex(bytes));
        for (var skipped = 0; skipped < 3; skipped++) {
            // Only whole groups of three, so that neither neighbour has a part in what is looked for.
            var whole = Arrays.copyOfRange(bytes, skipped, skipped + (bytes.length - skipped) / 3 * 3);
            shapes.add(Base64.getEncoder().encodeToString(whole));
            shapes.add(Base64.getUrlEncoder().encodeToString(whole));
        }
        return shapes;
    }
}
