package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept for clients who come back is bounded in all, and nobody's streams pay for somebody else's. */
class EventMemoryTest {

    private static final int KIB = 1024;

    private final EventMemory memory = new EventMemory(800 * KIB);
    private final EventMemory.Part alice = memory.of(new Owner.Person("https://issuer.example", "alice"));
    private final EventMemory.Part mallory = memory.of(new Owner.Person("https://issuer.example", "mallory"));
    private final List<Long> kept = new ArrayList<>();

    @Test
    void who_holds_more_than_a_share_keeps_less() {
        var quiet = log(alice);
        add(quiet, 3, 10 * KIB);
        var loud = log(mallory);
        add(loud, 30, 10 * KIB);

        assertThat(mallory.isTight()).as("it has made room itself").isFalse();
        assertThat(memory.used()).isLessThanOrEqualTo((30 + 110) * KIB);
        assertThat(alice.isTight()).isFalse();

        quiet.release();
        loud.release();
        assertThat(memory.used()).isZero();
    }

    @Test
    void who_holds_far_more_is_not_served_further_calls_while_others_are() {
        var streams = new ArrayList<EventLog>();
        for (var stream = 0; stream < 30; stream++) {
            streams.add(log(mallory));
            // The newest is kept, for it may be the answer that everything was about.
            add(streams.getLast(), 2, 10 * KIB);
        }

        assertThat(mallory.isFull()).isTrue();
        assertThat(alice.isFull()).isFalse();

        streams.forEach(EventLog::release);
        assertThat(mallory.isFull()).isFalse();
        assertThat(memory.used()).isZero();
    }

    @Test
    void when_all_together_hold_too_much_who_holds_little_goes_on() {
        var streams = new ArrayList<EventLog>();
        for (var person = 0; person < 20; person++) {
            var part = memory.of(new Owner.Person("https://issuer.example", "person " + person));
            streams.add(log(part));
            add(streams.getLast(), 1, 100 * KIB);
        }

        assertThat(alice.isTight()).isTrue();
        assertThat(alice.isFull()).isFalse();
        assertThat(memory.of(new Owner.Person("https://issuer.example", "person 1"))
                        .isFull())
                .isTrue();

        streams.forEach(EventLog::release);
        assertThat(memory.used()).isZero();
    }

    @Test
    void what_a_stream_drops_other_nodes_need_not_keep_either() {
        var log = log(mallory);
        add(log, 4, 40 * KIB);

        assertThat(kept).containsExactly(3L, 4L);

        log.shrink(0);
        assertThat(kept).isEmpty();
        assertThat(memory.used()).isZero();
    }

    private EventLog log(EventMemory.Part part) {
        return new EventLog("", part, new EventLog.Copy() {
            @Override
            public void added(long number, byte[] message) {
                kept.add(number);
            }

            @Override
            public void dropped(long number) {
                kept.remove(number);
            }

            @Override
            public void ended(long next) {}
        });
    }

    private static void add(EventLog log, int count, int size) {
        for (var at = 0; at < count; at++) {
            log.add(new byte[size]);
        }
    }
}
