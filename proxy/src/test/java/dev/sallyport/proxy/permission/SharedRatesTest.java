package dev.sallyport.proxy.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedRatesTest {

    private static final RateStore.Key KEY = new RateStore.Key("notes", RateStore.Kind.USER, "alice");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T06:00:00Z"));
    private final MemoryStore store = new MemoryStore(() -> now.get().toEpochMilli());

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 2", "60, 3", "1000, 4"})
    void all_nodes_together_let_through_what_the_limit_says(int calls, int nodes) {
        var rate = new Rate(calls, Duration.ofMinutes(1));
        var all = java.util.stream.Stream.generate(this::node).limit(nodes).toList();

        var passed = exhaust(all, rate);

        assertThat(passed).isEqualTo(calls);
    }

    @Test
    void the_allowance_refills_evenly() {
        var rate = new Rate(60, Duration.ofMinutes(1));
        var all = List.of(node(), node());
        exhaust(all, rate);
        // What nodes had taken and not used is given up, not kept.
        now.set(now.get().plusSeconds(30));

        assertThat(exhaust(all, rate)).isBetween(29, 31);
    }

    @Test
    void who_is_refused_learns_how_long_to_wait() {
        var rate = new Rate(1, Duration.ofMinutes(1));
        var one = node();
        var other = node();
        one.take(KEY, rate);
        now.set(now.get().plusSeconds(20));

        assertThat(other.take(KEY, rate)).isEqualTo(Duration.ofSeconds(40));
        now.set(now.get().plusSeconds(40));
        assertThat(other.take(KEY, rate)).isZero();
    }

    @Test
    void a_call_that_did_not_happen_is_given_back() {
        var rate = new Rate(1, Duration.ofMinutes(1));
        var node = node();
        node.take(KEY, rate);

        node.giveBack(KEY, rate);

        assertThat(node.take(KEY, rate)).isZero();
        assertThat(node.take(KEY, rate)).isPositive();
    }

    private int exhaust(List<SharedRates> nodes, Rate rate) {
        var passed = 0;
        for (var round = 0; round < rate.calls() * 2; round++) {
            for (var node : nodes) {
                passed += node.take(KEY, rate).isZero() ? 1 : 0;
            }
        }
        return passed;
    }

    private SharedRates node() {
        return new SharedRates(store.area(AreaName.RATES), now::get);
    }
}
