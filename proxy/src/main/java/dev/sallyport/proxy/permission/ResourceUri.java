package dev.sallyport.proxy.permission;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/**
 * A resource's URI as it was sent, and as the most helpful server would understand it: escapes resolved again and again,
 * backslashes taken for slashes, dot segments and doubled slashes removed. An allow rule has to cover both, a deny rule
 * either, so that no reading of the URI escapes the rules.
 */
record ResourceUri(String sent, String understood) {

    /** More layers of escapes than any honest URI has. */
    private static final int MAX_LAYERS = 4;

    static ResourceUri of(String uri) {
        var plain = uri;
        for (var layer = 0; layer < MAX_LAYERS && plain.indexOf('%') >= 0; layer++) {
            plain = decoded(plain);
        }
        return new ResourceUri(uri, normal(plain.replace('\\', '/')));
    }

    private static String normal(String uri) {
        var scheme = uri.indexOf("://");
        var start = scheme < 0 ? 0 : scheme + 3;
        if (!uri.contains("/.") && uri.indexOf("//", start) < 0 && !uri.startsWith(".", start)) {
            return uri;
        }
        var segments = new ArrayList<String>();
        for (var segment : uri.substring(start).split("/", -1)) {
            switch (segment) {
                case "." -> {}
                case ".." -> {
                    if (!segments.isEmpty()) {
                        segments.removeLast();
                    }
                }
                case "" -> {
                    if (segments.isEmpty()) {
                        segments.add("");
                    }
                }
                default -> segments.add(segment);
            }
        }
        return uri.substring(0, start) + String.join("/", segments) + (uri.endsWith("/") ? "/" : "");
    }

    /** One layer of escapes resolved; what is no escape, or no UTF-8 when resolved, stays. */
    private static String decoded(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var plain = ByteBuffer.allocate(bytes.length);
        var i = 0;
        while (i < bytes.length) {
            var high = i + 2 < bytes.length && bytes[i] == '%' ? hex(bytes[i + 1]) : -1;
            var low = high >= 0 ? hex(bytes[i + 2]) : -1;
            plain.put(low >= 0 ? (byte) (high << 4 | low) : bytes[i]);
            i += low >= 0 ? 3 : 1;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(plain.flip()).toString();
        } catch (CharacterCodingException _) {
            return text;
        }
    }

    private static int hex(byte b) {
        return b < 0 ? -1 : Character.digit((char) b, 16);
    }
}
