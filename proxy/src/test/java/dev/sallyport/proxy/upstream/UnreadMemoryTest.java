package dev.sallyport.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What clients do not read is bounded, and nobody pays for somebody else's. */
class UnreadMemoryTest {

    private static final int KIB = 1024;

    private final UnreadMemory memory = new UnreadMemory(800 * KIB);
    private final UnreadMemory.Part alice = part("alice");
    private final UnreadMemory.Part mallory = part("mallory");

    @Test
    void who_takes_more_than_a_share_gets_no_more_and_others_do() {
        assertThat(mallory.take(60 * KIB)).isTrue();
        assertThat(mallory.take(40 * KIB)).isTrue();

        assertThat(mallory.take(1)).isFalse();
        assertThat(part("mallory").take(1)).as("of whichever connection").isFalse();
        assertThat(alice.take(90 * KIB)).isTrue();

        mallory.giveBack(40 * KIB);
        assertThat(mallory.take(40 * KIB)).isTrue();
    }

    @Test
    void one_answer_alone_fits_however_large() {
        assertThat(alice.take(700 * KIB)).isTrue();
        assertThat(alice.take(1)).isFalse();
        alice.giveBack(700 * KIB);
        assertThat(alice.take(1)).isTrue();
    }

    @Test
    void many_who_take_much_together_do_not_take_it_all() {
        var all = IntStream.range(0, 100)
                .mapToObj(person -> part("mallory-" + person))
                .toList();

        var taken = all.stream().filter(one -> one.take(100 * KIB)).count();

        assertThat(taken).isEqualTo(16);
        assertThat(memory.used()).isEqualTo(1600 * KIB);
        all.subList(0, 16).forEach(one -> one.giveBack(100 * KIB));
        assertThat(memory.used()).isZero();
        assertThat(alice.take(12 * KIB)).isTrue();
    }

    @Test
    void where_much_is_taken_a_little_is_left_for_each() {
        IntStream.range(0, 9).forEach(person -> part("mallory-" + person).take(100 * KIB));

        assertThat(alice.take(6 * KIB)).isTrue();
        assertThat(alice.take(6 * KIB)).isTrue();
        assertThat(alice.take(6 * KIB)).isFalse();
    }

    private UnreadMemory.Part part(String person) {
        return memory.of("https://issuer.example", person);
    }
}
