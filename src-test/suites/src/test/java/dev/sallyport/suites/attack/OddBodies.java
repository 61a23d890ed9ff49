package dev.sallyport.suites.attack;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Bodies between a sound call and nonsense, the same for the same seed. */
final class OddBodies {

    private static final List<String> METHODS = List.of(
            "\"tools/call\"",
            "\"tools/call\"",
            "\"tools/call\"",
            "\"prompts/get\"",
            "\"resources/read\"",
            "\"x/unknown\"",
            "\"notifications/message\"",
            "\"tools\\/call\"",
            "\"\\u0074ools/call\"",
            "\"Tools/Call\"",
            "\"tools/call \"",
            "[\"tools/call\"]");
    private static final List<String> NAMES = List.of(
            "name",
            "uri",
            "arguments",
            "_meta",
            "cursor",
            "Name",
            "NAME",
            "n\\u0061me",
            "\\u006eame",
            "na\u212Ae",
            "argument\u017F",
            "name\\u0000",
            " name",
            "name\\n",
            "",
            "__proto__",
            "\\u005f_proto__",
            "constructor",
            "prototype",
            "toString",
            "hasOwnProperty",
            "length",
            "0",
            "jsonrpc",
            "id",
            "method",
            "Method",
            "params",
            "Params",
            "result",
            "error",
            "x",
            "\u00e9",
            "e\u0301",
            "\\ud83d\\ude00",
            "\\ud800",
            "\u202e");
    private static final List<String> VALUES = List.of(
            "\"get\"",
            "\"delete\"",
            "\"g\\u0065t\"",
            "\"get\\u0000\"",
            "\" get\"",
            "\"GET\"",
            "\"\uff47et\"",
            "\"ge\\ud800t\"",
            "\"\\ud83d\\ude00\"",
            "\"notes://1\"",
            "\"notes://../1\"",
            "\"NOTES://1\"",
            "\"notes://%31\"",
            "\"\"",
            "null",
            "true",
            "{}",
            "[]",
            "[\"get\"]",
            "{\"a\":1,\"b\":{\"c\":[1,2]}}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"__proto__\":{\"a\":1}}",
            "{\"name\":\"delete\"}",
            "0",
            "-0",
            "1e3",
            "1E+3",
            "1.0",
            "9007199254740993",
            "123456789012345678901234567890",
            "1e308",
            "1e309",
            "-1e999",
            "0.1e-400",
            "01",
            "+1",
            ".5",
            "1.",
            "0x10",
            "NaN",
            "Infinity",
            "'get'",
            "undefined");
    private static final List<String> SPACES =
            List.of("", "", "", "", " ", "\n", "\r\n", "\t", "\u00a0", "\u2028", "\uFEFF", "/**/", "//\n", "\f");

    private final Random random;

    OddBodies(long seed) {
        random = new Random(seed);
    }

    byte[] next() {
        var body = composed();
        for (var i = random.nextInt(4) - 2; i > 0; i--) {
            body = mutated(body);
        }
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        return random.nextInt(25) == 0 ? broken(bytes) : bytes;
    }

    private String composed() {
        var body = new StringBuilder("{\"jsonrpc\":\"2.0\"");
        if (random.nextInt(8) > 0) {
            body.append(",\"id\":").append(random.nextInt(12) == 0 ? pick(VALUES) : "1");
        }
        body.append(space()).append(",\"method\"").append(space()).append(':').append(pick(METHODS));
        if (random.nextInt(8) > 0) {
            body.append(",\"params\":{").append(params()).append('}');
        }
        if (random.nextInt(12) == 0) {
            body.append(',').append(member());
        }
        body.append('}');
        return random.nextInt(20) == 0
                ? "[" + body + "," + body.toString().replace(":1,", ":2,") + "]"
                : body.toString();
    }

    private String params() {
        var params = new StringBuilder(random.nextBoolean() ? "\"name\":\"get\"" : "\"uri\":\"notes://1\"");
        for (var i = random.nextInt(4); i > 0; i--) {
            params.append(space()).append(',').append(space()).append(member());
        }
        if (random.nextInt(2) == 0) {
            params.append(",\"arguments\":").append(arguments());
        }
        return params.toString();
    }

    private String arguments() {
        if (random.nextInt(12) == 0) {
            var depth = 90 + random.nextInt(20);
            return "{\"deep\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
        }
        if (random.nextInt(6) == 0) {
            return pick(VALUES);
        }
        var arguments = new StringBuilder("{\"a\":1");
        for (var i = random.nextInt(3); i > 0; i--) {
            arguments.append(',').append(member());
        }
        return arguments.append('}').toString();
    }

    private String member() {
        return "\"" + name() + "\"" + space() + ":" + space() + value();
    }

    private String mutated(String text) {
        var body = new StringBuilder(text);
        var at = random.nextInt(body.length());
        switch (random.nextInt(5)) {
            case 0 -> body.insert(at, pick(SPACES));
            case 1 -> body.deleteCharAt(at);
            case 2 -> body.setCharAt(at, (char) random.nextInt(128));
            case 3 -> body.insert(at, pick(VALUES));
            default -> body.append(pick(SPACES)).append(pick(VALUES));
        }
        return body.toString();
    }

    /** Bytes that are no UTF-8, or that only some decoders take for characters. */
    private byte[] broken(byte[] bytes) {
        var odd = List.of(
                new byte[] {(byte) 0xC0, (byte) 0xA2},
                new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                new byte[] {(byte) 0xFF},
                new byte[] {(byte) 0xE2, (byte) 0x82},
                new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF},
                new byte[] {0});
        var at = random.nextInt(bytes.length);
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(odd.get(random.nextInt(odd.size())));
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    private String space() {
        return random.nextInt(40) == 0 ? pick(SPACES) : random.nextInt(4) == 0 ? " " : "";
    }

    /** Half of the values are such as nobody would wonder about, or hardly anything would get through. */
    private String value() {
        return random.nextBoolean() ? "\"v" + random.nextInt(100) + "\"" : pick(VALUES);
    }

    private String name() {
        return random.nextBoolean() ? "m" + random.nextInt(100) : pick(NAMES);
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
