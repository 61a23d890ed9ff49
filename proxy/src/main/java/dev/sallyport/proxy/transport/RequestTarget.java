package dev.sallyport.proxy.transport;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request in the one spelling that is accepted. Whoever decides on a path and whoever serves it must read
 * the same thing, so there is nothing to normalise here: two spellings of one path, encoded slashes, dot segments, path
 * parameters and the like are refused, never interpreted.
 *
 * @param path begins with a slash; empty segments only at the end
 * @param query without the question mark; visible ASCII
 */
record RequestTarget(String path, Optional<String> query) {

    private static final int MAX = 8192;
    private static final String PLAIN = "-._~!$&'()*+,=:@";

    /** Empty if the target is not spelled canonically, or is not a path at all. */
    static Optional<RequestTarget> of(@Nullable String target) {
        // HTTP/2 has requests without a path: CONNECT.
        if (target == null || target.length() > MAX || target.isEmpty() || target.charAt(0) != '/') {
            return Optional.empty();
        }
        var question = target.indexOf('?');
        var path = question < 0 ? target : target.substring(0, question);
        if (!isCanonical(path)) {
            return Optional.empty();
        }
        if (question < 0) {
            return Optional.of(new RequestTarget(path, Optional.empty()));
        }
        var query = target.substring(question + 1);
        return isVisible(query) ? Optional.of(new RequestTarget(path, Optional.of(query))) : Optional.empty();
    }

    /** The whole target again, with another path. */
    String withPath(String other) {
        return query.map(text -> other + "?" + text).orElse(other);
    }

    private static boolean isCanonical(String path) {
        var segmentStart = 1;
        for (var at = 1; at <= path.length(); at++) {
            if (at < path.length() && path.charAt(at) != '/') {
                var skipped = charactersOf(path, at);
                if (skipped == 0) {
                    return false;
                }
                at += skipped - 1;
            } else {
                var last = at == path.length();
                if (isDots(path, segmentStart, at) || (at == segmentStart && !last)) {
                    return false;
                }
                segmentStart = at + 1;
            }
        }
        return true;
    }

    /** How many characters the next one takes in the path: 1, or 3 for an encoded octet; 0 if it may not stand there. */
    private static int charactersOf(String path, int at) {
        var c = path.charAt(at);
        if (isAlphanumeric(c) || PLAIN.indexOf(c) >= 0) {
            return 1;
        }
        return c == '%' && isEncodingNeeded(path, at) ? 3 : 0;
    }

    /** An octet that needs its encoding and means nothing to any reader of paths (RFC 3986 section 6.2.2.2). */
    private static boolean isEncodingNeeded(String path, int at) {
        if (at + 2 >= path.length()) {
            return false;
        }
        var high = Character.digit(path.charAt(at + 1), 16);
        var low = Character.digit(path.charAt(at + 2), 16);
        if (high < 0 || low < 0) {
            return false;
        }
        var octet = (char) (high * 16 + low);
        return octet >= 0x20
                && octet != 0x7f
                && !isAlphanumeric(octet)
                && PLAIN.indexOf(octet) < 0
                && "/\\%;?#".indexOf(octet) < 0;
    }

    private static boolean isDots(String path, int start, int end) {
        return (end - start == 1 && path.charAt(start) == '.')
                || (end - start == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.');
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isVisible(String query) {
        return query.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '#');
    }
}
