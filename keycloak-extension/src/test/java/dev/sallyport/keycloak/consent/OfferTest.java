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
                    set("write", Effect.CHANGE, false)));

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

    private static Offer offer(List<String> requested, Set<String> earlier) {
        return Offer.of(SERVER, requested, earlier, set -> true);
    }

    private static PermissionSet set(String name, Effect effect, boolean byDefault) {
        return new PermissionSet(name, name, name, "", byDefault, effect, List.of(), List.of(), List.of(), List.of());
    }
}
