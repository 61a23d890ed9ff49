package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;

import dev.sallyport.proxy.settings.PermissionSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Policies, and what they come to, as tables. */
class PermissionTableTest {

    @Test
    void a_tool_passes_only_if_a_granted_set_names_it() {
        table(set("read").tools("get_*", "list_notes"), set("write").tools("create_note", "update_note"))
                .with("read")
                .allowTool("get_note", "get_", "list_notes")
                .stepUpTool("write", "create_note", "update_note")
                .denyTool(
                        "delete_note", "list_notes2", "List_notes", "GET_note", "get", "", " list_notes", "list_notes ")
                .with("read", "write")
                .allowTool("get_note", "create_note")
                .denyTool("delete_note")
                .with()
                .stepUpTool("read", "get_note")
                .stepUpTool("write", "create_note");
    }

    @Test
    void what_the_specification_does_not_define_passes_only_if_a_rule_names_it() {
        table(set("jobs").methods("tasks/*", "x/run"))
                .with("jobs")
                .allow("tasks/list", "x/run")
                .deny("x/stop", "tools/unknown", "sampling/createMessage", "TOOLS/call", "notifications/x")
                .with()
                .deny("x/stop")
                .stepUp("jobs", "tasks/get");
    }

    @Test
    void a_rule_for_methods_does_not_open_what_is_about_a_tool_a_resource_or_a_prompt() {
        table(set("all").methods("**"))
                .with("all")
                .allow("anything/else")
                .denyTool("echo")
                .denyResource("notes://1")
                .denyPrompt("greet");
    }

    @Test
    void every_valid_token_may_keep_a_session_and_ask_what_there_is() {
        table(set("read").tools("x"))
                .with()
                .allow("initialize", "notifications/initialized", "ping", "server/discover", "tools/list")
                .allow("resources/list", "resources/templates/list", "prompts/list", "logging/setLevel")
                .allow("notifications/cancelled", "notifications/progress", "notifications/roots/list_changed");
    }

    @Test
    void deny_wins_over_every_allow_and_over_near_misses_of_the_name() {
        table(set("most").tools("*").denyTools("delete_*"), set("delete").tools("delete_note"))
                .with("most")
                .allowTool("get_note")
                .denyTool("delete_note", "DELETE_note", " delete_note", "\uFF44elete_note")
                .with("most", "delete")
                .denyTool("delete_note")
                .with("delete")
                .allowTool("delete_note");
    }

    @Test
    void a_set_brings_the_sets_it_includes() {
        table(
                        set("read").tools("get"),
                        set("write").tools("put").includes("read"),
                        set("all").includes("write", "all"))
                .with("write")
                .allowTool("get", "put")
                .with("all")
                .allowTool("get", "put")
                .with("read")
                .allowTool("get")
                .stepUpTool("write", "put");
    }

    @Test
    void resources_are_matched_segment_by_segment() {
        table(set("read").resources("notes://public/*", "file:///srv/docs/**"))
                .with("read")
                .allowResource("notes://public/1", "file:///srv/docs/a/b.md", "file:///srv/docs/a%20b")
                .denyResource("notes://public/1/2", "notes://private/1", "notes://public", "file:///srv/docs");
    }

    @Test
    void no_spelling_of_a_uri_leads_out_of_what_is_allowed() {
        table(set("read").resources("file:///srv/docs/**"))
                .with("read")
                .denyResource("file:///srv/docs/../secret", "file:///srv/docs/%2e%2e/secret")
                .denyResource("file:///srv/docs/%252e%252e/secret", "file:///srv/docs/..%2fsecret")
                .denyResource("file:///srv/docs/..\\secret", "file:///srv/docs/a/..%5c../..//secret")
                .denyResource("FILE:///srv/docs/a", "file:///SRV/docs/a", "file:/srv/docs/a", "file:////srv/docs/a")
                .allowResource("file:///srv/docs/a/../b", "file:///srv/docs//a", "file:///srv/docs/...");
    }

    @Test
    void no_spelling_of_a_uri_leads_around_what_is_denied() {
        table(set("read").resources("**").denyResources("notes://secret/**"))
                .with("read")
                .allowResource("notes://public/1", "git://Owner%2Frepo")
                .denyResource("notes://secret/1", "notes://%73ecret/1", "NOTES://Secret/1", "notes://secret//1")
                .denyResource("notes://public/../secret/1", "notes://secret\\1", "notes://public/%2e%2e/secret/1");
    }

    @Test
    void a_completion_follows_what_it_completes() {
        table(set("read").prompts("greet").resources("notes://**"))
                .with("read")
                .allowCompletion("{\"type\":\"ref/prompt\",\"name\":\"greet\"}")
                .allowCompletion("{\"type\":\"ref/resource\",\"uri\":\"notes://{id}\"}")
                .denyCompletion("{\"type\":\"ref/prompt\",\"name\":\"other\"}")
                .denyCompletion("{\"type\":\"ref/resource\",\"uri\":\"file:///{path}\"}");
    }

    @Test
    void a_subscription_follows_the_resources_it_is_for() {
        table(set("read").resources("notes://**"))
                .with("read")
                .allowParams("subscriptions/listen", "{\"notifications\":{\"toolsListChanged\":true}}")
                .allowParams("subscriptions/listen", "{\"notifications\":{\"resourceSubscriptions\":[\"notes://1\"]}}")
                .denyParams(
                        "subscriptions/listen",
                        "{\"notifications\":{\"resourceSubscriptions\":[\"notes://1\",\"file:///x\"]}}")
                .denyParams("subscriptions/listen", "{\"notifications\":{\"taskIds\":[\"1\"]}}")
                .allowParams("resources/subscribe", "{\"uri\":\"notes://1\"}")
                .denyParams("resources/subscribe", "{\"uri\":\"file:///x\"}")
                .denyParams("resources/unsubscribe", "{\"uri\":\"file:///x\"}");
    }

    @Test
    void a_rule_on_hints_needs_the_definition_of_the_tool_to_have_been_seen() {
        table(set("read").hints("readOnly"), set("safe").tools("s_*").hints("!destructive"))
                .with("read", "safe")
                .denyTool("get_note", "s_add")
                .listed("{\"name\":\"get_note\",\"annotations\":{\"readOnlyHint\":true}}")
                .listed("{\"name\":\"set_note\",\"annotations\":{\"readOnlyHint\":\"true\"}}")
                .listed("{\"name\":\"s_add\",\"annotations\":{\"destructiveHint\":false}}")
                .listed("{\"name\":\"s_drop\"}")
                .allowTool("get_note", "s_add")
                .denyTool("set_note", "s_drop", "never_seen")
                .listed("{\"name\":\"get_note\",\"annotations\":{\"readOnlyHint\":false}}")
                .denyTool("get_note");
    }

    @Test
    void a_denial_on_hints_holds_while_the_definition_was_not_seen() {
        table(set("most").tools("*").denyHints("destructive"))
                .with("most")
                .denyTool("get_note")
                .listed("{\"name\":\"get_note\",\"annotations\":{\"readOnlyHint\":true}}")
                .listed("{\"name\":\"drop\"}")
                .allowTool("get_note")
                .denyTool("drop");
    }

    @Test
    void a_condition_decides_call_by_call() {
        table(set("delete").tools("delete_note").when("!args.permanent"))
                .with("delete")
                .allowCall("delete_note", "{\"id\":\"1\"}")
                .allowCall("delete_note", "{\"id\":\"1\",\"permanent\":false}")
                .denyCall("delete_note", "{\"id\":\"1\",\"permanent\":true}")
                .denyCall("delete_note", "{\"id\":\"1\",\"Permanent\":true}")
                .denyCall("delete_note", "{\"id\":\"1\",\"permanent\":\"no\"}");
    }

    @Test
    void a_denial_with_a_condition_holds_when_the_condition_cannot_be_told() {
        table(set("pay").tools("*").denyTools("pay").denyWhen("args.amount > 100"))
                .with("pay")
                .allowCall("pay", "{\"amount\":100}")
                .allowCall("other", "{\"amount\":1000}")
                .denyCall("pay", "{\"amount\":101}")
                .denyCall("pay", "{\"amount\":\"101\"}")
                .denyCall("pay", "{\"Amount\":1}")
                .denyCall("pay", "{}");
    }

    @Test
    void a_wider_set_is_offered_only_if_it_would_let_this_very_call_through() {
        table(set("read").tools("get"), set("pay").tools("pay").when("args.amount <= 100"))
                .with("read")
                .stepUpParams("pay", "tools/call", "{\"name\":\"pay\",\"arguments\":{\"amount\":1}}")
                .denyCall("pay", "{\"amount\":1000}");
    }

    @Test
    void a_set_for_some_roles_is_not_offered_to_a_token_that_has_others() {
        table(set("read").tools("get"), set("admin").tools("purge").roles("operator"))
                .withRoles(List.of("guest"), "read")
                .denyTool("purge")
                .withRoles(List.of("operator"), "read")
                .stepUpTool("admin", "purge")
                .withRoles(List.of(), "read")
                .stepUpTool("admin", "purge");
    }

    @Test
    void a_rule_for_some_roles_or_groups_is_for_them_only() {
        table(set("own").tools("purge").when("'operator' in roles || '/staff/night' in groups"))
                .saying(List.of("operator"), List.of(), "own")
                .allowTool("purge")
                .saying(List.of(), List.of("/staff", "/staff/night"), "own")
                .allowTool("purge")
                .saying(List.of("guest"), List.of("/staff"), "own")
                .denyTool("purge")
                .saying(List.of("Operator", "operator2"), List.of("/staff/night2", "staff/night"), "own")
                .denyTool("purge")
                .with("own")
                .denyTool("purge");
    }

    @Test
    void who_is_not_known_to_be_without_a_role_is_not_taken_for_somebody_without_it() {
        table(set("own").tools("pay").when("!('contractor' in roles)"))
                .saying(List.of(), List.of(), "own")
                .allowTool("pay")
                .saying(List.of("contractor"), List.of(), "own")
                .denyTool("pay")
                .with("own")
                .denyTool("pay");
        table(set("own").tools("pay", "see").denyTools("pay").denyWhen("'contractor' in roles"))
                .saying(List.of(), List.of(), "own")
                .allowTool("pay", "see")
                .saying(List.of("contractor"), List.of(), "own")
                .denyTool("pay")
                .allowTool("see")
                .with("own")
                .denyTool("pay")
                .allowTool("see");
    }

    @Test
    void a_set_for_some_groups_is_not_offered_to_a_token_that_has_others() {
        table(set("read").tools("get"), set("admin").tools("purge").groups("/staff"))
                .saying(List.of(), List.of("/guests"), "read")
                .denyTool("purge")
                .saying(List.of(), List.of("/staff"), "read")
                .stepUpTool("admin", "purge")
                .with("read")
                .stepUpTool("admin", "purge");
    }

    @Test
    void of_several_sets_that_would_do_the_mildest_is_offered() {
        table(
                        set("all").tools("*").effect(PermissionSet.Effect.DELETE),
                        set("wide").tools("put").includes("narrow"),
                        set("narrow").tools("put"))
                .with()
                .stepUpExactly("narrow", "put");
    }

    @Test
    void one_message_that_does_not_pass_stops_the_batch() {
        table(set("read").tools("get"), set("write").tools("put"), set("delete").tools("drop"))
                .with("read")
                .batchNeeds(
                        "[" + call(1, "get") + "," + call(2, "put") + "," + call(3, "drop") + "]", "write", "delete")
                .batchDenied("[" + call(1, "get") + "," + call(2, "nothing") + "]")
                .batchDenied("[" + call(1, "get") + ",{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\","
                        + "\"params\":{\"name\":\"nothing\"}}]");
    }

    private static String call(int id, String tool) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\"}}";
    }
}
