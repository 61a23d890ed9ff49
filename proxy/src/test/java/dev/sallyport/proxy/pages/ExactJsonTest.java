package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExactJsonTest {

    @Test
    void it_is_laid_out_for_reading() {
        var shown = ExactJson.of("{\"b\":[1,true,null],\"a\":{},\"c\":[],\"d\":{\"e\":\"x\"}}");

        assertThat(shown.html().toString().replace("&quot;", "\"")).isEqualTo("""
                {
                  "b": [
                    1,
                    true,
                    null
                  ],
                  "a": {},
                  "c": [],
                  "d": {
                    "e": "x"
                  }
                }""");
        assertThat(shown.oddities()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "200b, zero width space",
        "202e, right-to-left override",
        "2066, left-to-right isolate",
        "00a0, no-break space",
        "feff, byte order mark",
        "0000, nul",
        "001b, escape",
        "2028, line separator",
        "e0041, tag letter A",
        "fe0f, variation selector",
        "3164, hangul filler",
        "2800, blank braille",
        "00ad, soft hyphen",
        "e000, private use",
        "d800, half a pair",
    })
    void what_does_not_show_is_shown_by_its_number(String hex, String name) {
        var c = Integer.parseInt(hex, 16);
        var text = new StringBuilder().appendCodePoint(c).toString();

        var shown = ExactJson.ofText("a" + text + "b");

        assertThat(shown.html().toString())
                .as(name)
                .isEqualTo("a<span class=\"odd\">U+" + hex.toUpperCase(java.util.Locale.ROOT) + "</span>b");
        assertThat(shown.oddities()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Grüße", "こんにちは", "עברית", "👍", "a\u0301"})
    void what_people_write_stays(String text) {
        assertThat(ExactJson.ofText(text).html().toString()).isEqualTo(text);
    }

    @Test
    void an_escape_in_the_json_hides_nothing() {
        assertThat(ExactJson.of("\"\\u202e\\n\\\\n\\\"<b>\"").html().toString())
                .isEqualTo(
                        "&quot;<span class=\"odd\">U+202E</span><span class=\"esc\">\\n</span>\n\\\\n\\&quot;&lt;b&gt;&quot;");
    }

    @Test
    void no_text_becomes_markup_or_loses_a_character() {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++) {
            var text = new StringBuilder();
            for (var length = random.nextInt(12); length > 0; length--) {
                text.appendCodePoint(
                        random.nextInt(3) == 0 ? "<>&\"'\\{}".charAt(random.nextInt(8)) : random.nextInt(0x3000));
            }

            var html = ExactJson.ofText(text.toString()).html().toString();

            var back = html.replaceAll("<span class=\"odd\">U\\+[0-9A-F]{4,6}</span>", "?")
                    .replaceAll("<span class=\"esc\">\\\\n</span>\n", "?")
                    .replaceAll("<span class=\"esc\">\\\\t</span>\t", "?")
                    .replaceAll("<span class=\"esc\">\\\\r</span>", "?");
            assertThat(back).doesNotContain("<").doesNotContain(">");
            var plain = back.replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&#39;", "'")
                    .replace("&amp;", "&");
            assertThat(plain.codePointCount(0, plain.length())).isEqualTo(text.codePointCount(0, text.length()));
        }
    }
}
