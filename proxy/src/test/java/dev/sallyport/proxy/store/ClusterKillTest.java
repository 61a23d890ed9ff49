package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.StoreSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as three processes, all writing; some are killed, as by a power cut. */
class ClusterKillTest {

    private static final int SOME = 20;

    @TempDir
    Path folder;

    private final List<Node> running = new ArrayList<>();

    @AfterEach
    void end() {
        running.forEach(Node::kill);
    }

    @Test
    void one_killed_node_loses_nothing_and_the_others_go_on() throws Exception {
        try (var ports = new Nodes(folder, 3)) {
            for (var node = 0; node < 3; node++) {
                running.add(Node.start(folder, node, ports.settings(node).port(), addresses(ports)));
            }
            running.forEach(node -> node.awaitAcknowledged(SOME));

            running.get(0).kill();
            var counts = running.stream().map(Node::acknowledged).toList();
            running.get(1).awaitAcknowledged(counts.get(1) + SOME);
            running.get(2).awaitAcknowledged(counts.get(2) + SOME);

            var all = Stream.of(0, 1, 2)
                    .flatMap(node -> running.get(node).keys().stream())
                    .toList();
            assertThat(running.get(1).dump()).containsAll(all);
            assertThat(running.get(2).dump()).containsAll(all);
        }
    }

    /** Seen to wait for more than three minutes on a machine with a load of ten, so it is not for every machine. */
    @Test
    @EnabledIfSystemProperty(
            named = "sallyport.idle",
            matches = "true",
            disabledReason = "needs an idle machine: -Dsallyport.idle=true")
    void the_last_of_three_refuses_rather_than_go_on_with_what_others_may_have_changed() throws Exception {
        try (var ports = new Nodes(folder, 3)) {
            for (var node = 0; node < 3; node++) {
                running.add(Node.start(folder, node, ports.settings(node).port(), addresses(ports)));
            }
            running.forEach(node -> node.awaitAcknowledged(SOME));

            running.get(0).kill();
            running.get(2).awaitAcknowledged(running.get(2).acknowledged() + SOME);
            running.get(1).kill();

            running.get(2).awaitProblem();
        }
    }

    private static String addresses(Nodes nodes) {
        return String.join(
                ",",
                Stream.of(0, 1, 2)
                        .map(node -> "127.0.0.1:" + nodes.settings(node).port())
                        .toList());
    }

    /** One process, and what it has said. */
    private static final class Node {

        private final Process process;
        private final PrintWriter commands;
        private final Set<String> keys = ConcurrentHashMap.newKeySet();
        private final Set<String> dumped = ConcurrentHashMap.newKeySet();
        private final AtomicInteger dumps = new AtomicInteger();
        private final AtomicInteger problems = new AtomicInteger();

        private Node(Process process) {
            this.process = process;
            commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
            Thread.ofVirtual().start(this::listen);
        }

        static Node start(Path folder, int number, int port, String addresses) throws IOException {
            return new Node(new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            folder.resolve("node-" + number).toString(),
                            Integer.toString(port),
                            addresses,
                            "node-" + number))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }

        private void listen() {
            try (var lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("ack ")) {
                        keys.add(line.substring(4));
                    } else if (line.startsWith("has ")) {
                        dumped.add(line.substring(4));
                    } else if (line.equals("dumped")) {
                        dumps.incrementAndGet();
                    } else if (line.equals("problem")) {
                        problems.incrementAndGet();
                    }
                }
            } catch (IOException _) {
                // The process was killed in the middle of a line.
            }
        }

        int acknowledged() {
            return keys.size();
        }

        Set<String> keys() {
            return keys;
        }

        void awaitAcknowledged(int count) {
            await(() -> keys.size() >= count);
        }

        void awaitProblem() {
            var before = problems.get();
            await(() -> problems.get() > before);
        }

        Set<String> dump() {
            var before = dumps.get();
            commands.println("dump");
            await(() -> dumps.get() > before);
            return dumped;
        }

        void kill() {
            process.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
        }

        private void await(BooleanSupplier condition) {
            var until = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            while (!condition.getAsBoolean()) {
                assertThat(System.nanoTime() - until).as("waited too long").isNegative();
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /** Writes for ever and says what was acknowledged; on a line of input, what it has. */
    static final class Writer {
        public static void main(String[] args) {
            var settings = new StoreSettings.Cluster(
                    "127.0.0.1",
                    Integer.parseInt(args[1]),
                    new StoreSettings.Discovery.Members(List.of(args[2].split(",", -1))),
                    3,
                    new SecretRef.Inline(Nodes.SECRET));
            var store = CacheStore.clustered(Path.of(args[0]), settings, Nodes.SECRET, Duration.ofMinutes(3));
            var records = store.area(AreaName.CONNECTIONS);
            Thread.ofPlatform().daemon().start(() -> answer(records));
            for (var number = 0; ; number++) {
                var key = args[3] + "-" + number;
                try {
                    records.put(key, key.getBytes(StandardCharsets.UTF_8));
                    System.out.println("ack " + key);
                } catch (StoreProblem _) {
                    System.out.println("problem");
                }
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        }

        private static void answer(Area records) {
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            in.lines().forEach(_ -> {
                records.forEach((key, _) -> System.out.println("has " + key));
                System.out.println("dumped");
            });
        }

        private Writer() {}
    }
}
