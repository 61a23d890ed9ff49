package dev.sallyport.proxy.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One value inside a JSON text that was read strictly: no member twice, nothing that two parsers read differently. It
 * stays bytes; members are found by walking them, and a tree is built only on demand.
 */
public final class JsonText {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final byte[] bytes;
    private final int from;
    private final int to;

    private JsonText(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /**
     * Reads what a client sent.
     *
     * @throws JsonProblem if it is not one JSON value, read strictly
     */
    public static JsonText strict(byte[] bytes) {
        return read(bytes, false);
    }

    /**
     * Reads what a server sent: as strictly, but string values may hold halves of surrogate pairs, since servers cut
     * descriptions anywhere.
     *
     * @throws JsonProblem if it is not one JSON value
     */
    public static JsonText ofServer(byte[] bytes) {
        return read(bytes, true);
    }

    private static JsonText read(byte[] bytes, boolean loneSurrogates) {
        var from = JsonScanner.scan(bytes, loneSurrogates);
        return new JsonText(bytes, from, skip(bytes, from));
    }

    /** What kind of value this is, told by its first byte. */
    public enum Kind {
        OBJECT,
        ARRAY,
        STRING,
        NUMBER,
        BOOLEAN,
        NULL
    }

    /** A name and its value; {@code start} is where the name's first quote stands in the text. */
    public record Member(String name, JsonText value, int start) {}

    public Kind kind() {
        return switch (bytes[from]) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case '"' -> Kind.STRING;
            case 't', 'f' -> Kind.BOOLEAN;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
    }

    /** Where the value's first byte stands in the text it was read from. */
    public int from() {
        return from;
    }

    /** Where the first byte behind the value stands. */
    public int to() {
        return to;
    }

    /** True for the literal {@code true}. */
    public boolean isTrue() {
        return bytes[from] == 't';
    }

    /** The members of an object in their order; none of anything else. */
    public List<Member> members() {
        var members = new ArrayList<Member>();
        if (bytes[from] != '{') {
            return members;
        }
        var at = space(from + 1);
        while (bytes[at] != '}') {
            var nameEnd = skip(bytes, at);
            var value = space(space(nameEnd) + 1);
            var end = skip(bytes, value);
            members.add(new Member(decode(at, nameEnd), new JsonText(bytes, value, end), at));
            at = space(end);
            if (bytes[at] == ',') {
                at = space(at + 1);
            }
        }
        return members;
    }

    /** The elements of an array in their order; none of anything else. */
    public List<JsonText> elements() {
        var elements = new ArrayList<JsonText>();
        if (bytes[from] != '[') {
            return elements;
        }
        var at = space(from + 1);
        while (bytes[at] != ']') {
            var end = skip(bytes, at);
            elements.add(new JsonText(bytes, at, end));
            at = space(end);
            if (bytes[at] == ',') {
                at = space(at + 1);
            }
        }
        return elements;
    }

    /** The value of the member of this name, if this is an object that has it. */
    public Optional<JsonText> member(String name) {
        if (bytes[from] != '{') {
            return Optional.empty();
        }
        var at = space(from + 1);
        while (bytes[at] != '}') {
            var nameEnd = skip(bytes, at);
            var value = space(space(nameEnd) + 1);
            var end = skip(bytes, value);
            if (isNamed(at, nameEnd, name)) {
                return Optional.of(new JsonText(bytes, value, end));
            }
            at = space(end);
            if (bytes[at] == ',') {
                at = space(at + 1);
            }
        }
        return Optional.empty();
    }

    /** Names in ASCII without escapes, as almost all are, are compared in place. */
    private boolean isNamed(int quote, int end, String name) {
        var length = end - quote - 2;
        for (var i = 0; i < length; i++) {
            var b = bytes[quote + 1 + i];
            if (b < 0 || b == '\\') {
                return decode(quote, end).equals(name);
            }
            if (i >= name.length() || b != name.charAt(i)) {
                // An escape further on could still make it equal.
                return escapes(quote + 1 + i, end) && decode(quote, end).equals(name);
            }
        }
        return length == name.length();
    }

    private boolean escapes(int start, int end) {
        for (var i = start; i < end; i++) {
            if (bytes[i] < 0 || bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** The characters of a string, escapes resolved; empty for any other kind. */
    public Optional<String> string() {
        return bytes[from] == '"' ? Optional.of(decode(from, to)) : Optional.empty();
    }

    /** The value as it is written. */
    public String json() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** The value as a tree, built anew on every call. */
    public JsonNode tree() {
        try {
            return MAPPER.readTree(bytes, from, to - from);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** True if the value is written with exactly these bytes. */
    public boolean isWritten(byte[] other) {
        return Arrays.equals(bytes, from, to, other, 0, other.length);
    }

    /** A copy of the value's bytes. */
    public byte[] copy() {
        var copy = new byte[to - from];
        System.arraycopy(bytes, from, copy, 0, copy.length);
        return copy;
    }

    /** Simple case folding, by way of upper case, so that long s and the Kelvin sign meet their letters: names
     * that fold to the same are one name to a case-insensitive parser. */
    public static String fold(String name) {
        var plain = true;
        for (var i = 0; i < name.length() && plain; i++) {
            var c = name.charAt(i);
            plain = c < 0x80 && (c < 'A' || c > 'Z');
        }
        if (plain) {
            return name;
        }
        var folded = new StringBuilder(name.length());
        name.codePoints()
                .map(c -> Character.toLowerCase(Character.toUpperCase(c)))
                .forEach(folded::appendCodePoint);
        return folded.toString();
    }

    @Override
    public String toString() {
        return "JsonText[" + kind() + ", " + (to - from) + " bytes]";
    }

    private int space(int at) {
        var i = at;
        while (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t') {
            i++;
        }
        return i;
    }

    /** Behind the value that starts here. The text is known to be sound, so brackets can be counted. */
    private static int skip(byte[] bytes, int start) {
        return switch (bytes[start]) {
            case '"' -> skipString(bytes, start);
            case '{', '[' -> skipNested(bytes, start);
            default -> skipWord(bytes, start);
        };
    }

    private static int skipString(byte[] bytes, int start) {
        var i = start + 1;
        while (bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return i + 1;
    }

    private static int skipNested(byte[] bytes, int start) {
        var depth = 0;
        var i = start;
        do {
            switch (bytes[i]) {
                case '"' -> i = skipString(bytes, i) - 1;
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {}
            }
            i++;
        } while (depth > 0);
        return i;
    }

    private static int skipWord(byte[] bytes, int start) {
        var i = start;
        while (i < bytes.length && ",]} \n\r\t".indexOf(bytes[i]) < 0) {
            i++;
        }
        return i;
    }

    private String decode(int quote, int end) {
        for (var i = quote + 1; i < end - 1; i++) {
            if (bytes[i] == '\\') {
                return unescape(new String(bytes, quote + 1, end - quote - 2, StandardCharsets.UTF_8));
            }
        }
        return new String(bytes, quote + 1, end - quote - 2, StandardCharsets.UTF_8);
    }

    private static String unescape(String text) {
        var plain = new StringBuilder(text.length());
        var i = 0;
        while (i < text.length()) {
            var c = text.charAt(i++);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            var escaped = text.charAt(i++);
            switch (escaped) {
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'u' -> {
                    plain.append((char) Integer.parseInt(text, i, i + 4, 16));
                    i += 4;
                }
                default -> plain.append(escaped);
            }
        }
        return plain.toString();
    }
}
