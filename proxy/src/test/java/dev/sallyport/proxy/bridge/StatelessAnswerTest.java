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
        assertThat(answer(error, "tools/call")).isEqualTo(error);
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
