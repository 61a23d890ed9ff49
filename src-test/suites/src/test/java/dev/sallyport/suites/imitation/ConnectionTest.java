package dev.sallyport.suites.imitation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a pasted URL to a tool call and on after a refresh, with the real login and consent. */
@Tag("journey")
@ExtendWith(Stack.Extension.class)
final class ConnectionTest {

    static Stream<Imitation> all() {
        return Imitation.all();
    }

    static Stream<Imitation> steppingUp() {
        return Imitation.steppingUp();
    }

    @ParameterizedTest
    @MethodSource("all")
    void it_connects_at_the_first_try_and_stays_connected(Imitation imitation, Stack stack) {
        var client = Imitated.start(imitation, stack, stack.users().getFirst());

        var page = client.ask(client.scope());
        assertThat(page.left()).as(page.url()).isFalse();
        assertThat(Imitated.offered(page)).containsExactlyInAnyOrderElementsOf(imitation.offered());
        assertThat(Imitated.ticked(page)).contains("notes:read").doesNotContain("notes:delete");
        var tokens = client.allow(page, Imitated.ticked(page));

        assertThat(scopes(tokens.path("scope").asString())).contains("notes:read");
        assertThat(client.use(tokens.path("access_token").asString()))
                .contains("list_notes")
                .doesNotContain("delete_note");
        var refreshed = client.refresh(tokens.path("refresh_token").asString());
        assertThat(refreshed.path("scope").asString())
                .isEqualTo(tokens.path("scope").asString());
        assertThat(client.use(refreshed.path("access_token").asString())).contains("list_notes");
        assertThat(imitation.documented()).allMatch(where -> where.startsWith("https://"));
    }

    @ParameterizedTest
    @MethodSource("steppingUp")
    void it_asks_for_more_and_keeps_what_it_had(Imitation imitation, Stack stack) {
        // Another person than above: what the two agreed to must not depend on the order of the tests.
        var client = Imitated.start(imitation, stack, stack.users().get(1));
        var first = client.ask(client.scope());
        var tokens = client.allow(first, List.of("notes:read"));
        var demanded = client.demanded(tokens.path("access_token").asString());

        var scope = imitation.stepUp().equals("unites") ? tokens.path("scope").asString() + " " + demanded : demanded;
        var page = client.ask(scope);
        assertThat(page.body()).contains("allowed earlier");
        assertThat(Imitated.ticked(page)).contains("notes:read", "notes:write");
        var more = client.allow(page, Imitated.ticked(page));

        assertThat(scopes(more.path("scope").asString())).containsExactlyInAnyOrder("notes:read", "notes:write");
        assertThat(client.use(more.path("access_token").asString())).contains("list_notes", "create_note");
        assertThat(scopes(client.refresh(more.path("refresh_token").asString())
                        .path("scope")
                        .asString()))
                .containsExactlyInAnyOrder("notes:read", "notes:write");
    }

    private static Stream<String> scopes(String text) {
        return Arrays.stream(text.split(" "));
    }
}
