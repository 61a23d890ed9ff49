package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store acknowledged is there after the process was killed at any instant. */
class CrashTest {

    private static final int ROUNDS = 6;

    @TempDir
    Path folder;

    @Test
    void nothing_acknowledged_is_lost_when_the_process_is_killed() throws Exception {
        var random = new Random(20261123);
        var acknowledged = new HashSet<String>();

        for (var round = 0; round < ROUNDS; round++) {
            writeUntilKilled(round, 1 + random.nextInt(60), acknowledged);
        }

        try (var store = CacheStore.embedded(folder)) {
            var records = store.area(AreaName.CONNECTIONS);
            assertThat(acknowledged)
                    .hasSizeGreaterThan(ROUNDS)
                    .allSatisfy(key -> assertThat(records.get(key))
                            .as(key)
                            .hasValueSatisfying(value -> assertThat(new String(value, StandardCharsets.UTF_8))
                                    .isEqualTo("value of " + key)));
        }
    }

    private void writeUntilKilled(int round, int acknowledgements, Set<String> acknowledged)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.toString(),
                        "round-" + round))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var seen = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("ack ")) {
                    acknowledged.add(line.substring(4));
                    if (++seen == acknowledgements) {
                        // The writer is in the middle of its next write; what it still acknowledged must hold as well.
                        process.toHandle().destroyForcibly();
                    }
                }
            }
            assertThat(seen).isGreaterThanOrEqualTo(acknowledgements);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Writes for ever and says what was acknowledged. */
    static final class Writer {
        public static void main(String[] args) {
            var store = CacheStore.embedded(Path.of(args[0])).area(AreaName.CONNECTIONS);
            for (var number = 0; ; number++) {
                var key = args[1] + "-" + number;
                store.put(key, ("value of " + key).getBytes(StandardCharsets.UTF_8));
                System.out.println("ack " + key);
            }
        }

        private Writer() {}
    }
}
