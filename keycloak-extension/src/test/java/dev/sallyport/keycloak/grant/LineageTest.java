package dev.sallyport.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.keycloak.grant.Lineage.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineageTest {
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final long START = 1_700_000_000_000L;

    @Test
    void the_newest_makes_the_next() {
        var answer = Lineage.first(START).present(0, START + 1000, GRACE);

        assertThat(answer).isInstanceOf(Answer.Next.class);
        assertThat(after(answer).generation()).isEqualTo(1);
    }

    @Test
    void one_that_was_followed_a_moment_ago_gets_the_newest_again() {
        var lineage = after(Lineage.first(START).present(0, START, GRACE));

        assertThat(lineage.present(0, START + 29_999, GRACE)).isEqualTo(new Answer.Again(lineage));
    }

    @Test
    void one_that_was_followed_twice_a_moment_ago_gets_the_newest_and_no_branch() {
        var once = after(Lineage.first(START).present(0, START, GRACE));
        var twice = after(once.present(1, START + 10_000, GRACE));

        assertThat(twice.present(0, START + 20_000, GRACE)).isEqualTo(new Answer.Again(twice));
    }

    @Test
    void each_has_its_own_window() {
        var once = after(Lineage.first(START).present(0, START, GRACE));
        var twice = after(once.present(1, START + 29_000, GRACE));

        assertThat(twice.present(0, START + 31_000, GRACE)).isInstanceOf(Answer.Reused.class);
        assertThat(twice.present(1, START + 31_000, GRACE)).isInstanceOf(Answer.Again.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 2, 99})
    void one_that_was_never_made_is_reuse(long never) {
        var lineage = after(Lineage.first(START).present(0, START, GRACE));

        assertThat(lineage.present(never, START, GRACE)).isInstanceOf(Answer.Reused.class);
    }

    @Test
    void without_a_window_nothing_is_forgiven() {
        var lineage = after(Lineage.first(START).present(0, START, GRACE));

        assertThat(lineage.present(0, START, Duration.ZERO)).isInstanceOf(Answer.Reused.class);
    }

    @Test
    void what_is_stored_is_what_it_was_and_fits() {
        var lineage = Lineage.first(START);
        for (var i = 0; i < 100_000; i++) {
            lineage = after(lineage.present(lineage.generation(), START + i, GRACE));
        }

        assertThat(lineage.recentText()).hasSizeLessThan(512);
        assertThat(Lineage.of(lineage.generation(), lineage.rotatedAt(), lineage.recentText()))
                .isEqualTo(lineage);
    }

    /**
     * Two programs of one honest client share its tokens, lose answers and repeat themselves, each time within the window;
     * a thief has copied one of the tokens and waits. The honest ones are never refused, the thief always is.
     */
    @Test
    void of_twenty_thousand_interleavings_none_strands_the_honest_or_serves_a_late_thief() {
        for (var seed = 0; seed < 20_000; seed++) {
            var random = new Random(seed);
            var now = START;
            var lineage = Lineage.first(now);
            var held = new long[] {0, 0};
            var used = new ArrayList<Long>();
            for (var step = 0; step < 12; step++) {
                var who = random.nextInt(2);
                // Both are up to date before a long pause, as both keep what they get in the end.
                var isPause = random.nextInt(4) == 0;
                if (isPause) {
                    held[0] = lineage.generation();
                    held[1] = lineage.generation();
                    now += GRACE.toMillis() + random.nextInt(100_000_000);
                } else {
                    now += random.nextInt(2_000);
                }
                var presented = held[who];
                var answer = lineage.present(presented, now, GRACE);

                assertThat(answer).as("seed %s, step %s", seed, step).isNotInstanceOf(Answer.Reused.class);
                if (answer instanceof Answer.Next) {
                    used.add(presented);
                }
                lineage = after(answer);
                if (random.nextInt(3) > 0) {
                    held[who] = lineage.generation();
                }
            }
            var stolen = used.get(random.nextInt(used.size()));
            var late = now + GRACE.toMillis();
            assertThat(lineage.present(stolen, late, GRACE)).as("seed %s", seed).isInstanceOf(Answer.Reused.class);
        }
    }

    private static Lineage after(Answer answer) {
        if (answer instanceof Answer.Next next) {
            return next.lineage();
        }
        if (answer instanceof Answer.Again again) {
            return again.lineage();
        }
        throw new AssertionError("refused");
    }
}
