package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.settings.PermissionSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The last that passes, and the first that does not. */
class EdgeTableTest {

    private static final String MODERN = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}";

    private final PolicyTable everything = table(
                    set("all").tools("*").resources("**").prompts("*").methods("**"))
            .with("all");

    @Test
    void a_name_may_have_8192_characters_and_any_that_are_not_for_control() {
        everything.allowTool("x".repeat(8192), "a b", "a~b", "a\u0080b", "");

        assertThat(code("tools/call", "{\"name\":\"" + "x".repeat(8193) + "\"}"))
                .isEqualTo(MessageReader.INVALID_PARAMS);
        assertThat(code("resources/read", "{\"uri\":\"" + "x".repeat(8193) + "\"}"))
                .isEqualTo(MessageReader.INVALID_PARAMS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u0001", "\\u001f", "\\u007f", "\\n"})
    void a_control_character_in_a_name_is_nobodys_name(String character) {
        assertThat(code("tools/call", "{\"name\":\"a" + character + "b\"}")).isEqualTo(MessageReader.INVALID_PARAMS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tools/call | {}",
                "tools/call | {\"name\":1}",
                "prompts/get | {\"uri\":\"x\"}",
                "resources/read | {\"name\":\"x\"}",
                "resources/subscribe | {}",
                "resources/unsubscribe | {\"uri\":null}",
                "completion/complete | {}",
                "completion/complete | {\"ref\":{\"type\":\"ref/tool\",\"name\":\"x\"}}",
                "completion/complete | {\"ref\":{\"type\":\"ref/prompt\",\"uri\":\"x\"}}",
                "completion/complete | {\"ref\":{\"type\":\"ref/resource\",\"name\":\"x\"}}",
                "subscriptions/listen | {\"notifications\":{\"resourceSubscriptions\":[1]}}",
            })
    void what_does_not_say_what_it_is_about_is_no_message(String method, String params) {
        assertThat(code(method, params)).isEqualTo(MessageReader.INVALID_PARAMS);
    }

    @Test
    void a_modern_client_subscribes_in_another_way_and_is_told_so() {
        assertThat(code("resources/subscribe", "{" + MODERN + "}")).isEqualTo(MessageReader.METHOD_NOT_FOUND);
        assertThat(code("resources/unsubscribe", "{" + MODERN + "}")).isEqualTo(MessageReader.METHOD_NOT_FOUND);
        everything
                .allowParams("resources/subscribe", "{\"uri\":\"notes://1\"," + MODERN + "}")
                .allowParams("resources/subscribe", "{\"uri\":\"notes://1\",\"_meta\":{}}");
    }

    @Test
    void a_uri_is_read_through_four_layers_of_escapes_and_to_its_last_character() {
        table(set("some").resources("notes://**").denyResources("notes://s", "notes://s/**"))
                .with("some")
                .denyResource("notes://s", "notes://%73", "notes://%2573", "notes://%252573", "notes://%25252573")
                .allowResource("notes://%2525252573", "notes://%7", "notes://%");
    }

    @Test
    void dot_segments_and_doubled_slashes_lead_around_nothing_wherever_they_stand() {
        table(set("some")
                        .resources("**")
                        .denyResources("notes://secret/**", "notes://locked/", "urn/secret", "/secret"))
                .with("some")
                .denyResource("notes://./secret/1", "notes://../secret/1", "notes://a/../../secret/1")
                .denyResource("notes://secret/./1", "notes://secret//1", "notes://secret/a/../1")
                .denyResource("notes://x/../locked/", "notes://locked//", "notes://./locked/")
                .denyResource("urn/./secret", "urn//secret", "urn/x/../secret", "./urn/secret", "//secret", "/./secret")
                .allowResource("notes://secre/../t/1", "notes://x/secret/1", "notes://locked", "urn/secret/x", "urn");
    }

    @Test
    void every_hint_counts_by_itself_with_the_specifications_defaults() {
        var said =
                "{\"name\":\"said\",\"annotations\":{\"destructiveHint\":false,\"idempotentHint\":true,\"openWorldHint\":false}}";
        var reads = "{\"name\":\"reads\",\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":true}}";
        var silent = "{\"name\":\"silent\",\"annotations\":{}}";
        var none = "{\"name\":\"none\"}";
        for (var row : new String[][] {
            {"readOnly", "reads"},
            {"!readOnly", "said silent none"},
            {"destructive", "silent none"},
            {"!destructive", "said reads"},
            {"idempotent", "said reads"},
            {"!idempotent", "silent none"},
            {"openWorld", "reads silent none"},
            {"!openWorld", "said"}
        }) {
            var table = table(set("some").hints(row[0])).with("some");
            for (var definition : new String[] {said, reads, silent, none}) {
                table.listed(definition);
            }
            for (var tool : new String[] {"said", "reads", "silent", "none"}) {
                if (java.util.List.of(row[1].split(" ", -1)).contains(tool)) {
                    table.allowTool(tool);
                } else {
                    table.denyTool(tool);
                }
            }
        }
    }

    @Test
    void of_sets_that_would_do_the_milder_effect_comes_before_the_smaller_set() {
        table(
                        set("small").tools("put").effect(PermissionSet.Effect.CHANGE),
                        set("big").tools("put").includes("other").effect(PermissionSet.Effect.READ),
                        set("other").tools("get"))
                .with()
                .stepUpExactly("big", "put")
                .with("small")
                .allowTool("put")
                .stepUpTool("other", "get");
    }

    private int code(String method, String params) {
        return everything.refusal(method, params) instanceof Refusal.BadMessage(var code, var _) ? code : 0;
    }
}
