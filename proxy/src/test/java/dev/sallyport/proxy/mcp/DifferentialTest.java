package dev.sallyport.proxy.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of odd bodies, the same in every run: whoever reads what we let through calls the same tool. */
class DifferentialTest {

    private static final List<String> NAMES = List.of(
            "\"jsonrpc\"",
            "\"id\"",
            "\"method\"",
            "\"params\"",
            "\"name\"",
            "\"arguments\"",
            "\"uri\"",
            "\"_meta\"",
            "\"Method\"",
            "\"METHOD\"",
            "\"m\\u0065thod\"",
            "\"param\u017F\"",
            "\"Name\"",
            "\"n\\u0061me\"",
            "\"\u212Aey\"",
            "\"name\\u0000\"",
            "\"result\"",
            "\"error\"",
            "\"ID\"",
            "\"\"",
            "\"x\"",
            "name",
            "'name'");
    private static final List<String> VALUES = List.of(
            "\"2.0\"",
            "1",
            "\"1\"",
            "\"tools/call\"",
            "\"get\"",
            "\"delete\"",
            "\"g\\u0065t\"",
            "\"ge\\t\"",
            "null",
            "true",
            "{}",
            "[]",
            "{\"a\":1}",
            "{\"a\":1,\"a\":2}",
            "1e3",
            "-0",
            "1.0",
            "1e999",
            "123456789012345678901",
            "0x1",
            "01",
            "NaN",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\u00e9\"",
            "\"\\/\"",
            "\"a\nb\"",
            "\"\\u0000\"",
            "tru",
            "\"unclosed");
    private static final List<String> SPACES = List.of("", "", "", " ", "\n", "\t\r", "\u00a0", "/**/", "\uFEFF", "\f");
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get\",\"arguments\":{\"a\":[1,{}]}}}";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nobody_reads_another_call_in_what_we_accept(long seed) {
        var random = new Random(seed);
        var accepted = 0;
        for (var i = 0; i < 4000; i++) {
            var body = random.nextBoolean() ? composed(random) : mutated(random);
            accepted += OtherParsers.agree(body.getBytes(StandardCharsets.UTF_8)) ? 1 : 0;
        }

        assertThat(accepted).isBetween(200, 3800);
    }

    private static String composed(Random random) {
        var body = new StringBuilder("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"");
        if (random.nextInt(4) > 0) {
            body.append(",\"params\":{\"name\":\"get\"");
            members(body, random);
            body.append('}');
        }
        if (random.nextInt(3) == 0) {
            members(body, random);
        }
        return body.append('}').toString();
    }

    private static void members(StringBuilder body, Random random) {
        for (var i = random.nextInt(3); i > 0; i--) {
            body.append(pick(SPACES, random)).append(',').append(pick(SPACES, random));
            body.append(pick(NAMES, random)).append(':').append(pick(VALUES, random));
        }
    }

    private static String mutated(Random random) {
        var body = new StringBuilder(CALL);
        for (var i = random.nextInt(3); i >= 0; i--) {
            var at = random.nextInt(body.length());
            switch (random.nextInt(4)) {
                case 0 -> body.insert(at, pick(SPACES, random));
                case 1 -> body.deleteCharAt(at);
                case 2 -> body.setCharAt(at, (char) random.nextInt(128));
                default -> body.insert(at, pick(VALUES, random));
            }
        }
        return body.toString();
    }

    private static String pick(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
