package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The file of the master keys: whole at any instant, its owner's alone, and nothing of it beside it. */
class KeyRingFileTest {

    private static final int ROUNDS = 6;

    private final SecureRandom random = new SecureRandom();
    private final KeyRing ring = KeyRing.fresh(random, Instant.EPOCH);

    @TempDir
    Path folder;

    @Test
    void a_process_that_is_killed_while_it_writes_leaves_a_whole_ring_with_the_key_that_it_told_of() throws Exception {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(ring);
        var kills = new Random(20261124);

        for (var round = 0; round < ROUNDS; round++) {
            var told = rotateUntilKilled(1 + kills.nextInt(20));

            var left = file.read();
            assertThat(left.find(told)).as("round " + round).isPresent();
            assertThat(left.find("k1")).isPresent();
            assertThat(rights(file.path())).isEqualTo("rw-------");
        }
        file.write(ring);

        assertThat(names()).containsExactly("key-ring");
    }

    @Test
    void what_a_killed_process_left_goes_with_the_next_writing_and_nothing_else_does() throws IOException {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        Files.writeString(folder.resolve("key-ring-fresh4711.new"), "sallyport-key-ring 1\nk1 half of a");
        Files.writeString(folder.resolve("key-ring.backup"), "an operator's own copy");

        file.write(ring);

        assertThat(names()).containsExactlyInAnyOrder("key-ring", "key-ring.backup");
    }

    @Test
    void a_ring_that_cannot_be_put_in_place_leaves_no_keys_beside_it() throws IOException {
        // A folder with something in it stands where the ring should go.
        Files.createDirectories(folder.resolve("key-ring/taken"));
        var file = new KeyRingFile(folder.resolve("key-ring"));

        assertThatThrownBy(() -> file.write(ring))
                .isInstanceOf(VaultProblem.class)
                .hasMessageContaining("cannot be written");

        assertThat(names()).containsExactly("key-ring");
    }

    /** After two rotations and retirements the third made a second k2, which no running proxy took over. */
    @Test
    void a_key_id_never_comes_back() {
        var now = Instant.parse("2026-11-24T00:00:00Z");
        var ids = new java.util.HashSet<>(List.of("k1"));
        var turning = ring;

        for (var round = 0; round < 12; round++) {
            var old = turning.active(now).id();
            turning = turning.rotated(random, now).without(old, now);
            assertThat(ids.add(turning.active(now).id())).isTrue();
        }
    }

    @Test
    void a_key_that_was_taken_out_before_its_time_may_be_followed_by_one_of_its_name() {
        var now = Instant.parse("2026-11-24T00:00:00Z");
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(ring.rotated(random, now.plusSeconds(600)));
        var rings = KeyRings.in(file, () -> now);
        file.write(ring);
        rings.reload();

        file.write(ring.rotated(random, now));
        rings.reload();

        assertThat(rings.active().id()).isEqualTo("k2");
        assertThat(rings.active().key().matches(file.read().keys().getLast().key()))
                .isTrue();
    }

    @Test
    void another_key_under_a_name_that_was_in_force_is_not_taken_over() {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(ring);
        var rings = KeyRings.in(file, java.time.InstantSource.system());

        file.write(KeyRing.fresh(random, Instant.EPOCH).rotated(random, Instant.EPOCH));
        rings.reload();

        assertThat(rings.now().keys()).hasSize(1);
        assertThat(rings.active().key().matches(ring.keys().getFirst().key())).isTrue();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_folder_that_is_made_for_the_ring_is_its_owners_alone() throws IOException {
        new KeyRingFile(folder.resolve("state/keys/key-ring")).write(ring);

        assertThat(rights(folder.resolve("state"))).isEqualTo("rwx------");
        assertThat(rights(folder.resolve("state/keys"))).isEqualTo("rwx------");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void what_is_asked_and_answered_is_its_owners_alone_and_leaves_nothing_beside_it() throws IOException {
        var errand = new KeyErrand(folder);

        errand.ask(new KeyErrand.Request("1", KeyErrand.Task.COUNT));
        errand.answer(new KeyErrand.Answer("1", KeyErrand.State.WORKING, 1, 1, "", new java.util.TreeMap<>()));

        assertThat(names()).containsExactlyInAnyOrder("keys-request", "keys-answer");
        assertThat(rights(folder.resolve("keys-request"))).isEqualTo("rw-------");
        assertThat(rights(folder.resolve("keys-answer"))).isEqualTo("rw-------");
    }

    /** What each of them read was old when it wrote, and the other's key was gone, with what it had locked by then. */
    @Test
    void two_processes_that_add_keys_at_the_same_time_lose_none() throws Exception {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(ring);

        var processes = List.of(adding(30), adding(30));
        for (var process : processes) {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        assertThat(file.read().keys()).hasSize(61);
        assertThat(rights(folder.resolve("key-ring.lock"))).isEqualTo("rw-------");
        assertThat(folder.resolve("key-ring.lock")).isEmptyFile();
    }

    private Process adding(int keys) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Adder.class.getName(),
                        folder.resolve("key-ring").toString(),
                        Integer.toString(keys)))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(path -> String.valueOf(path.getFileName())).toList();
        }
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** The key of which the process told last. */
    private String rotateUntilKilled(int rotations) throws IOException, InterruptedException {
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Rotator.class.getName(),
                        folder.resolve("key-ring").toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var told = "";
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var seen = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("added ")) {
                    told = line.substring(6);
                    if (++seen == rotations) {
                        // It is writing the next ring now; what it still tells of must hold as well.
                        process.toHandle().destroyForcibly();
                    }
                }
            }
            assertThat(seen).isGreaterThanOrEqualTo(rotations);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        return told;
    }

    /** Adds keys until it is killed. */
    static final class Rotator {
        public static void main(String[] args) {
            var file = new KeyRingFile(Path.of(args[0]));
            while (true) {
                file.write(file.read().rotated(new SecureRandom(), Instant.EPOCH));
                System.out.println("added " + file.read().keys().getLast().id());
            }
        }

        private Rotator() {}
    }

    /** Adds some keys. */
    static final class Adder {
        public static void main(String[] args) {
            var file = new KeyRingFile(Path.of(args[0]));
            var random = new SecureRandom();
            for (var left = Integer.parseInt(args[1]); left > 0; left--) {
                var _ = file.change(ring -> ring.rotated(random, Instant.EPOCH));
            }
        }

        private Adder() {}
    }
}
