package dev.sallyport.proxy.mcp;

import java.nio.charset.StandardCharsets;

/**
 * Reads a whole JSON text once and refuses whatever two parsers could read differently: RFC 8259 to the letter, UTF-8 to
 * the letter, no member name twice in an object (compared after escapes are resolved), no NUL in names, bounded depth and
 * numbers. Builds nothing.
 */
final class JsonScanner {

    /** Deeper than any tool argument seen, shallower than what exhausts a parser's stack. */
    static final int MAX_DEPTH = 100;

    private static final int MAX_NUMBER = 100;

    private final byte[] bytes;
    private final boolean loneSurrogates;
    private final NameSet names = new NameSet();
    private int at;

    private JsonScanner(byte[] bytes, boolean loneSurrogates) {
        this.bytes = bytes;
        this.loneSurrogates = loneSurrogates;
    }

    /**
     * Where the one value of the text starts.
     *
     * @param loneSurrogates whether string values (never names) may hold an escaped half of a surrogate pair, as sloppy
     *     servers send when they cut a text
     * @throws JsonProblem if the text is not one JSON value
     */
    static int scan(byte[] bytes, boolean loneSurrogates) {
        var scanner = new JsonScanner(bytes, loneSurrogates);
        scanner.space();
        var start = scanner.at;
        scanner.value(0);
        scanner.space();
        if (scanner.at != bytes.length) {
            throw new JsonProblem("the body holds more than one JSON value");
        }
        return start;
    }

    private void value(int depth) {
        switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> text();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void object(int depth) {
        enter(depth);
        var mark = names.mark();
        if (peek() != '}') {
            while (true) {
                if (peek() != '"') {
                    throw new JsonProblem("a member name must be a string in double quotes");
                }
                if (!names.add(name(), mark, depth)) {
                    throw new JsonProblem("an object has the same member twice");
                }
                space();
                expect(':');
                space();
                value(depth);
                space();
                if (peek() != ',') {
                    break;
                }
                at++;
                space();
            }
        }
        expect('}');
        names.release(mark, depth);
    }

    private void array(int depth) {
        enter(depth);
        if (peek() != ']') {
            while (true) {
                value(depth);
                space();
                if (peek() != ',') {
                    break;
                }
                at++;
                space();
            }
        }
        expect(']');
    }

    private void enter(int depth) {
        if (depth > MAX_DEPTH) {
            throw new JsonProblem("nesting is deeper than " + MAX_DEPTH);
        }
        at++;
        space();
    }

    /** Moves behind a string that is a value. */
    private void text() {
        var i = at + 1;
        while (i < bytes.length) {
            var b = bytes[i++];
            if (b == '"') {
                at = i;
                return;
            }
            if (b < 0x20 || b == '\\') {
                at = i;
                character(b, false);
                i = at;
            }
        }
        throw new JsonProblem("the JSON ends too early");
    }

    /** Moves behind a name; answers a hash of its characters after escapes, equal for equal names. */
    private long name() {
        at++;
        var hash = NameSet.SEED;
        while (true) {
            var b = next();
            if (b == '"') {
                return NameSet.finish(hash);
            }
            hash = NameSet.mix(hash, b < 0x20 || b == '\\' ? character(b, true) : b);
        }
    }

    /** Behind a byte that does not stand for itself alone: the code point that it begins. */
    private int character(int b, boolean name) {
        if (b == '\\') {
            return escape(name);
        }
        if (b >= 0) {
            throw new JsonProblem("a string holds a control character that is not escaped");
        }
        return multibyte(b & 0xFF);
    }

    /** Behind a backslash: the code point that the escape stands for. */
    private int escape(boolean name) {
        var b = next();
        var c = switch (b) {
            case '"', '\\', '/' -> b;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hex4();
            default -> throw new JsonProblem("a string holds an unknown escape");
        };
        if (c == 0 && name) {
            throw new JsonProblem("a member name holds NUL");
        }
        if (!Character.isSurrogate((char) c)) {
            return c;
        }
        if (Character.isHighSurrogate((char) c) && lowSurrogateFollows()) {
            at += 2;
            return Character.toCodePoint((char) c, (char) hex4());
        }
        if (name || !loneSurrogates) {
            throw new JsonProblem("a string holds half of a surrogate pair");
        }
        return c;
    }

    private boolean lowSurrogateFollows() {
        if (at + 6 > bytes.length || bytes[at] != '\\' || bytes[at + 1] != 'u') {
            return false;
        }
        var back = at;
        at += 2;
        var low = hex4();
        at = back;
        return Character.isLowSurrogate((char) low);
    }

    private int hex4() {
        var value = 0;
        for (var i = 0; i < 4; i++) {
            var digit = hexDigit(next());
            if (digit < 0) {
                throw new JsonProblem("a \\u escape needs four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** ASCII only: {@link Character#digit} takes digits of other scripts too. */
    private static int hexDigit(int b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        var lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF. */
    private int multibyte(int first) {
        if (first >= 0xC2 && first <= 0xDF) {
            return (first & 0x1F) << 6 | continuation();
        }
        if (first >= 0xE0 && first <= 0xEF) {
            var point = (first & 0x0F) << 12 | continuation() << 6 | continuation();
            if (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF)) {
                throw notUtf8();
            }
            return point;
        }
        if (first >= 0xF0 && first <= 0xF4) {
            var point = (first & 0x07) << 18 | continuation() << 12 | continuation() << 6 | continuation();
            if (point < 0x10000 || point > 0x10FFFF) {
                throw notUtf8();
            }
            return point;
        }
        throw notUtf8();
    }

    private int continuation() {
        var b = next();
        if ((b & 0xC0) != 0x80) {
            throw notUtf8();
        }
        return b & 0x3F;
    }

    private static JsonProblem notUtf8() {
        return new JsonProblem("the body is not UTF-8");
    }

    private void number() {
        var start = at;
        if (at < bytes.length && bytes[at] == '-') {
            at++;
        }
        if (at < bytes.length && bytes[at] == '0') {
            at++;
        } else {
            digits();
        }
        var plain = true;
        if (at < bytes.length && bytes[at] == '.') {
            at++;
            digits();
        }
        if (at < bytes.length && (bytes[at] | 0x20) == 'e') {
            plain = false;
            at++;
            if (at < bytes.length && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digits();
        }
        if (at - start > MAX_NUMBER) {
            throw new JsonProblem("a number is longer than " + MAX_NUMBER + " characters");
        }
        if (!plain && Double.isInfinite(Double.parseDouble(ascii(start, at)))) {
            throw new JsonProblem("a number is too large for a double");
        }
    }

    private void digits() {
        var start = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == start) {
            throw new JsonProblem("this is not JSON");
        }
    }

    private String ascii(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    private void word(String word) {
        for (var i = 0; i < word.length(); i++) {
            if (next() != word.charAt(i)) {
                throw new JsonProblem("this is not JSON");
            }
        }
    }

    private void space() {
        while (at < bytes.length) {
            var b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return;
            }
            at++;
        }
    }

    private void expect(char c) {
        if (next() != c) {
            throw new JsonProblem("this is not JSON");
        }
    }

    private int peek() {
        if (at >= bytes.length) {
            throw new JsonProblem("the JSON ends too early");
        }
        return bytes[at];
    }

    private int next() {
        var b = peek();
        at++;
        return b;
    }
}
