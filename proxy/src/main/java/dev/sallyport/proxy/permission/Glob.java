package dev.sallyport.proxy.permission;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A pattern of names or URIs. {@code **} is any run of characters; {@code *} the same in names, and in URIs any run without
 * a slash; everything else stands for itself. Matching takes time in proportion to pattern times text, whatever they are.
 */
final class Glob {

    private enum Wild {
        RUN,
        SEGMENT
    }

    /** What stands between wildcards; {@code parts} has one more element than {@code wilds}. */
    private final List<String> parts = new ArrayList<>();

    private final List<Wild> wilds = new ArrayList<>();

    private Glob(String pattern, boolean uri) {
        var literal = new StringBuilder();
        var i = 0;
        while (i < pattern.length()) {
            var c = pattern.charAt(i++);
            if (c != '*') {
                literal.append(c);
                continue;
            }
            var many = i < pattern.length() && pattern.charAt(i) == '*';
            i += many ? 1 : 0;
            parts.add(literal.toString());
            wilds.add(many || !uri ? Wild.RUN : Wild.SEGMENT);
            literal.setLength(0);
        }
        parts.add(literal.toString());
    }

    static Glob name(String pattern) {
        return new Glob(pattern, false);
    }

    static Glob uri(String pattern) {
        return new Glob(pattern, true);
    }

    /** For comparing where a near miss must count as a hit: case, compatibility forms and outer space disregarded. */
    static String folded(String text) {
        var ascii = text.chars().allMatch(c -> c < 0x80);
        var normal = ascii ? text : Normalizer.normalize(text, Normalizer.Form.NFKC);
        return normal.strip().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    boolean matches(String text) {
        var first = parts.getFirst();
        if (wilds.isEmpty()) {
            return first.equals(text);
        }
        if (!text.startsWith(first)) {
            return false;
        }
        if (wilds.size() == 1 && parts.getLast().isEmpty()) {
            return wilds.getFirst() == Wild.RUN || text.indexOf('/', first.length()) < 0;
        }
        return search(text, first.length());
    }

    /** All ends that a match up to some part can have, part by part: no backtracking, so no pattern is slow. */
    private boolean search(String text, int start) {
        var ends = new boolean[text.length() + 1];
        ends[start] = true;
        for (var i = 0; i < wilds.size(); i++) {
            var part = parts.get(i + 1);
            var reach = reach(text, ends, wilds.get(i));
            ends = new boolean[text.length() + 1];
            for (var at = 0; at + part.length() <= text.length(); at++) {
                if (reach[at] && text.startsWith(part, at)) {
                    ends[at + part.length()] = true;
                }
            }
        }
        return ends[text.length()];
    }

    private static boolean[] reach(String text, boolean[] from, Wild wild) {
        var reach = new boolean[from.length];
        var open = false;
        for (var at = 0; at < from.length; at++) {
            open |= from[at];
            reach[at] = open;
            if (wild == Wild.SEGMENT && at < text.length() && text.charAt(at) == '/') {
                open = false;
            }
        }
        return reach;
    }
}
