package dev.sallyport.proxy.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the store in this process does when its disk is nearly full, and when a write fails. */
class FullDiskTest {

    private final AtomicLong free = new AtomicLong(Disk.SPARE);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = AreaName.class,
            names = {"CONNECTIONS", "SESSIONS", "APPROVALS", "PINS", "CHANGES", "TASKS"})
    void before_the_disk_is_full_nothing_is_written_and_nothing_overwritten(AreaName name) {
        try (var store = CacheStore.embedded(folder, new Disk(folder, free::get))) {
            var area = store.area(name);
            area.put("kept", new byte[] {1});
            area.put("other", new byte[] {1});

            free.set(Disk.SPARE - 1);

            assertThatThrownBy(() -> area.put("kept", new byte[] {2}))
                    .isInstanceOf(StoreProblem.class)
                    .hasMessageContaining("is full");
            assertThatThrownBy(() -> area.putIfAbsent("new", new byte[] {2})).isInstanceOf(StoreProblem.class);
            assertThatThrownBy(() -> area.replace("kept", new byte[] {1}, new byte[] {2}))
                    .isInstanceOf(StoreProblem.class);
            assertThat(area.putIfAbsent("kept", new byte[] {2})).isFalse();
            assertThat(area.get("kept")).hasValue(new byte[] {1});
            assertThat(area.get("new")).isEmpty();
            assertThat(area.remove("other")).isTrue();
        }
    }

    @Test
    void removals_end_a_little_later_and_with_room_everything_goes_on() {
        try (var store = CacheStore.embedded(folder, new Disk(folder, free::get))) {
            var area = store.area(AreaName.CONNECTIONS);
            area.put("kept", new byte[] {1});

            free.set(Disk.LAST - 1);

            assertThatThrownBy(() -> area.remove("kept")).isInstanceOf(StoreProblem.class);
            assertThatThrownBy(() -> area.remove("kept", new byte[] {1})).isInstanceOf(StoreProblem.class);
            assertThat(area.get("kept")).isPresent();

            free.set(Disk.SPARE);
            area.put("kept", new byte[] {2});
            assertThat(area.get("kept")).hasValue(new byte[] {2});
        }
    }

    @Test
    void what_is_never_written_to_a_disk_does_not_need_one() {
        free.set(0);
        try (var store = CacheStore.embedded(folder, new Disk(folder, free::get))) {
            store.area(AreaName.LEASES).put("lease", new byte[] {1});

            assertThat(store.area(AreaName.LEASES).remove("lease")).isTrue();
        }
    }

    /** The shell bounds files at 2 MiB, so that a write fails in its middle, as on a disk that others filled. */
    @Test
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisabledOnOs(OS.WINDOWS)
    void after_a_write_that_failed_nothing_is_written_or_lost_and_nobody_waits() throws Exception {
        var acknowledged = new ArrayList<String>();
        var process = new ProcessBuilder(List.of(
                        "bash",
                        "-c",
                        "ulimit -f 2048; exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Filler.class.getName(),
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var said = new ArrayList<String>();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("ack ")) {
                    acknowledged.add(line.substring(4));
                } else {
                    said.add(line);
                }
            }
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(said).containsExactly("failed", "others failed", "read", "refused", "problem", "closed");

        try (var store = CacheStore.embedded(folder)) {
            var records = store.area(AreaName.CONNECTIONS);
            assertThat(acknowledged).hasSizeGreaterThan(100);
            assertThat(acknowledged)
                    .allSatisfy(key -> assertThat(records.get(key)).hasValue(Filler.value(key)));
            assertThat(records.get("first")).hasValue(Filler.value("first"));
            records.put("again", new byte[] {1});
        }
    }

    /** Writes from four threads until the disk takes no more; then says how the store bears it. */
    static final class Filler {

        private static final int LARGE = 4000;

        public static void main(String[] args) throws IOException, InterruptedException {
            var store = CacheStore.embedded(Path.of(args[0]));
            var records = store.area(AreaName.CONNECTIONS);
            records.put("first", value("first"));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var thread = 0; thread < 4; thread++) {
                    var name = "k" + thread;
                    threads.execute(() -> fill(records, name));
                }
            }
            say("failed");
            // All four came back: none waits behind the write that failed.
            say("others failed");
            if (records.get("first")
                    .filter(first -> MessageDigest.isEqual(first, value("first")))
                    .isPresent()) {
                say("read");
            }
            try {
                records.put("first", new byte[] {1});
            } catch (StoreProblem _) {
                say("refused");
            }
            store.problem().ifPresent(_ -> say("problem"));
            store.close();
            say("closed");
            Runtime.getRuntime().halt(0);
        }

        private static void fill(Area records, String name) {
            for (var number = 0; number < 10_000; number++) {
                var key = name + "-" + number;
                try {
                    records.put(key, value(key));
                } catch (StoreProblem _) {
                    return;
                }
                say("ack " + key);
            }
        }

        static byte[] value(String key) {
            var value = new byte[LARGE];
            var bytes = key.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, value, 0, bytes.length);
            return value;
        }

        private static void say(String line) {
            System.out.println(line);
        }

        private Filler() {}
    }
}
