package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceUriTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "notes://1             | notes://1",
                "%66ile:///x           | file:///x",
                "a%20b                 | a b",
                "a%2                   | a%2",
                "a%                    | a%",
                "a%zz%2g%g2            | a%zz%2g%g2",
                "a%ffb                 | a%ffb",
                "a%25252e              | a.",
                "a%2525252e            | a.",
                "a%252525252e          | a%2e",
                "a\\b                  | a/b",
                "n://a/./b             | n://a/b",
                "n://a/x/../b          | n://a/b",
                "n://../../b           | n://b",
                "n://a//b              | n://a/b",
                "n://a/..%2f..%2fb/    | n://b/",
                "../b                  | b",
                "://a                  | ://a",
                "/a//b                 | /a/b",
            })
    void it_is_understood_as_the_most_helpful_server_would(String uri, String understood) {
        assertThat(ResourceUri.of(uri)).isEqualTo(new ResourceUri(uri, understood));
    }

    /** A zero in either digit of an escape is an escape all the same. */
    @ParameterizedTest
    @CsvSource({"9", "1"})
    void control_characters_are_resolved_too(String digit) {
        assertThat(ResourceUri.of("a%0" + digit + "b").understood())
                .isEqualTo("a" + (char) Integer.parseInt(digit) + "b");
    }
}
