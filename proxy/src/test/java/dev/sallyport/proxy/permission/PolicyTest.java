package dev.sallyport.proxy.permission;

import static dev.sallyport.proxy.permission.PolicyTable.set;
import static dev.sallyport.proxy.permission.PolicyTable.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.condition.Facts;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.settings.PermissionSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyTest {

    private static final Target WIPE = new Target.Tool("wipe");

    /** Patterns of rules that keep out are folded like the names that they meet; those that let through are not. */
    @Test
    void capitals_in_a_pattern_keep_out_every_case_and_let_through_one() {
        table(set("most").tools("*").denyTools("Delete_*").resources("**").denyResources("Secret://**"))
                .with("most")
                .allowTool("get_note")
                .denyTool("Delete_note", "delete_note", "DELETE_NOTE")
                .denyResource("Secret://1", "secret://1", "SECRET://1");
        table(set("read").tools("Get_*")).with("read").allowTool("Get_note").denyTool("get_note", "GET_note");
    }

    @Test
    void what_combinations_come_to_is_remembered_up_to_a_bound() {
        var policy = new Policy(PolicyTable.server(set("read").tools("get")).permissions());
        var early = Scopes.of("notes:read");
        var remembered = policy.granted(early);
        for (var i = 0; i < 1022; i++) {
            policy.granted(Scopes.of("other:" + i));
        }
        var last = Scopes.of("other:last");
        var tooMany = Scopes.of("other:too-many");

        assertThat(policy.granted(early)).isSameAs(remembered);
        assertThat(policy.granted(last)).isSameAs(policy.granted(last));
        assertThat(policy.granted(tooMany)).isNotSameAs(policy.granted(tooMany));
    }

    @Test
    void sets_for_certain_roles_are_a_remedy_for_these_and_reserved_for_the_rest() {
        var policy = new Policy(PolicyTable.server(
                        set("wide")
                                .tools("*")
                                .effect(PermissionSet.Effect.DELETE)
                                .roles("editor"),
                        set("wipe")
                                .tools("wipe")
                                .effect(PermissionSet.Effect.CHANGE)
                                .roles("editor"),
                        set("read").tools("get"))
                .permissions());
        var reader = Scopes.of("notes:read");

        assertThat(policy.remedy(reader, WIPE, by(List.of("editor"))))
                .map(PermissionSet::name)
                .contains("wipe");
        assertThat(policy.reserved(reader, WIPE, by(List.of("editor")))).isEmpty();
        assertThat(policy.remedy(reader, WIPE, by(List.of()))).isEmpty();
        assertThat(policy.reserved(reader, WIPE, by(List.of())))
                .map(PermissionSet::name)
                .contains("wipe");
    }

    private static Call by(List<String> roles) {
        return new Call(
                new Facts.Caller("alice", "client", Optional.of(roles), Optional.of(List.of())),
                Optional.empty(),
                Optional.of(new Facts.Arguments(Optional.empty())),
                Instant.EPOCH);
    }
}
