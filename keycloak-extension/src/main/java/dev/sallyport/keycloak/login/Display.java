package dev.sallyport.keycloak.login;

import java.util.Locale;

/**
 * Text of somebody else, made fit to be shown inside one line of our page. What comes out has no control or formatting
 * characters (so it cannot turn the direction of writing), no stacks of combining marks, and a bounded length. Escaping
 * for HTML is the template's.
 */
public final class Display {
    private static final int MARKS_IN_A_ROW = 2;

    private Display() {}

    public static String clean(String text, int length) {
        var out = new StringBuilder();
        var marks = 0;
        var shown = 0;
        for (var i = 0; i < text.length() && shown < length; i += Character.charCount(text.codePointAt(i))) {
            var point = text.codePointAt(i);
            marks = isMark(point) ? marks + 1 : 0;
            if (isBlank(point)) {
                if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
                    out.append(' ');
                    shown++;
                }
            } else if (isVisible(point) && marks <= MARKS_IN_A_ROW) {
                out.appendCodePoint(point);
                shown++;
            }
        }
        var result = out.toString().strip();
        return shown < length ? result : result + "…";
    }

    /** The first letter or digit, large, for a picture that nobody else supplied. */
    public static String initial(String text) {
        return text.codePoints()
                .filter(Character::isLetterOrDigit)
                .mapToObj(point -> Character.toString(point).toUpperCase(Locale.ROOT))
                .findFirst()
                .orElse("?");
    }

    private static boolean isBlank(int point) {
        return Character.isWhitespace(point)
                || Character.isSpaceChar(point)
                // Braille and Hangul fillers look like nothing but count as letters.
                || point == 0x2800
                || point == 0x115F
                || point == 0x1160
                || point == 0x3164
                || point == 0xFFA0;
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static boolean isMark(int point) {
        return switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default -> false;
        };
    }
}
