package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatelessAnswerTest {

    private static String answer(String json, String method) {
        return new String(StatelessAnswer.of(json.getBytes(StandardCharsets.UTF_8), method), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"-32601, 404", "-32021, 400", "-32602, 200", "-32603, 200"})
    void errors_have_the_http_status_that_this_revision_gives_them(String code, int status) {
        assertThat(StatelessAnswer.status(Rewrite.utf8("{\"id\":1,\"error\":{\"code\":" + code + "}}")))
                .isEqualTo(status);
    }

    @Test
    void a_client_that_opens_no_pages_is_told_which_capability_it_lacks() {
        var answer = StatelessAnswer.pagesNeeded("7");

        assertThat(StatelessAnswer.status(answer)).isEqualTo(400);
        assertThat(new String(answer, StandardCharsets.UTF_8))
                .contains("\"id\":7", "-32021", "\"requiredCapabilities\":{\"elicitation\":{\"url\":{}}}");
    }

    /** MCP 2026-07-28, error codes: what others allocated there must not be said. */
    @ParameterizedTest
    @CsvSource({
        "-32019, -32019",
        "-32020, -32603",
        "-32022, -32603",
        "-32042, -32603",
        "-32099, -32603",
        "-32100, -32100",
        "-32601, -32601",
    })
    void codes_that_this_revision_reserves_are_not_left_to_older_servers(String code, String said) {
        assertThat(answer("{\"id\":1,\"error\":{\"code\":" + code + ",\"message\":\"no\"}}", "tools/call"))
                .isEqualTo("{\"id\":1,\"error\":{\"code\":" + said + ",\"message\":\"no\"}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {"result":{},"id":1}                                   | tools/call     | {"resultType":"complete"}
                {"id":1,"result":{"a":[1, 2]}}                         | tools/call     | {"resultType":"complete","a":[1, 2]}
                {"id":1,"result":{"tools":[]}}                         | tools/list     | {"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[]}
                {"id":1,"result":{"ttlMs":9999,"cacheScope":"public"}} | resources/read | {"resultType":"complete","ttlMs":0,"cacheScope":"private"}
                """)
    void a_result_says_that_it_is_complete_and_how_long_it_holds(String json, String method, String result) {
        assertThat(answer(json, method)).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}");
    }

    @Test
    void an_older_server_cannot_speak_in_our_place() {
        assertThat(answer(
                        "{\"id\":1,\"result\":{\"resultType\":\"input_required\",\"inputRequests\":{\"a\":{}},"
                                + "\"requestState\":\"sallyport2.x\",\"content\":[]}}",
                        "tools/call"))
                .doesNotContain("input_required", "inputRequests", "requestState")
                .contains("\"content\":[]");
    }

    @Test
    void a_resource_that_is_not_there_has_the_code_of_this_revision() {
        var error = "{\"id\":1,\"error\":{\"code\":-32002,\"message\":\"no\"}}";

        assertThat(answer(error, "resources/read")).contains("-32602");
        assertThat(answer(error, "tools/call")).contains("-32603").doesNotContain("-32002");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {"error":{"code":-32042,"data":{"elicitations":[{"url":"https://a.example/","message":"Open"}]}}} | 1
                {"error":{"code":-32042,"data":{"elicitations":[{"url":"https://a/"},{"url":"https://b/"}]}}}     | 2
                {"error":{"code":-32042,"data":{"elicitations":[{"message":"no address"}]}}}                      | 0
                {"error":{"code":-32042}}                                                                         | 0
                {"error":{"code":-32000,"data":{"elicitations":[{"url":"https://a.example/"}]}}}                  | 0
                {"half":                                                                                          | 0
                """)
    void an_error_that_asks_for_pages_becomes_questions(String json, int pages) {
        assertThat(StatelessAnswer.pages(json.getBytes(StandardCharsets.UTF_8)))
                .hasSize(pages)
                .allSatisfy((_, request) ->
                        assertThat(request).contains("elicitation/create", "\"mode\":\"url\"", "https://"));
    }
}
