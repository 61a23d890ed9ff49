package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

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
    void the_answer_to_a_call_passes_unread() {
        var table = table(set("read").tools("get")).with("read");

        assertThat(table.permit("tools/call", "{\"name\":\"get\"}").filter().passesEverything())
                .isTrue();
    }

    private static String updated(String uri) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{\"uri\":\"" + uri
                + "\"}}";
    }

    private static String apply(AnswerFilter filter, String message) {
        return new String(filter.apply(message.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }
}
