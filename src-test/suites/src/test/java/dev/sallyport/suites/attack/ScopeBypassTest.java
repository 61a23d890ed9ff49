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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A grant to read deletes nothing, on whatever way the call comes (CVE-2026-49291, CVE-2026-14537, CVE-2026-84360,
 * CVE-2026-101084).
 */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class ScopeBypassTest {

    @Test
    void a_call_beyond_the_grant_is_refused_before_anything_is_sent(Target target) {
        var answer = target.post(target.reader(), DELETE);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("WWW-Authenticate").orElseThrow())
                .contains("error=\"insufficient_scope\"")
                .contains("alpha:delete")
                .contains("alpha:read");
        target.nothingWasSent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "1999-01-01"})
    void no_protocol_revision_is_a_way_round(String revision, Target target) {
        var answer = target.post(
                target.reader(),
                DELETE,
                "MCP-Protocol-Version",
                revision,
                "Mcp-Method",
                "tools/call",
                "Mcp-Name",
                "delete_thing");

        assertThat(answer.status()).isIn(400, 403);
        assertThat(target.alpha().received())
                .noneMatch(request -> request.body().contains("delete_thing"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/json-rpc",
                "application/json; charset=utf-16",
                "application/vnd.mcp+json"
            })
    void no_content_type_is_a_way_round(String contentType, Target target) {
        var answer = dev.sallyport.testkit.client.Http.send(
                dev.sallyport.testkit.client.Http.request(target.gate().server("alpha"))
                        .header("Authorization", "Bearer " + target.reader())
                        .header("Content-Type", contentType)
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(DELETE)));

        assertThat(answer.status()).isIn(400, 403, 415);
        target.nothingWasSent();
    }

    static Stream<String> otherMethods() {
        return Stream.of(
                "resources/read",
                "resources/subscribe",
                "prompts/get",
                "completion/complete",
                "tasks/get",
                "tasks/cancel",
                "tasks/list",
                "tasks/result",
                "tools/call/",
                "Tools/Call",
                "tools\\/call\\u0000",
                "x/unknown",
                "sampling/createMessage",
                "roots/list");
    }

    @ParameterizedTest
    @MethodSource("otherMethods")
    void a_method_that_no_set_names_is_refused(String method, Target target) {
        var message = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method
                + "\",\"params\":{\"name\":\"delete_thing\",\"uri\":\"thing://1\",\"taskId\":\"1\"}}";

        var answer = target.post(target.reader(), message);

        assertThat(answer.status()).isBetween(400, 404);
        target.nothingWasSent();
    }

    @Test
    void a_token_without_scopes_calls_nothing(Target target) {
        var answer = target.post(target.gate().token("alpha"), LIST);

        assertThat(answer.status()).isEqualTo(403);
        target.nothingWasSent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "beta:delete",
                "delete",
                "alpha",
                "alpha:",
                "alpha:*",
                "ALPHA:DELETE",
                "alpha:delete2",
                "alpha:dele"
            })
    void a_scope_that_only_looks_like_it_counts_for_nothing(String scope, Target target) {
        var answer = target.post(target.gate().token("alpha", "alpha:read", scope), DELETE);

        assertThat(answer.status()).isEqualTo(403);
        target.nothingWasSent();
    }

    @Test
    void tools_that_the_grant_does_not_cover_are_not_even_listed(Target target) {
        var answer = target.post(target.reader(), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

        assertThat(answer.body()).contains("list_things").doesNotContain("delete_thing");
    }
}
