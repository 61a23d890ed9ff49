package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.store.Nodes;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three gates over one cluster of three encrypted stores, and a thousand people with a key each. */
class ThreeGatesTest {

    private static final int PEOPLE = 1000;
    private static final int AT_ONCE = 16;

    private final ScriptedServer upstream =
            ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}");
    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final List<KeepingGate> gates = new ArrayList<>();

    @TempDir
    Path folder;

    private Nodes nodes = new Nodes(Path.of("."), 0);

    @BeforeEach
    void start() throws Exception {
        nodes = new Nodes(folder, 3);
        nodes.startAll();
        var ring = KeyRing.fresh(new SecureRandom(), Instant.now());
        for (var node = 0; node < 3; node++) {
            gates.add(new KeepingGate(
                    upstream.url("/mcp"),
                    new KeepingGate.Issuer(issuer.issuer(), issuer.jwks()),
                    nodes.store(node),
                    ring));
        }
    }

    @AfterEach
    void close() {
        gates.forEach(KeepingGate::close);
        nodes.close();
        issuer.close();
        upstream.close();
    }

    @Test
    void a_thousand_people_never_get_each_others_key_also_when_a_node_leaves() throws Exception {
        together(person -> gates.get(person % 3).connect("person-" + person, "canary of " + person));

        // Each at another node than the one that stored it.
        together(person -> assertThat(call((person + 1) % 3, person).status()).isEqualTo(200));
        gates.removeFirst().close();
        nodes.stop(0);
        together(person -> assertThat(patientCall(person % 2, person)).isEqualTo(200));

        assertThat(upstream.received())
                .hasSize(2 * PEOPLE)
                .allSatisfy(call -> assertThat(call.body())
                        .contains("\"I am "
                                + call.header("x-api-key").orElse("nobody").replace("canary of ", "") + "\""));
    }

    @Test
    void a_removed_connection_ends_its_persons_streams_on_every_node_and_nobody_elses() throws Exception {
        var freed = new CountDownLatch(3);
        var ended = new CopyOnWriteArrayList<String>();
        upstream.script((listening, wire) -> {
            wire.events().event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}");
            wire.awaitHangUp();
            ended.add(listening.header("x-api-key").orElse("nobody"));
            freed.countDown();
        });
        gates.getFirst().connect("person-1", "canary of 1");
        gates.getFirst().connect("person-2", "canary of 2");
        try (var _ = listen(0, 1);
                var _ = listen(1, 1);
                var _ = listen(2, 1);
                var _ = listen(2, 2)) {
            gates.get(1).vault().disconnect(gates.get(1).record("person-1"));

            assertThat(freed.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(ended).containsExactly("canary of 1", "canary of 1", "canary of 1");
        }
    }

    private static void together(IntConsumer each) throws Exception {
        var order = new ArrayList<Integer>();
        for (var person = 0; person < PEOPLE; person++) {
            order.add(person);
        }
        Collections.shuffle(order, new Random(20261123));
        var room = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Future<?>>();
            for (var person : order) {
                tasks.add(threads.submit(() -> {
                    room.acquireUninterruptibly();
                    try {
                        each.accept(person);
                    } finally {
                        room.release();
                    }
                }));
            }
            for (var task : tasks) {
                task.get(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private RawAnswer call(int gate, int person) {
        var body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"arguments\":"
                + "{\"text\":\"I am " + person + "\"}}}";
        return RawClient.exchange(
                gates.get(gate).port(),
                "POST /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer " + token(person)
                        + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                        + "\nContent-Length: " + body.length(),
                body);
    }

    /** While the others agree on who is left, a node may say that it cannot serve a call yet; nothing was sent then. */
    private int patientCall(int gate, int person) {
        var status = call(gate, person).status();
        for (var tries = 0; status == 503 && tries < 300; tries++) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            status = call(gate, person).status();
        }
        return status;
    }

    private RawClient listen(int gate, int person) {
        var client = RawClient.connect(gates.get(gate).port())
                .send(
                        "GET /notes/mcp HTTP/1.1\nHost: " + KeepingGate.HOST + "\nAuthorization: Bearer "
                                + token(person) + "\nAccept: text/event-stream",
                        "");
        assertThat(client.head().status()).isEqualTo(200);
        assertThat(client.chunk()).contains("notifications/");
        return client;
    }

    private String token(int person) {
        return issuer.token(KeepingGate.RESOURCE)
                .scope("notes:all")
                .subject("person-" + person)
                .claim("grant_id", "grant-of-" + person)
                .sign();
    }
}
