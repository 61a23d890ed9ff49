package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every store promises. Each test uses keys of its own, so that one store serves all of them. {@link #here} and {@link
 * #there} are two nodes of one store, or the same where there is but one.
 */
interface StoreContract {

    Store here();

    Store there();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String fresh() {
        return UUID.randomUUID().toString();
    }

    @ParameterizedTest
    @EnumSource(AreaName.class)
    default void what_one_node_puts_every_node_gets(AreaName name) {
        var key = fresh();

        here().area(name).put(key, bytes("one"));

        assertThat(there().area(name).get(key)).hasValue(bytes("one"));
        assertThat(here().area(name).get(key)).hasValue(bytes("one"));
        assertThat(here().area(name).get(fresh())).isEmpty();
    }

    @Test
    default void areas_do_not_see_each_other() {
        var key = fresh();

        here().area(AreaName.PINS).put(key, bytes("a pin"));

        assertThat(here().area(AreaName.FLOWS).get(key)).isEmpty();
    }

    @Test
    default void only_the_first_puts_if_absent() {
        var area = here().area(AreaName.CONNECTIONS);
        var key = fresh();

        assertThat(area.putIfAbsent(key, bytes("first"))).isTrue();
        assertThat(there().area(AreaName.CONNECTIONS).putIfAbsent(key, bytes("second")))
                .isFalse();

        assertThat(area.get(key)).hasValue(bytes("first"));
    }

    @ParameterizedTest
    @EnumSource(
            value = AreaName.class,
            names = {"CONNECTIONS", "SESSIONS", "FLOWS"})
    default void a_record_is_replaced_and_removed_only_if_it_is_the_expected_one(AreaName name) {
        var area = here().area(name);
        var key = fresh();
        area.put(key, bytes("old"));

        assertThat(there().area(name).replace(key, bytes("other"), bytes("new")))
                .isFalse();
        assertThat(area.remove(key, bytes("other"))).isFalse();
        assertThat(area.get(key)).hasValue(bytes("old"));

        assertThat(there().area(name).replace(key, bytes("old"), bytes("new"))).isTrue();
        assertThat(area.get(key)).hasValue(bytes("new"));
        assertThat(there().area(name).remove(key, bytes("new"))).isTrue();
        assertThat(area.get(key)).isEmpty();
        assertThat(area.replace(key, bytes("new"), bytes("newer"))).isFalse();
        assertThat(area.remove(key, bytes("new"))).isFalse();
    }

    @Test
    default void removing_tells_whether_there_was_something() {
        var area = here().area(AreaName.CONNECTIONS);
        var key = fresh();
        area.put(key, bytes("value"));

        assertThat(there().area(AreaName.CONNECTIONS).remove(key)).isTrue();
        assertThat(area.remove(key)).isFalse();
        assertThat(area.get(key)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = AreaName.class,
            names = {"APPROVALS", "SESSIONS", "FLOWS"})
    default void a_record_ends_with_its_lifespan_and_another_may_take_its_place(AreaName name) {
        var area = here().area(name);
        var key = fresh();

        area.put(key, bytes("brief"), Duration.ofMillis(50));
        await(() -> there().area(name).get(key).isEmpty());

        assertThat(area.putIfAbsent(key, bytes("next"))).isTrue();
        assertThat(area.get(key)).hasValue(bytes("next"));
    }

    @Test
    default void a_replaced_record_has_the_new_lifespan() {
        var area = here().area(AreaName.FLOWS);
        var key = fresh();
        area.put(key, bytes("brief"), Duration.ofSeconds(60));

        assertThat(area.replace(key, bytes("brief"), bytes("briefer"), Duration.ofMillis(50)))
                .isTrue();

        await(() -> area.get(key).isEmpty());
    }

    @Test
    default void arrays_are_copied_in_and_out() {
        var area = here().area(AreaName.FLOWS);
        var key = fresh();
        var value = bytes("value");

        area.put(key, value);
        value[0] = 'X';
        area.get(key).orElseThrow()[1] = 'Y';

        assertThat(area.get(key)).hasValue(bytes("value"));
    }

    @Test
    default void every_record_is_shown_once_and_may_be_changed_meanwhile() {
        var area = here().area(AreaName.APPROVALS);
        var mine = fresh();
        IntStream.range(0, 200).forEach(i -> area.put(mine + i, bytes("v" + i)));

        var seen = new ConcurrentLinkedQueue<String>();
        there().area(AreaName.APPROVALS).forEach((key, value) -> {
            if (key.startsWith(mine)) {
                seen.add(key + "=" + new String(value, StandardCharsets.UTF_8));
                area.replace(key, value, bytes("w"));
            }
        });

        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200)
                        .mapToObj(i -> mine + i + "=v" + i)
                        .toList());
        assertThat(area.get(mine + 7)).hasValue(bytes("w"));
        IntStream.range(0, 200).forEach(i -> area.remove(mine + i));
    }

    @Test
    default void changes_made_together_on_all_nodes_lose_none() throws Exception {
        var key = fresh();
        var rounds = 25;

        inParallel(List.of(here(), there(), here(), there()), store -> {
            for (var i = 0; i < rounds; i++) {
                store.area(AreaName.RATES)
                        .update(
                                key,
                                Area.FOREVER,
                                now -> Optional.of(bytes(Integer.toString(1
                                        + now.map(value -> Integer.parseInt(new String(value, StandardCharsets.UTF_8)))
                                                .orElse(0)))));
            }
            return true;
        });

        assertThat(here().area(AreaName.RATES).get(key)).hasValue(bytes("100"));
    }

    @Test
    default void a_lease_has_one_holder_until_it_is_released() throws Exception {
        var name = fresh();
        var most = new TreeMap<Integer, Boolean>();
        var holders = new java.util.concurrent.atomic.AtomicInteger();

        var times = inParallel(List.of(here(), there(), here(), there()), store -> {
            var leases = new Leases(store, new SecureRandom(), System::nanoTime);
            var held = 0;
            for (var i = 0; i < 5; i++) {
                try (var _ = leases.acquire(name, Duration.ofSeconds(60), Duration.ofSeconds(60))
                        .orElseThrow()) {
                    synchronized (most) {
                        most.put(holders.incrementAndGet(), true);
                    }
                    held++;
                    holders.decrementAndGet();
                }
            }
            return held;
        });

        assertThat(times).containsOnly(5);
        assertThat(most.keySet()).containsExactly(1);
    }

    @Test
    default void a_lease_whose_holder_died_ends_by_itself() {
        var leases = new Leases(here(), new SecureRandom(), System::nanoTime);
        var others = new Leases(there(), new SecureRandom(), System::nanoTime);
        var name = fresh();
        var lost = leases.acquire(name, Duration.ofMillis(300)).orElseThrow();

        var next = others.acquire(name, Duration.ofSeconds(60), Duration.ofSeconds(60));

        assertThat(next).isPresent();
        assertThat(lost.extend(Duration.ofSeconds(60))).isFalse();
        lost.close();
        assertThat(leases.acquire(name, Duration.ofSeconds(60))).isEmpty();
        next.orElseThrow().close();
    }

    @Test
    default void every_node_hears_of_changes() throws Exception {
        var area = here().area(AreaName.CONNECTIONS);
        var key = fresh();
        var heard = new LinkedBlockingQueue<String>();
        there().area(AreaName.CONNECTIONS).onChange(heard::add);

        area.put(key, bytes("one"));
        awaitHeard(heard, key);
        area.put(key, bytes("two"));
        awaitHeard(heard, key);
        area.remove(key);
        awaitHeard(heard, key);
    }

    @Test
    default void a_value_that_is_too_large_is_refused_and_changes_nothing() {
        var area = here().area(AreaName.LEASES);
        var key = fresh();
        area.put(key, bytes("small"));

        assertThatThrownBy(() -> area.put(key, new byte[65]))
                .isInstanceOf(StoreProblem.class)
                .hasMessageContaining("larger than 64 bytes");

        assertThat(area.get(key)).hasValue(bytes("small"));
    }

    @Test
    default void it_says_that_it_can_be_used() {
        assertThat(here().problem()).isEmpty();
        assertThat(there().problem()).isEmpty();
    }

    private static void awaitHeard(LinkedBlockingQueue<String> heard, String key) throws InterruptedException {
        for (var next = heard.poll(60, TimeUnit.SECONDS); !key.equals(next); ) {
            assertThat(next).as("a change was heard of").isNotNull();
            next = heard.poll(60, TimeUnit.SECONDS);
        }
    }

    static void await(BooleanSupplier condition) {
        var until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - until).as("waited too long").isNegative();
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    /** What each does at the same time. */
    interface Work<T> {
        T with(Store store);
    }

    private static <T> List<T> inParallel(List<Store> stores, Work<T> work)
            throws InterruptedException, ExecutionException {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = stores.stream()
                    .map(store -> threads.submit((Callable<T>) () -> {
                        start.await();
                        return work.with(store);
                    }))
                    .toList();
            start.countDown();
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }
}
