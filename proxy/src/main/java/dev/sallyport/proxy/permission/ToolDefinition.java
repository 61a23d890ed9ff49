package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;

/**
 * What an MCP server says about a tool, as far as it changes what calling it means: everything that a model or a person
 * reads, and the schemas. {@code digest} does not depend on the order of members or on white space.
 */
record ToolDefinition(String digest, Hints hints) {

    private static final Set<String> IRRELEVANT = Set.of("icons", "_meta");

    static ToolDefinition of(JsonText definition) {
        var sha256 = sha256();
        digest(definition, sha256, true);
        var digest = HexFormat.of().formatHex(sha256.digest(), 0, 16);
        return new ToolDefinition(digest, Hints.of(definition.member("annotations")));
    }

    /** Lengths go first, so that no two definitions run into the same bytes. */
    private static void digest(JsonText json, MessageDigest sha256, boolean top) {
        switch (json.kind()) {
            case OBJECT -> {
                sha256.update((byte) '{');
                json.members().stream()
                        .filter(member -> !top || !IRRELEVANT.contains(member.name()))
                        .sorted(Comparator.comparing(JsonText.Member::name))
                        .forEach(member -> {
                            text(member.name(), sha256);
                            digest(member.value(), sha256, false);
                        });
                sha256.update((byte) '}');
            }
            case ARRAY -> {
                sha256.update((byte) '[');
                json.elements().forEach(element -> digest(element, sha256, false));
                sha256.update((byte) ']');
            }
            case STRING -> {
                sha256.update((byte) '"');
                text(json.string().orElseThrow(), sha256);
            }
            case NUMBER, BOOLEAN, NULL -> text(json.json(), sha256);
        }
    }

    private static void text(String text, MessageDigest sha256) {
        var bytes = text.getBytes(StandardCharsets.UTF_16BE);
        sha256.update((byte) 'T');
        for (var shift = 24; shift >= 0; shift -= 8) {
            sha256.update((byte) (bytes.length >>> shift));
        }
        sha256.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
