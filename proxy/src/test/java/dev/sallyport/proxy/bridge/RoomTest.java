package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RoomTest {

    private static final Owner ALICE = new Owner(new Owner.Person("issuer", "alice"), "app");
    private static final Owner ALICE_ELSEWHERE = new Owner(new Owner.Person("issuer", "alice"), "another app");
    private static final Owner BOB = new Owner(new Owner.Person("issuer", "bob"), "app");

    @Test
    void one_owner_fills_their_own_room_and_nobody_elses() {
        var room = room(2, 10, 100);
        room.enter(ALICE, "first");
        assertThat(room.isFor(ALICE)).isTrue();
        room.enter(ALICE, "second");

        assertThat(room.isFor(ALICE)).isFalse();
        assertThat(room.isFor(ALICE_ELSEWHERE)).isTrue();
        assertThat(room.isFor(BOB)).isTrue();

        room.leave(ALICE, "first");
        assertThat(room.isFor(ALICE)).isTrue();
    }

    @Test
    void many_apps_of_one_person_fill_that_persons_room_only() {
        var room = room(2, 3, 100);
        room.enter(ALICE, "first");
        room.enter(ALICE, "second");
        room.enter(ALICE_ELSEWHERE, "third");

        assertThat(room.isFor(ALICE_ELSEWHERE)).isFalse();
        assertThat(room.isFor(BOB)).isTrue();

        room.leave(ALICE, "second");
        assertThat(room.isFor(ALICE_ELSEWHERE)).isTrue();
    }

    @Test
    void ten_thousand_of_many_leave_no_room_for_one_more() {
        var room = room(200, 1_000, 10_000);
        var things = new ArrayList<Object>();
        for (var owner = 0; owner < 100; owner++) {
            for (var thing = 0; thing < 100; thing++) {
                things.add(new Object());
                room.enter(owner(owner), things.getLast());
            }
        }

        assertThat(room.isFor(owner(0))).isFalse();
        assertThat(room.isFor(BOB)).isFalse();

        room.leave(owner(99), things.getLast());
        assertThat(room.isFor(BOB)).isTrue();
    }

    @Test
    void what_enters_or_leaves_twice_counts_once() {
        var room = room(2, 2, 2);
        var one = new Object();
        room.enter(ALICE, one);
        room.enter(ALICE, one);
        assertThat(room.isFor(ALICE)).isTrue();

        room.leave(ALICE, one);
        room.leave(ALICE, one);
        room.leave(BOB, one);
        room.enter(ALICE, new Object());
        room.enter(ALICE, new Object());
        assertThat(room.isFor(BOB)).isFalse();
    }

    @Test
    void many_that_come_and_go_at_once_leave_nothing_behind() {
        var room = room(1, 1, 1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var at = 0; at < 1_000; at++) {
                var owner = List.of(ALICE, BOB, ALICE_ELSEWHERE).get(at % 3);
                var _ = threads.submit(() -> {
                    var thing = new Object();
                    room.enter(owner, thing);
                    room.leave(owner, thing);
                });
            }
        }

        assertThat(room.isFor(ALICE)).isTrue();
        assertThat(room.isFor(BOB)).isTrue();
    }

    private static Room room(int owner, int person, int all) {
        return new Room(new Room.Bounds(owner, person, all));
    }

    private static Owner owner(int number) {
        return new Owner(new Owner.Person("issuer", "person-" + number), "app");
    }
}
