package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.store.StoreProblem;
import dev.sallyport.proxy.token.TokenFixture;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantFilterTest {

    @Test
    void tools_that_no_granted_set_covers_are_not_listed() {
        var table = table(set("read").tools("get"), set("write").tools("put")).with("read");

        var seen = table.filtered(
                "tools/list",
                "{ \"tools\" : [ {\"name\":\"put\"} , {\"name\":\"get\"},{\"x\":1}] ,\"nextCursor\":\"c\"}");

        assertThat(seen).isEqualTo("{ \"tools\" : [{\"name\":\"get\"}] ,\"nextCursor\":\"c\"}");
    }

    @Test
    void an_answer_that_holds_nothing_to_hide_is_the_very_same_array() {
        var table = table(set("read").tools("*")).with("read");
        var answer = "{\"jsonrpc\":\"2.0\", \"id\":1,\"result\":{\"tools\":[ {\"name\":\"put\"} ]}}"
                .getBytes(StandardCharsets.UTF_8);

        var seen = table.permit("tools/list", "{}").filter().apply(answer);

        assertThat(seen).isSameAs(answer);
    }

    @Test
    void a_list_that_depends_on_the_grant_is_never_for_a_shared_cache() {
        var table = table(set("read").tools("*")).with("read");

        var seen = table.filtered("tools/list", "{\"tools\":[{\"name\":\"a\"}],\"ttlMs\":1,\"cacheScope\":\"public\"}");

        assertThat(seen).isEqualTo("{\"tools\":[{\"name\":\"a\"}],\"ttlMs\":1,\"cacheScope\":\"private\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tools\":[],\"ttlMs\":1}                           | {\"cacheScope\":\"private\",\"tools\":[],\"ttlMs\":1}",
                "{\"tools\":[],\"resultType\":\"complete\"}           | {\"cacheScope\":\"private\",\"tools\":[],\"resultType\":\"complete\"}",
                "{\"tools\":[],\"ttlMs\":1,\"cacheScope\":7}          | {\"tools\":[],\"ttlMs\":1,\"cacheScope\":\"private\"}",
                "{\"tools\":[],\"ttlMs\":1,\"CacheScope\":\"public\"} | {\"cacheScope\":\"private\",\"tools\":[],\"ttlMs\":1,\"CacheScope\":\"private\"}",
                "{\"tools\":[{\"name\":\"b\"}],\"ttlMs\":1}           | {\"cacheScope\":\"private\",\"tools\":[],\"ttlMs\":1}",
                "{\"tools\":[]}                                     | {\"tools\":[]}",
            })
    void a_list_says_that_it_is_private_where_caches_would_read_it(String answer, String seen) {
        var table = table(set("read").tools("a")).with("read");

        assertThat(table.filtered("tools/list", answer)).isEqualTo(seen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"name\":\"get\"}", "\"get\"", "null", "true", "7"})
    void what_should_be_a_list_and_is_none_is_shown_to_nobody(String list) {
        var table = table(set("read").tools("get")).with("read");

        assertThat(table.filtered("tools/list", "{\"tools\":" + list + ",\"x\":1}"))
                .isEqualTo("{\"tools\":[],\"x\":1}");
    }

    @Test
    void a_list_is_not_shown_while_it_cannot_be_told_what_was_agreed_to() {
        var lost = new ToolPins() {
            @Override
            public Pin first(Key key, Pin pin) {
                throw new StoreProblem("lost");
            }

            @Override
            public void replace(Key key, Pin pin) {
                throw new StoreProblem("lost");
            }
        };
        var state = new PermissionState(lost, new LocalRates(System::nanoTime), InstantSource.system());
        var table = table(state, set("read").tools("get")).with("read");
        var answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"get\"}]}}";

        assertThat(apply(table.permit("tools/list", "{}").filter(), answer))
                .contains("\"id\":1", "-32603")
                .doesNotContain("get");
        assertThat(apply(table.permitStream().filter(), answer)).isEmpty();
    }

    @Test
    void lists_are_read_whole_and_calls_up_to_the_largest_notification() {
        var table = table(set("read").tools("get")).with("read");

        assertThat(table.permit("tools/list", "{}").filter().passesEverything()).isFalse();
        assertThat(table.permit("tools/list", "{}").filter().reads()).isEqualTo(Integer.MAX_VALUE);
        assertThat(table.permitStream().filter().reads()).isEqualTo(Integer.MAX_VALUE);
        assertThat(call(table).reads()).isEqualTo(256 * 1024);
        assertThat(call(table).passesEverything()).isFalse();
    }

    @Test
    void resources_templates_and_prompts_are_filtered_like_what_they_lead_to() {
        var table = table(set("read").resources("notes://**").prompts("greet")).with("read");

        assertThat(table.filtered(
                        "resources/list", "{\"resources\":[{\"uri\":\"file:///x\"},{\"uri\":\"notes://1\"}]}"))
                .isEqualTo("{\"resources\":[{\"uri\":\"notes://1\"}]}");
        assertThat(
                        table.filtered(
                                "resources/templates/list",
                                "{\"resourceTemplates\":[{\"uriTemplate\":\"file:///{p}\"},{\"uriTemplate\":\"notes://{id}\"}]}"))
                .isEqualTo("{\"resourceTemplates\":[{\"uriTemplate\":\"notes://{id}\"}]}");
        assertThat(table.filtered("prompts/list", "{\"prompts\":[{\"name\":\"greet\"},{\"name\":\"other\"}]}"))
                .isEqualTo("{\"prompts\":[{\"name\":\"greet\"}]}");
    }

    @Test
    void capabilities_that_the_grant_cannot_use_are_not_announced() {
        var table = table(set("read").tools("*")).with("read");

        var seen = table.filtered(
                "initialize",
                "{\"capabilities\":{\"tools\":{\"listChanged\":true},\"resources\":{},\"prompts\":{},\"completions\":{},"
                        + "\"logging\":{}},\"cacheScope\":\"public\"}");

        assertThat(seen)
                .isEqualTo(
                        "{\"capabilities\":{\"tools\":{\"listChanged\":true},\"logging\":{}},\"cacheScope\":\"private\"}");
    }

    @Test
    void on_a_stream_lists_of_earlier_calls_and_news_of_others_resources_are_filtered_too() {
        var filter = table(set("read").tools("get").resources("notes://1"))
                .with("read")
                .permitStream()
                .filter();

        assertThat(apply(filter, "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{\"tools\":[{\"name\":\"put\"}]}}"))
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{\"tools\":[]}}");
        assertThat(apply(filter, updated("notes://1"))).isEqualTo(updated("notes://1"));
        assertThat(apply(filter, updated("notes://2"))).isEmpty();
        assertThat(apply(filter, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/prompts/list_changed\"}"))
                .isEmpty();
        assertThat(apply(filter, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}"))
                .isNotEmpty();
        assertThat(apply(filter, "not json")).isEmpty();
    }

    @Test
    void an_answer_that_two_parsers_could_read_differently_is_replaced_by_an_error() {
        var table = table(set("read").tools("get")).with("read");
        var answer =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[]},\"result\":{\"tools\":[{\"name\":\"put\"}]}}";

        var seen = apply(table.permit("tools/list", "{}").filter(), answer);

        assertThat(seen).contains("\"id\":1", "-32603").doesNotContain("put");
    }

    @Test
    void every_answer_of_a_batch_is_filtered() {
        var filter = table(set("read").tools("get"))
                .with("read")
                .permitBody(
                        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}]")
                .filter();

        var seen = apply(
                filter,
                "[{\"id\":2,\"result\":{}},{\"id\":1,\"result\":{\"tools\":[{\"name\":\"get\"},{\"name\":\"put\"}]}}]");

        assertThat(seen).isEqualTo("[{\"id\":2,\"result\":{}},{\"id\":1,\"result\":{\"tools\":[{\"name\":\"get\"}]}}]");
    }

    @Test
    void the_result_of_a_call_is_the_tools_own_word() {
        var filter = call(table(set("read").tools("get")).with("read"));
        var answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"put\"}],\"content\":["
                + "{\"type\":\"resource_link\",\"uri\":\"notes://2\"}]}}";

        assertThat(filter.readsAnswers()).isFalse();
        assertThat(apply(filter, answer)).isEqualTo(answer);
    }

    @Test
    void what_a_server_says_beside_a_result_is_filtered_like_on_any_stream() {
        var filter = call(table(set("read").tools("get").resources("notes://1")).with("read"));

        assertThat(apply(filter, updated("notes://1"))).isEqualTo(updated("notes://1"));
        assertThat(apply(filter, updated("notes://2"))).isEmpty();
        assertThat(apply(filter, updated("notes://1\\u002f..\\u002f2"))).isEmpty();
        assertThat(apply(filter, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/prompts/list_changed\"}"))
                .isEmpty();
        assertThat(apply(filter, "{\"jsonrpc\":\"2.0\",\"m\\u0065thod\":\"notifications/prompts/list_changed\"}"))
                .isEmpty();
        assertThat(apply(filter, "[" + updated("notes://2") + ",{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]"))
                .isEqualTo("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":1}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"x\"}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"elicitation/create\",\"params\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sampling/createMessage\",\"params\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"notes://2\"}}",
            })
    void what_a_call_needs_of_its_client_gets_through(String message) {
        assertThat(apply(call(table(set("read").tools("get")).with("read")), message))
                .isEqualTo(message);
    }

    @Test
    void a_task_is_its_beginners_alone() {
        var table = table(set("all").tools("t").methods("tasks/*")).with("all");
        var alice = TokenFixture.token(PolicyTable.RESOURCE, "alice", List.of(), "notes:all");
        var mallory = TokenFixture.token(PolicyTable.RESOURCE, "mallory", List.of(), "notes:all");
        begin(table.as(alice), "{\"task\":{\"taskId\":\"a\",\"status\":\"working\",\"ttl\":60000}}");
        begin(table.as(mallory), "{\"task\":{\"taskId\":\"m\",\"status\":\"working\",\"ttl\":null}}");

        for (var method : List.of("tasks/get", "tasks/result", "tasks/cancel", "tasks/update", "tasks/later")) {
            table.as(alice).allowParams(method, "{\"taskId\":\"a\"}");
            assertThat(table.refusal(method, "{\"taskId\":\"m\"}"))
                    .isEqualTo(table.refusal(method, "{\"taskId\":\"made up\"}"))
                    .isInstanceOf(Refusal.BadMessage.class);
        }
        assertThat(table.refusal("tasks/get", "{}")).isInstanceOf(Refusal.BadMessage.class);
        assertThat(table.refusal("tasks/get", "{\"taskId\":[\"a\"]}")).isInstanceOf(Refusal.BadMessage.class);
        assertThat(table.filtered(
                        "tasks/list", "{\"tasks\":[{\"taskId\":\"m\"},{\"taskId\":\"a\"},{}],\"nextCursor\":\"c\"}"))
                .isEqualTo("{\"tasks\":[{\"taskId\":\"a\"}],\"nextCursor\":\"c\"}");
    }

    @Test
    void a_task_that_another_was_told_of_first_stays_theirs() {
        var table = table(set("all").tools("t").methods("tasks/*")).with("all");
        var mallory = TokenFixture.token(PolicyTable.RESOURCE, "mallory", List.of(), "notes:all");
        begin(table, "{\"task\":{\"taskId\":\"a\"}}");

        begin(table.as(mallory), "{\"task\":{\"taskId\":\"a\"}}");

        assertThat(table.refusal("tasks/get", "{\"taskId\":\"a\"}")).isInstanceOf(Refusal.BadMessage.class);
    }

    @Test
    void a_task_of_the_modern_extension_is_known_by_its_result_type() {
        var table = table(set("all").tools("t").methods("tasks/*", "subscriptions/listen"))
                .with("all");
        var params = "{\"name\":\"t\",\"_meta\":{\"io.modelcontextprotocol/clientCapabilities\":{\"extensions\":"
                + "{\"io.modelcontextprotocol/tasks\":{}}}}}";
        apply(
                table.permit("tools/call", params).filter(),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"task\",\"taskId\":\"a\",\"ttlMs\":1000}}");

        table.allowParams("tasks/get", "{\"taskId\":\"a\"}");
        table.allowParams("subscriptions/listen", "{\"notifications\":{\"taskIds\":[\"a\"]}}");
        assertThat(table.refusal("subscriptions/listen", "{\"notifications\":{\"taskIds\":[\"a\",\"b\"]}}"))
                .isInstanceOf(Refusal.BadMessage.class);
    }

    @Test
    void news_of_a_task_reach_its_beginner_alone() {
        var table = table(set("all").tools("t").methods("tasks/*")).with("all");
        begin(table, "{\"task\":{\"taskId\":\"a\"}}");
        var stream = table.permitStream().filter();
        var status = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks/status\",\"params\":{\"taskId\":\"%s\"}}";

        assertThat(apply(stream, status.replace("%s", "a"))).isNotEmpty();
        assertThat(apply(stream, status.replace("%s", "m"))).isEmpty();
    }

    private static void begin(PolicyTable table, String result) {
        apply(
                table.permit("tools/call", "{\"name\":\"t\",\"task\":{}}").filter(),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + result + "}");
    }

    private static AnswerFilter call(PolicyTable table) {
        return table.permit("tools/call", "{\"name\":\"get\"}").filter();
    }

    private static String updated(String uri) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{\"uri\":\"" + uri
                + "\"}}";
    }

    private static String apply(AnswerFilter filter, String message) {
        return new String(filter.apply(message.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }
}
