package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.DELETE;
import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A message that two parsers read differently is refused, not forwarded (CVE-2026-27896). */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class AmbiguousMessageTest {

    private static final String HEAD = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":";

    static Stream<String> messages() {
        return Stream.of(
                // The last or the first of two keys: parsers differ.
                HEAD + "{\"name\":\"list_things\",\"name\":\"delete_thing\"}}",
                HEAD + "{\"name\":\"delete_thing\",\"name\":\"list_things\"}}",
                HEAD + "{\"name\":\"list_things\",\"n\\u0061me\":\"delete_thing\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"method\":\"tools/call\",\"params\":{\"name\":\"delete_thing\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"params\":{\"name\":\"list_things\"},\"method\":\"tools/call\",\"params\":{\"name\":\"delete_thing\"}}",
                // Parsers that ignore case, and those that fold characters.
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"Method\":\"tools/call\",\"params\":{\"name\":\"delete_thing\"}}",
                HEAD + "{\"name\":\"list_things\",\"Name\":\"delete_thing\"}}",
                HEAD + "{\"name\":\"list_things\"},\"Params\":{\"name\":\"delete_thing\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"param\\u017f\":{\"name\":\"delete_thing\"},\"params\":{\"name\":\"list_things\"}}",
                // Text that ends early in some languages, or is trimmed.
                HEAD + "{\"name\":\"delete_thing\\u0000list_\"}}",
                HEAD + "{\"name\":\" delete_thing\"}}",
                HEAD + "{\"name\":\"delete_thing\\n\"}}",
                HEAD + "{\"name\":[\"delete_thing\"]}}",
                HEAD + "{\"name\":null}}",
                // More than one message.
                "[" + LIST + "," + DELETE + "]",
                "[" + DELETE + "]",
                LIST + DELETE,
                LIST + "\n" + DELETE,
                // No JSON, or not JSON-RPC.
                LIST.replace("\"", "'"),
                "/* x */" + DELETE,
                LIST.substring(0, LIST.length() - 1) + ",}",
                LIST.replace("\"id\":", "\"id\":0x"),
                "\ufeff" + DELETE,
                DELETE.replace("2.0", "1.0"),
                "{}",
                "null",
                "");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void an_ambiguous_message_is_refused_and_not_sent(String message, Target target) {
        var answer = target.post(target.reader(), message);

        assertThat(answer.status()).isBetween(400, 403);
        target.nothingWasSent();
    }

    @Test
    void a_method_in_a_header_that_differs_from_the_body_is_refused(Target target) {
        var answer = target.post(
                target.reader(),
                DELETE,
                "MCP-Protocol-Version",
                "2026-07-28",
                "Mcp-Method",
                "tools/list",
                "Mcp-Name",
                "list_things");

        assertThat(answer.status()).isBetween(400, 403);
        target.nothingWasSent();
    }

    @Test
    void a_body_deeper_than_any_message_needs_is_refused(Target target) {
        var deep = HEAD + "{\"name\":\"list_things\",\"arguments\":{\"a\":" + "[".repeat(20_000) + "]".repeat(20_000)
                + "}}}";

        var answer = target.post(target.reader(), deep);

        assertThat(answer.status()).isBetween(400, 413);
        target.nothingWasSent();
    }

    @Test
    void a_body_beyond_the_limit_is_refused(Target target) {
        var big = HEAD + "{\"name\":\"list_things\",\"arguments\":{\"a\":\"" + "x".repeat(5 * 1024 * 1024) + "\"}}}";

        var answer = target.post(target.reader(), big);

        assertThat(answer.status()).isEqualTo(413);
        target.nothingWasSent();
    }
}
