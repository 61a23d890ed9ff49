package dev.sallyport.keycloak.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.PermissionSet.Effect;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OfferTest {
    private static final McpServer SERVER = new McpServer(
            "notes",
            "https://gate.test/notes/mcp",
            "Notes",
            "",
            McpServer.Connect.NONE,
            Optional.empty(),
            List.of(
                    set("delete", Effect.DELETE, false),
                    set("read", Effect.READ, true),
                    set("history", Effect.READ, false),
                    set("write", Effect.CHANGE, false)),
            Set.of());

    @Test
    void harmless_sets_come_first() {
        assertThat(offer(List.of(), Set.of()).scopes()).containsExactly("read", "history", "write", "delete");
    }

    @Test
    void read_only_keeps_what_is_unticked_unticked() {
        var offer = offer(List.of(), Set.of());

        assertThat(offer.readOnly(Set.of("read", "write"))).containsExactly("read");
        assertThat(offer.readOnly(Set.of("write"))).containsExactly("read", "history");
        assertThat(offer.readOnly(Set.of("read", "foreign"))).contains("foreign");
    }

    @Test
    void an_answer_stands_only_for_what_was_agreed_to() {
        var remembered = new Consents.Remembered(Set.of("read", "history", "write", "delete"), Set.of("read"));

        assertThat(offer(List.of("read"), Set.of("read")).isAnsweredBy(remembered))
                .isTrue();
        assertThat(offer(List.of("read", "write"), Set.of("read")).isAnsweredBy(remembered))
                .isFalse();
        assertThat(offer(List.of("write"), Set.of("read")).isAnsweredBy(remembered))
                .isFalse();
    }

    @Test
    void a_client_that_names_nothing_is_answered_until_something_new_is_on_offer() {
        var all = new Consents.Remembered(Set.of("read", "history", "write", "delete"), Set.of("read"));
        var fewer = new Consents.Remembered(Set.of("read", "history", "write"), Set.of("read"));
        var nothing = new Consents.Remembered(Set.of("read", "history", "write", "delete"), Set.of());

        var offer = offer(List.of(), Set.of("read"));

        assertThat(offer.isAnsweredBy(all)).isTrue();
        assertThat(offer.isAnsweredBy(fewer)).isFalse();
        assertThat(offer.isAnsweredBy(nothing)).isFalse();
    }

    @Test
    void of_what_a_new_client_asks_for_only_the_default_sets_start_ticked() {
        assertThat(ticked(offer(List.of("read", "history", "write", "delete"), Set.of())))
                .containsExactly("read");
        assertThat(ticked(offer(List.of("write", "delete"), Set.of()))).isEmpty();
        assertThat(ticked(offer(List.of(), Set.of()))).containsExactly("read");
    }

    @Test
    void a_step_up_ticks_exactly_what_is_demanded_beside_what_was_granted() {
        var last = new Consents.Remembered(Set.of("read"), Set.of("read"));

        var stepUp = again(last, List.of("read", "delete"));

        assertThat(ticked(stepUp)).containsExactly("read", "delete");
        assertThat(demanded(stepUp)).containsExactly("delete");
    }

    @Test
    void a_client_that_names_all_there_is_at_every_login_demands_nothing_that_was_left_out() {
        var all = List.of("read", "history", "write", "delete");
        var last = new Consents.Remembered(Set.copyOf(all), Set.of("read", "write"));

        assertThat(ticked(again(last, all))).containsExactly("read", "write");
        assertThat(demanded(again(last, all))).isEmpty();
        assertThat(demanded(again(last, List.of("read", "write", "delete")))).containsExactly("delete");
    }

    @Test
    void a_client_that_asked_for_less_before_may_step_up_to_all_there_is() {
        var last = new Consents.Remembered(Set.of("read", "history", "write"), Set.of("read", "history", "write"));

        assertThat(demanded(again(last, List.of("read", "history", "write", "delete"))))
                .containsExactly("delete");
    }

    @Test
    void a_client_that_names_all_there_is_demands_nothing_while_more_than_one_set_is_missing() {
        var last = new Consents.Remembered(Set.of("read"), Set.of("read"));
        var all = List.of("read", "history", "write", "delete");

        assertThat(demanded(again(last, all))).isEmpty();
        assertThat(ticked(again(last, all))).containsExactly("read");
    }

    @Test
    void a_client_that_has_nothing_any_more_does_not_step_up() {
        var last = new Consents.Remembered(Set.of("read", "write"), Set.of());

        assertThat(ticked(again(last, List.of("read", "delete")))).containsExactly("read");
    }

    @Test
    void what_was_granted_for_another_destination_is_ticked_but_makes_no_step_up() {
        var offer = offer(List.of("write", "delete"), Set.of("write"));

        assertThat(ticked(offer)).containsExactly("write");
        assertThat(demanded(offer)).isEmpty();
    }

    @Test
    void a_server_without_default_sets_starts_with_what_only_reads() {
        var server = new McpServer(
                "plain",
                "https://gate.test/plain/mcp",
                "Plain",
                "",
                McpServer.Connect.NONE,
                Optional.empty(),
                List.of(set("look", Effect.READ, false), set("act", Effect.CHANGE, false)),
                Set.of());

        var offer =
                Offer.of(server, List.of("look", "act"), new Offer.Earlier(Set.of(), Optional.empty()), set -> true);

        assertThat(ticked(offer)).containsExactly("look");
    }

    private static Offer again(Consents.Remembered last, List<String> requested) {
        return Offer.of(SERVER, requested, new Offer.Earlier(last.agreed(), Optional.of(last)), set -> true);
    }

    private static List<String> ticked(Offer offer) {
        return offer.items().stream()
                .filter(Offer.Item::ticked)
                .map(Offer.Item::scope)
                .toList();
    }

    private static List<String> demanded(Offer offer) {
        return offer.items().stream()
                .filter(Offer.Item::demanded)
                .map(Offer.Item::scope)
                .toList();
    }

    private static Offer offer(List<String> requested, Set<String> earlier) {
        return Offer.of(SERVER, requested, new Offer.Earlier(earlier, Optional.empty()), set -> true);
    }

    private static PermissionSet set(String name, Effect effect, boolean byDefault) {
        return new PermissionSet(name, name, name, "", byDefault, effect, List.of(), List.of(), List.of(), List.of());
    }
}
