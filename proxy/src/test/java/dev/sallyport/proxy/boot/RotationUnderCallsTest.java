package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.store.CacheStore;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.vault.KeyDesk;
import dev.sallyport.proxy.vault.KeyErrand;
import dev.sallyport.proxy.vault.KeyErrand.State;
import dev.sallyport.proxy.vault.KeyErrand.Task;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.KeyRings;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Master keys are added, brought under every record, and retired, while people call and connect accounts. */
class RotationUnderCallsTest {

    private static final int PEOPLE = 120;
    private static final int ROUNDS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();

    @TempDir
    Path folder;

    @Test
    void no_call_fails_while_keys_are_rotated_and_retired_and_each_gets_its_own_credential() throws Exception {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(KeyRing.fresh(random, Instant.EPOCH));
        var rings = KeyRings.in(file, clock);
        try (var upstream = ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
                var issuer = TestAuthorizationServer.start();
                var store = CacheStore.embedded(folder.resolve("vault"));
                var gate = new KeepingGate(
                        upstream.url("/mcp"), new KeepingGate.Issuer(issuer.issuer(), issuer.jwks()), store, rings)) {
            IntStream.range(0, PEOPLE).forEach(person -> gate.connect("person-" + person, "key of " + person));
            var callers = new Callers(gate, issuer);
            var errand = new KeyErrand(folder);
            var desk = new KeyDesk(errand, rings, gate.vault(), new Leases(store, random, System::nanoTime)).start();

            try (var crowd = callers.start()) {
                try {
                    for (var round = 0; round < ROUNDS; round++) {
                        callers.awaitMore(20);
                        rotateAndRetire(file, errand, "round-" + round);
                    }
                    callers.awaitMore(20);
                } finally {
                    crowd.stop();
                }
            } finally {
                desk.interrupt();
                desk.join();
            }

            assertThat(callers.failed).isEmpty();
            assertThat(upstream.received())
                    .hasSizeGreaterThan(20 * ROUNDS)
                    .allSatisfy(request ->
                            assertThat(request.header("x-api-key").orElse("")).startsWith("key of "));
            assertThat(gate.vault().needs()).containsOnlyKeys("k" + (ROUNDS + 1));
        }
    }

    private void rotateAndRetire(KeyRingFile file, KeyErrand errand, String id) {
        var old = file.read().active(clock.instant()).id();
        file.write(file.read().rotated(random, clock.instant()));
        errand.ask(new KeyErrand.Request(id, Task.RENEW));
        await(() -> errand.answered(id)
                .filter(answer -> answer.state() != State.WORKING)
                .isPresent());
        assertThat(errand.answered(id))
                .hasValueSatisfying(answer -> assertThat(answer.needs()).doesNotContainKey(old));
        file.write(file.read().without(old, clock.instant()));
    }

    private static void await(BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(until);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** People who call; a renewed record is in no cache, so the next call opens it. Every fifth call is a newcomer's. */
    private static final class Callers {

        private final KeepingGate gate;
        private final TestAuthorizationServer issuer;
        private final List<String> tokens;
        private final AtomicInteger calls = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> failed = new ConcurrentLinkedQueue<>();

        Callers(KeepingGate gate, TestAuthorizationServer issuer) {
            this.gate = gate;
            this.issuer = issuer;
            this.tokens = IntStream.range(0, PEOPLE)
                    .mapToObj(person -> token("person-" + person))
                    .toList();
        }

        private String token(String person) {
            return issuer.token(KeepingGate.RESOURCE)
                    .scope("notes:all")
                    .subject(person)
                    .sign();
        }

        Crowd start() {
            var crowd = new Crowd();
            for (var lane = 0; lane < 3; lane++) {
                var first = lane;
                crowd.run(() -> {
                    for (var n = first; !crowd.ended.get(); n += 3) {
                        if (n % 5 == 0) {
                            gate.connect("newcomer-" + n, "key of newcomer " + n);
                            call(token("newcomer-" + n));
                        } else {
                            call(tokens.get(n % PEOPLE));
                        }
                    }
                });
            }
            return crowd;
        }

        private void call(String token) {
            var body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"read\"}}";
            var answer = RawClient.exchange(
                    gate.port(),
                    "POST /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer "
                            + token
                            + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                            + "\nContent-Length: " + body.length(),
                    body);
            if (answer.status() != 200) {
                failed.add(answer.status() + " " + answer.body());
            }
            calls.incrementAndGet();
        }

        void awaitMore(int more) {
            var wanted = calls.get() + more;
            await(() -> calls.get() >= wanted);
        }
    }

    /** Threads that work until they are told to stop; what they throw is thrown at the end. */
    private static final class Crowd implements AutoCloseable {

        private final AtomicBoolean ended = new AtomicBoolean();
        private final java.util.concurrent.ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<java.util.concurrent.Future<?>> running = new java.util.ArrayList<>();

        void run(Runnable work) {
            running.add(threads.submit(work));
        }

        void stop() throws InterruptedException, ExecutionException {
            ended.set(true);
            for (var work : running) {
                work.get();
            }
        }

        @Override
        public void close() {
            ended.set(true);
            threads.close();
        }
    }
}
