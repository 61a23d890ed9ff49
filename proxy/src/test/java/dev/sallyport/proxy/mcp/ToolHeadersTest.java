package dev.sallyport.proxy.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolHeadersTest {

    private final ToolHeaders headers = new ToolHeaders();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {"a":"us-west1"}        | us-west1
                {"a":42}                | 42
                {"a":42.0}              | 42
                {"a":true}              | true
                {"a":"Grüße"}           | =?base64?R3LDvMOfZQ==?=
                {"a":"a\\r\\nX-Evil: 1"}  | =?base64?YQ0KWC1FdmlsOiAx?=
                {"a":""}                | =?base64??=
                """)
    void a_value_is_written_so_that_it_can_stand_in_a_header(String arguments, String value) {
        learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}");

        assertThat(headers.of("tool", json(arguments))).containsEntry("Mcp-Param-A", value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":[1]}", "{\"b\":1}"})
    void what_is_not_there_is_no_header(String arguments) {
        learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}");

        assertThat(headers.of("tool", json(arguments))).isEmpty();
    }

    @Test
    void a_value_deep_inside_is_found_and_other_tools_have_none() {
        learn(
                "{\"properties\":{\"a\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"integer\",\"x-mcp-header\":\"B\"}}}}}");

        assertThat(headers.of("tool", json("{\"a\":{\"b\":7}}"))).containsEntry("Mcp-Param-B", "7");
        assertThat(headers.of("other", json("{\"a\":{\"b\":7}}"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"type\":\"string\",\"x-mcp-header\":\"\"",
                "\"type\":\"string\",\"x-mcp-header\":\"A B\"",
                "\"type\":\"string\",\"x-mcp-header\":\"A\\r\\nX\"",
                "\"type\":\"string\",\"x-mcp-header\":7",
                "\"type\":\"number\",\"x-mcp-header\":\"A\"",
                "\"type\":\"object\",\"x-mcp-header\":\"A\"",
                "\"x-mcp-header\":\"A\"",
            })
    void a_tool_that_breaks_the_rules_is_left_out(String property) {
        assertThat(learn("{\"properties\":{\"a\":{" + property + "}}}")).isEqualTo("[]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"properties\":{\"a\":{\"type\":\"array\",\"items\":{@}}}",
                "\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"properties\":{\"b\":{@}}}}}",
                "\"properties\":{\"a\":{\"prefixItems\":[{@}]}}",
                "\"properties\":{\"a\":{\"additionalProperties\":{@}}}",
                "\"oneOf\":[{\"properties\":{\"a\":{@}}}]",
                "\"anyOf\":[{},{\"properties\":{\"a\":{@}}}]",
                "\"allOf\":[{\"properties\":{\"a\":{@}}}]",
                "\"not\":{\"properties\":{\"a\":{@}}}",
                "\"if\":{\"properties\":{\"a\":{@}}}",
                "\"then\":{\"properties\":{\"a\":{@}}}",
                "\"$defs\":{\"a\":{@}},\"properties\":{\"a\":{\"$ref\":\"#/$defs/a\"}}",
                "\"patternProperties\":{\"a\":{@}}",
                "@",
            })
    void an_annotation_that_is_reached_by_more_than_names_leaves_the_tool_out(String schema) {
        var annotated = "\"type\":\"string\",\"x-mcp-header\":\"A\"";

        assertThat(learn('{' + schema.replace("@", annotated) + '}')).isEqualTo("[]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"properties\":{\"x-mcp-header\":{\"type\":\"string\"}}}",
                "{\"$defs\":{\"x-mcp-header\":{\"type\":\"string\"}}}",
                "{\"properties\":{\"a\":{\"default\":{\"x-mcp-header\":\"A\"},\"enum\":[{\"x-mcp-header\":1}]}}}",
                "{\"oneOf\":[{\"properties\":{\"x-mcp-header\":{\"type\":\"string\"}}}],\"items\":true}",
            })
    void a_name_or_a_value_of_the_authors_is_no_annotation(String schema) {
        assertThat(learn(schema)).contains("tool");
        assertThat(headers.of("tool", json("{\"x-mcp-header\":\"x\",\"a\":\"x\"}")))
                .isEmpty();
    }

    @Test
    void a_header_that_is_named_twice_leaves_the_tool_out() {
        assertThat(learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},"
                        + "\"b\":{\"type\":\"string\",\"x-mcp-header\":\"a\"}}}"))
                .isEqualTo("[]");
    }

    @Test
    void a_tool_that_asks_for_nothing_any_more_is_forgotten() {
        learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}");
        learn("{\"properties\":{\"a\":{\"type\":\"string\"}}}");

        assertThat(headers.of("tool", json("{\"a\":\"x\"}"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {"a":"us-west1"}  | us-west1             |
                {"a":"us-west1"}  | =?base64?dXMtd2VzdDE=?= |
                {"a":"us-west1"}  | us-east1             | Mcp-Param-A does not match the body
                {"a":"us-west1"}  | US-WEST1             | Mcp-Param-A does not match the body
                {"a":"us-west1"}  | =?base64?!?=         | Mcp-Param-A does not match the body
                {"a":"us-west1"}  |                      | Mcp-Param-A is missing
                {"a":"Grüße"}     | Grüße                | Mcp-Param-A does not match the body
                {"a":42}          | 42.0                 |
                {"a":42.0}        | 42                   |
                {"a":42}          | 43                   | Mcp-Param-A does not match the body
                {"a":"42"}        | 42.0                 | Mcp-Param-A does not match the body
                {"a":true}        | true                 |
                {"a":null}        |                      |
                {"a":null}        | null                 | Mcp-Param-A does not match the body
                {}                |                      |
                {}                | x                    | Mcp-Param-A does not match the body
                {"a":{"b":1}}     | x                    | Mcp-Param-A does not match the body
                """)
    void headers_of_a_call_have_to_say_what_its_arguments_say(String arguments, String sent, String wrong) {
        learn("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}");
        var given = sent == null ? Map.<String, String>of() : Map.of("mcp-param-a", sent, "mcp-param-other", "any");

        assertThat(headers.disagreement("tool", json(arguments), given)).isEqualTo(Optional.ofNullable(wrong));
        assertThat(headers.disagreement("another", json(arguments), given)).isEmpty();
    }

    /** What is left of a list with one tool of this schema. */
    private String learn(String schema) {
        var list = ("[{\"name\":\"tool\",\"inputSchema\":" + schema + "}]").getBytes(StandardCharsets.UTF_8);
        return new String(headers.learn(list, JsonText.ofServer(list)), StandardCharsets.UTF_8);
    }

    private static Optional<JsonText> json(String text) {
        return Optional.of(JsonText.ofServer(text.getBytes(StandardCharsets.UTF_8)));
    }
}
