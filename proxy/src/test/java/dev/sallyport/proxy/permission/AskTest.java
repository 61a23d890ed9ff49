package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.permission.PolicyTable.SetBuilder;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CallRules;
import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.settings.CallRules.Rates;
import dev.sallyport.proxy.settings.CallRules.ToolChanges;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls wait for their person. Whoever was asked here says no, and is remembered. */
class AskTest {

    private final List<AskedCall> asked = new ArrayList<>();
    private boolean approves;

    @Test
    void a_call_that_a_rule_asks_about_waits_and_others_do_not() {
        var table = policy(
                        set("notes").tools("get_*"),
                        set("delete").tools("delete_*").asks())
                .with("notes", "delete");

        table.allowTool("get_note");
        assertThat(waits(table, "delete_note")).isTrue();
        assertThat(asked).extracting(AskedCall::about).containsExactly("the tool \"delete_note\"");
    }

    @Test
    void an_approved_call_passes_and_says_by_which_approval() {
        var table = policy(set("delete").tools("delete_*").asks()).with("delete");
        approves = true;

        var passed = table.permit("tools/call", "{\"name\":\"delete_note\"}");

        assertThat(passed.rulings())
                .containsExactly(new Ruling(Optional.of("delete"), Optional.of("allow"), Optional.of("approval-1")));
    }

    @Test
    void another_rule_that_lets_it_through_without_asking_changes_nothing() {
        var table = policy(
                        set("all").tools("*"), set("delete").tools("delete_*").asks())
                .with("all", "delete");

        assertThat(waits(table, "delete_note")).isTrue();
        table.allowTool("get_note");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE_NOTE", "delete_note ", "Delete_Note", "ｄelete_note"})
    void a_near_miss_of_a_name_is_asked_about_too(String name) {
        var table = policy(
                        set("all").tools("*"), set("delete").tools("delete_*").asks())
                .with("all", "delete");

        assertThat(waits(table, name)).isTrue();
    }

    @Test
    void a_condition_that_cannot_be_told_asks() {
        var table = policy(
                        set("all").tools("*"),
                        set("large").tools("write").when("args.size > 10").asks())
                .with("all", "large");

        table.allowCall("write", "{\"size\":1}");
        assertThat(table.refusal("tools/call", "{\"name\":\"write\",\"arguments\":{\"size\":11}}"))
                .isInstanceOf(Refusal.ApprovalRequired.class);
        assertThat(table.refusal("tools/call", "{\"name\":\"write\",\"arguments\":{\"size\":\"11\"}}"))
                .isInstanceOf(Refusal.ApprovalRequired.class);
        assertThat(table.refusal("tools/call", "{\"name\":\"write\",\"arguments\":{\"Size\":1}}"))
                .isInstanceOf(Refusal.ApprovalRequired.class);
    }

    @Test
    void a_deny_rule_is_not_a_question() {
        var table =
                policy(set("delete").tools("*").denyTools("delete_all").asks()).with("delete");

        table.denyTool("delete_all");
        assertThat(asked).isEmpty();
    }

    @Test
    void who_lacks_the_set_is_not_asked() {
        policy(set("read").tools("get"), set("delete").tools("delete_*").asks())
                .with("read")
                .stepUpTool("delete", "delete_note");

        assertThat(asked).isEmpty();
    }

    @Test
    void prompts_resources_and_methods_are_asked_about_like_tools() {
        var table = policy(set("x").prompts("p")
                        .resources("n://**")
                        .methods("vendor/*")
                        .asks())
                .with("x");

        table.refusal("prompts/get", "{\"name\":\"p\"}");
        table.refusal("resources/read", "{\"uri\":\"n://1\"}");
        table.refusal("vendor/do", "{}");

        assertThat(asked).extracting(AskedCall::method).containsExactly("prompts/get", "resources/read", "vendor/do");
    }

    @Test
    void in_a_batch_or_as_a_notification_nothing_is_approved() {
        var table = policy(set("delete").tools("delete_*").asks()).with("delete");
        approves = true;
        var call = "{\"jsonrpc\":\"2.0\",%s\"method\":\"tools/call\",\"params\":{\"name\":\"delete_note\"}}";

        table.batchDenied("[" + call.replace("%s", "\"id\":1,") + "]");
        table.batchDenied(call.replace("%s", ""));

        assertThat(asked).isEmpty();
    }

    @Test
    void a_call_that_is_refused_for_something_else_costs_no_approval() {
        var table = policy(set("delete").tools("delete_*").asks()).with("delete");
        var one = Optional.of(new Rate(1, Duration.ofDays(1)));
        table.calls(new CallRules(
                ToolChanges.ASK, Map.of(), new Rates(one, Optional.empty(), Optional.empty(), Optional.empty())));
        approves = true;

        table.allowTool("delete_note");
        assertThat(table.refusal("tools/call", "{\"name\":\"delete_note\"}"))
                .isInstanceOf(Refusal.TooManyRequests.class);

        assertThat(asked).hasSize(1);
    }

    @Test
    void what_may_differ_between_two_sendings_of_one_call_is_left_out() {
        var table = policy(set("x").tools("t").asks()).with("x");

        table.refusal(
                "tools/call",
                "{\"name\":\"t\",\"arguments\":{\"b\":[1],\"a\":\"\\u0041\"},\"_meta\":{\"progressToken\":1}}");
        table.refusal(
                "tools/call",
                "{\"_meta\":{\"traceparent\":\"t\",\"io.modelcontextprotocol/clientInfo\":{}},\"arguments\" : { \"a\":\"A\",\"b\":[1]},\"name\":\"t\"}");

        assertThat(asked)
                .extracting(AskedCall::digest)
                .hasSize(2)
                .containsOnly(asked.getFirst().digest());
        assertThat(asked.getFirst().params()).isEqualTo("{\"name\":\"t\",\"arguments\":{\"b\":[1],\"a\":\"\\u0041\"}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"t\",\"arguments\":{\"a\":2}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1.0}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":\"1\"}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1,\"b\":null}}",
                "{\"name\":\"t\",\"arguments\":{\"A\":1}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":[1]}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1},\"task\":{}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1},\"requestState\":\"s\"}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1},\"inputResponses\":{}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1},\"_meta\":{\"com.example/force\":true}}",
                "{\"name\":\"t\",\"arguments\":{\"a\":1},\"_meta\":[]}",
                "{\"name\":\"t\"}",
                "{\"name\":\"t2\",\"arguments\":{\"a\":1}}",
            })
    void anything_that_the_server_could_act_on_makes_another_call(String other) {
        var table = policy(set("x").tools("t*").asks()).with("x");
        table.refusal("tools/call", "{\"name\":\"t\",\"arguments\":{\"a\":1}}");

        table.refusal("tools/call", other);

        assertThat(asked.get(1).digest()).isNotEqualTo(asked.get(0).digest());
    }

    @Test
    void a_gate_without_pages_refuses() {
        table(set("x").tools("t").asks()).with("x").denyTool("t");
    }

    private PolicyTable policy(SetBuilder... sets) {
        return table(
                new PermissionState(
                        new PermissionState.Shared(
                                new PinMemory(),
                                new LocalRates(System::nanoTime),
                                new LocalTaskOwners(),
                                this::ask,
                                ChangedTools.NOWHERE),
                        InstantSource.system()),
                sets);
    }

    private String ask(AskedCall call) {
        asked.add(call);
        if (approves) {
            return "approval-" + asked.size();
        }
        throw new Refused(new Refusal.ApprovalRequired("asked", "https://mcp.example.com/approvals/1"));
    }

    private static boolean waits(PolicyTable table, String tool) {
        return table.refusal("tools/call", "{\"name\":\"" + tool + "\"}") instanceof Refusal.ApprovalRequired;
    }
}
