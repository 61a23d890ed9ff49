package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RoomTest {

    private final AtomicLong size = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private final Room room = new Room(AreaName.FLOWS, size::get, nanos::get);

    @Test
    void a_full_area_takes_nothing_new_but_lets_what_it_has_change() {
        size.set(AreaName.FLOWS.maxEntries());

        assertThatThrownBy(() -> room.forOne(new byte[1], () -> false))
                .isInstanceOf(StoreProblem.class)
                .hasMessageContaining("no more room for flows");
        assertThatCode(() -> room.forOne(new byte[1], () -> true)).doesNotThrowAnyException();
    }

    @Test
    void what_this_node_adds_counts_at_once_and_what_others_removed_after_a_while() {
        size.set(AreaName.FLOWS.maxEntries() - 1);
        room.forOne(new byte[1], () -> false);

        assertThatThrownBy(() -> room.forOne(new byte[1], () -> false)).isInstanceOf(StoreProblem.class);

        size.set(0);
        nanos.addAndGet(6_000_000_000L);
        assertThatCode(() -> room.forOne(new byte[1], () -> false)).doesNotThrowAnyException();
    }

    @Test
    void where_the_oldest_give_way_there_is_always_room() {
        var full = new Room(AreaName.RATES, () -> Long.MAX_VALUE, nanos::get);

        assertThatCode(() -> full.forOne(new byte[1], () -> false)).doesNotThrowAnyException();
    }
}
