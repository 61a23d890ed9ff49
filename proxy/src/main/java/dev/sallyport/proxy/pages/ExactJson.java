package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * JSON for a person who has to know exactly what it says: indented, and with every character visible that could hide
 * something or show it in another order (Unicode categories Cc, Cf, Co, Cn, Zl, Zp, Zs but for the space, and fillers).
 */
final class ExactJson {

    private final Html out = new Html();
    private int oddities;

    private ExactJson() {}

    /** The markup, to stand in a {@code pre}; and how many characters in it are not what they seem. */
    record Shown(Html html, int oddities) {}

    static Shown of(String json) {
        var view = new ExactJson();
        try {
            view.value(JsonText.ofServer(json.getBytes(StandardCharsets.UTF_8)), 0);
        } catch (JsonProblem _) {
            view.text(json);
        }
        return new Shown(view.out, view.oddities);
    }

    /** A text that is no JSON, such as a description, as exactly. */
    static Shown ofText(String text) {
        var view = new ExactJson();
        view.text(text);
        return new Shown(view.out, view.oddities);
    }

    private void value(JsonText json, int depth) {
        switch (json.kind()) {
            case OBJECT -> {
                var members = json.members();
                out.raw(members.isEmpty() ? "{}" : "{");
                for (var i = 0; i < members.size(); i++) {
                    line(depth + 1);
                    quoted(members.get(i).name());
                    out.raw(": ");
                    value(members.get(i).value(), depth + 1);
                    out.raw(i + 1 < members.size() ? "," : "");
                }
                close(members.isEmpty(), depth, "}");
            }
            case ARRAY -> {
                var elements = json.elements();
                out.raw(elements.isEmpty() ? "[]" : "[");
                for (var i = 0; i < elements.size(); i++) {
                    line(depth + 1);
                    value(elements.get(i), depth + 1);
                    out.raw(i + 1 < elements.size() ? "," : "");
                }
                close(elements.isEmpty(), depth, "]");
            }
            case STRING -> quoted(json.string().orElseThrow());
            case NUMBER, BOOLEAN, NULL -> out.text(json.json());
        }
    }

    private void close(boolean empty, int depth, String bracket) {
        if (!empty) {
            line(depth);
            out.raw(bracket);
        }
    }

    private void line(int depth) {
        out.raw("\n" + "  ".repeat(depth));
    }

    private void quoted(String text) {
        out.raw("&quot;");
        text(text.replace("\\", "\\\\").replace("\"", "\\\""));
        out.raw("&quot;");
    }

    private void text(String text) {
        var plain = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (!isOdd(c)) {
                plain.appendCodePoint(c);
                return;
            }
            out.text(plain.toString());
            plain.setLength(0);
            odd(c);
        });
        out.text(plain.toString());
    }

    private void odd(int c) {
        switch (c) {
            case '\n' -> out.raw("<span class=\"esc\">\\n</span>\n");
            case '\t' -> out.raw("<span class=\"esc\">\\t</span>\t");
            case '\r' -> out.raw("<span class=\"esc\">\\r</span>");
            default -> {
                oddities++;
                out.raw("<span class=\"odd\">U+").text(hex(c)).raw("</span>");
            }
        }
    }

    private static String hex(int c) {
        var digits = Integer.toHexString(c).toUpperCase(Locale.ROOT);
        return "0".repeat(Math.max(0, 4 - digits.length())) + digits;
    }

    private static boolean isOdd(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default -> isFiller(c);
        };
    }

    /** Letters, marks and symbols that show nothing: fillers, joiners, variation selectors, the blank braille pattern. */
    private static boolean isFiller(int c) {
        return c == 0x115F
                || c == 0x1160
                || c == 0x3164
                || c == 0xFFA0
                || c == 0x034F
                || c == 0x2800
                || (c >= 0x180B && c <= 0x180F)
                || (c >= 0xFE00 && c <= 0xFE0F)
                || (c >= 0xE0100 && c <= 0xE01EF);
    }
}
