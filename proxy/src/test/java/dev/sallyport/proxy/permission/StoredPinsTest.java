package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class StoredPinsTest {

    private static final ToolPins.Pin FIRST = new ToolPins.Pin("a".repeat(32), true, false);
    private static final ToolPins.Pin SECOND = new ToolPins.Pin("b".repeat(32), false, true);
    private static final ToolPins.Key KEY = new ToolPins.Key("notes", "grant", "a tool\nwith % and \t");

    private final MemoryStore store = new MemoryStore();

    @Test
    void the_first_definition_is_pinned_and_stays() {
        var pins = node();

        assertThat(pins.first(KEY, FIRST)).isEqualTo(FIRST);
        assertThat(pins.first(KEY, SECOND)).isEqualTo(FIRST);
    }

    @Test
    void what_one_node_pinned_counts_on_all_and_after_a_restart() {
        node().first(KEY, FIRST);

        assertThat(node().first(KEY, SECOND)).isEqualTo(FIRST);
    }

    @Test
    void another_holder_server_or_tool_has_pins_of_its_own() {
        var pins = node();
        pins.first(KEY, FIRST);

        assertThat(pins.first(new ToolPins.Key("notes", "other", KEY.tool()), SECOND))
                .isEqualTo(SECOND);
        assertThat(pins.first(new ToolPins.Key("wiki", "grant", KEY.tool()), SECOND))
                .isEqualTo(SECOND);
        assertThat(pins.first(new ToolPins.Key("notes", "grant", "other"), SECOND))
                .isEqualTo(SECOND);
    }

    @Test
    void what_was_accepted_on_one_node_counts_on_another_that_had_pinned() {
        var here = node();
        var there = node();
        here.first(KEY, FIRST);
        there.first(KEY, FIRST);

        here.replace(KEY, SECOND);

        assertThat(here.first(KEY, FIRST)).isEqualTo(SECOND);
        assertThat(there.first(KEY, FIRST)).isEqualTo(SECOND);
    }

    @Test
    void a_holder_is_at_hand_once_it_was_fetched() {
        var pins = node();

        assertThat(pins.atHand("notes", "grant")).isFalse();
        pins.fetch("notes", "grant");
        assertThat(pins.atHand("notes", "grant")).isTrue();
        assertThat(pins.atHand("notes", "other")).isFalse();
    }

    @Test
    void without_the_store_nothing_passes() {
        var shared = new PermissionState.Shared(
                node(),
                new LocalRates(System::nanoTime),
                new LocalTaskOwners(),
                Approvals.NOBODY,
                ChangedTools.NOWHERE);
        var table = PolicyTable.table(
                        new PermissionState(shared, InstantSource.system()),
                        PolicyTable.set("read").tools("*"))
                .with("read");
        store.down(true);

        assertThat(table.refusal("tools/call", "{\"name\":\"t\"}")).isInstanceOf(Refusal.Unavailable.class);
    }

    private StoredPins node() {
        return new StoredPins(store.area(AreaName.PINS), Runnable::run);
    }
}
