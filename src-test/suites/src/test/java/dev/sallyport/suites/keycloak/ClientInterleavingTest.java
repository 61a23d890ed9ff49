package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Clients that share the tokens of a grant between two programs, lose answers, repeat themselves and race, in random order
 * by seed. Whatever they do within the window they stay signed in, and whoever comes with a used token after it ends
 * exactly that family. Two thousand interleavings, of about six refreshes each.
 */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientInterleavingTest {
    private static final int GRANTS = 12;
    private static final int THREADS = 4;
    private static final int INTERLEAVINGS = 2_000;

    private final GrantScene scene = new GrantScene();
    private final LoginDriver alice = scene.alice;
    private final Client client = scene.client();
    private final AtomicInteger done = new AtomicInteger();

    @AfterAll
    void remove() {
        scene.close();
    }

    /** Two programs that hold what they last got, of one grant. */
    private final class Family {
        final Random random;
        final String[] held;
        final List<String> used = new ArrayList<>();
        String newest;

        Family(long seed, String first) {
            random = new Random(seed);
            held = new String[] {first, first};
            newest = first;
        }

        void interleave() {
            for (var step = 0; step < 4; step++) {
                var who = random.nextInt(2);
                switch (random.nextInt(6)) {
                    case 0, 1 -> keep(who, refreshed(held[who], Map.of()));
                    case 2 -> refreshed(held[who], Map.of());
                    case 3 -> atOnce();
                    case 4 -> keep(who, refreshed(held[who], Map.of("scope", "openid nonsense")));
                    default ->
                        assertThat(alice.refresh(client, held[who], Map.of("resource", TestRealm.CALENDAR))
                                        .error())
                                .isEqualTo("invalid_target");
                }
            }
            // Both are up to date in the end, as they are before a pause.
            keep(0, refreshed(newest, Map.of()));
            keep(1, held[0]);
            done.incrementAndGet();
        }

        private void atOnce() {
            var other = CompletableFuture.supplyAsync(() -> alice.refresh(client, held[1], Map.of()));
            var one = alice.refresh(client, held[0], Map.of());
            var two = other.join();
            assertThat(List.of(one, two)).allMatch(LoginDriver.Tokens::ok);
            // One of them may have followed what the other got; then that one's is the newest.
            note(generation(one.refresh()) > generation(two.refresh()) ? one.refresh() : two.refresh());
            held[0] = one.refresh();
            held[1] = two.refresh();
        }

        private String refreshed(String presented, Map<String, String> more) {
            var answer = alice.refresh(client, presented, more);
            assertThat(answer.answer().body()).contains("access_token");
            assertThat(answer.scopes()).containsExactly("notes:read");
            note(answer.refresh());
            return answer.refresh();
        }

        private void note(String refreshToken) {
            if (generation(refreshToken) > generation(newest)) {
                used.add(newest);
                newest = refreshToken;
            }
        }

        private void keep(int who, String refreshToken) {
            held[who] = refreshToken;
        }
    }

    @Test
    void no_interleaving_strands_an_honest_client_and_none_serves_a_late_thief() {
        scene.openTheWindow();
        var families = new ArrayList<Family>();
        for (var seed = 0; seed < GRANTS; seed++) {
            families.add(new Family(
                    seed, alice.connect(client, TestRealm.NOTES, "notes:read").refresh()));
        }

        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var running = IntStream.range(0, THREADS)
                    .mapToObj(thread -> CompletableFuture.runAsync(
                            () -> {
                                for (var turn = thread; turn < INTERLEAVINGS; turn += THREADS) {
                                    families.get(turn % GRANTS).interleave();
                                }
                            },
                            threads))
                    .toList();
            running.forEach(CompletableFuture::join);
        }

        scene.letTheWindowPass();
        for (var i = 0; i < families.size(); i++) {
            var family = families.get(i);
            if (i % 2 == 0 && !family.used.isEmpty()) {
                var stolen = family.used.get(family.random.nextInt(family.used.size()));
                assertThat(alice.refresh(client, stolen).error()).isEqualTo("invalid_grant");
                assertThat(alice.refresh(client, family.newest).error()).isEqualTo("invalid_grant");
            } else {
                assertThat(alice.refresh(client, family.newest).ok()).isTrue();
            }
        }
        assertThat(done.get()).isEqualTo(INTERLEAVINGS);
    }

    private static long generation(String refreshToken) {
        return LoginDriver.claimsOf(refreshToken).path("generation").asLong();
    }
}
