package dev.sallyport.proxy.mcp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Text in the headers that repeat parts of a body (MCP 2026-07-28, Streamable HTTP, value encoding). */
public final class HeaderText {

    private static final String START = "=?base64?";
    private static final String END = "?=";

    private HeaderText() {}

    /** The text as it may stand in a header. */
    public static String encoded(String text) {
        var plain = !text.isEmpty()
                && isPlain(text)
                && text.strip().equals(text)
                && !(text.startsWith(START) && text.endsWith(END));
        return plain ? text : START + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + END;
    }

    /** What a header says; empty if it is not plain ASCII, or not the encoding of any text. */
    public static Optional<String> decoded(String header) {
        if (!isPlain(header)) {
            return Optional.empty();
        }
        if (!header.startsWith(START) || !header.endsWith(END) || header.length() < START.length() + END.length()) {
            return Optional.of(header);
        }
        var inner = header.substring(START.length(), header.length() - END.length());
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(inner)))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException _) {
            return Optional.empty();
        }
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(each -> each == '\t' || (each >= ' ' && each <= '~'));
    }
}
