package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MissedTest {

    private final Missed missed = new Missed();

    @Test
    void comes_once_and_in_order() {
        add("a");
        add("b");

        assertThat(missed.taken()).extracting(MissedTest::text).containsExactly("a", "b");
        assertThat(missed.taken()).isEmpty();
    }

    @Test
    void of_too_many_the_newest_stay() {
        for (var number = 1; number <= Missed.MOST + 3; number++) {
            add(Integer.toString(number));
        }

        assertThat(missed.taken())
                .hasSize(Missed.MOST)
                .extracting(MissedTest::text)
                .startsWith("4")
                .endsWith("67");
    }

    @Test
    void of_too_large_ones_the_newest_stay_and_one_that_is_too_large_alone_does_not() {
        var half = "x".repeat(Missed.MOST_BYTES / 2);
        add("first");
        add(half);
        add(half);
        assertThat(missed.taken()).extracting(MissedTest::text).containsExactly(half, half);

        add("small");
        add("x".repeat(Missed.MOST_BYTES + 1));
        add("last");
        assertThat(missed.taken()).extracting(MissedTest::text).containsExactly("last");
    }

    private void add(String text) {
        missed.add(true, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Missed.Message message) {
        return new String(message.bytes(), StandardCharsets.UTF_8);
    }
}
