package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.CacheStore;
import dev.sallyport.proxy.store.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A renewal of all records that is killed in its middle, again and again, and then goes on to its end. */
class RotationKillTest {

    private static final int PEOPLE = 200;
    private static final int ROUNDS = 4;
    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final InstantSource CLOCK = InstantSource.system();

    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    @Test
    void a_renewal_that_is_killed_again_and_again_loses_nothing_and_ends() throws Exception {
        var file = new KeyRingFile(folder.resolve("key-ring"));
        file.write(KeyRing.fresh(random, Instant.EPOCH));
        try (var store = CacheStore.embedded(folder.resolve("vault"))) {
            var vault = Vault.open(store, file.read(), random);
            for (var person = 0; person < PEOPLE; person++) {
                vault.connect(
                        record(person),
                        Optional.empty(),
                        Connection.of("", Instant.EPOCH, Map.of("value", Secret.of("canary of " + person))));
            }
        }
        file.write(file.read().rotated(random, Instant.EPOCH));

        var kills = new Random(20261123);
        for (var round = 0; round < ROUNDS; round++) {
            renewUntilKilled(file, 1 + kills.nextInt(Renewer.STEP - 1));
        }

        try (var store = CacheStore.embedded(folder.resolve("vault"))) {
            var vault = open(store, file);
            // Killed in the middle: some records lie under each key, and all of them open.
            assertThat(vault.needs()).containsOnlyKeys("k1", "k2");
            assertAllOpen(vault);
            vault.renewAll((_, _) -> {});
            assertThat(vault.needs()).containsOnlyKeys("k2");
        }
        file.write(file.read().without("k1", CLOCK.instant()));
        try (var store = CacheStore.embedded(folder.resolve("vault"))) {
            assertAllOpen(open(store, file));
        }
    }

    private static void assertAllOpen(Vault vault) {
        for (var person = 0; person < PEOPLE; person++) {
            assertThat(vault.<String>asOwner(record(person), RotationKillTest::value))
                    .hasValue("canary of " + person);
        }
    }

    private static String value(Connection connection) {
        return connection
                .secret("value")
                .map(secret -> secret.<String>reveal(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                .orElse("");
    }

    private static RecordId record(int person) {
        return Vault.userRecord(NOTES, "https://as.example.com", "person-" + person);
    }

    private static Vault open(Store store, KeyRingFile file) {
        return Vault.open(store, KeyRings.in(file, CLOCK), new SecureRandom());
    }

    private void renewUntilKilled(KeyRingFile file, int renewals) throws IOException, InterruptedException {
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Renewer.class.getName(),
                        folder.resolve("vault").toString(),
                        file.path().toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var seen = 0;
            for (var line = lines.readLine(); line != null && seen < renewals; line = lines.readLine()) {
                seen += line.equals("renewed") ? 1 : 0;
            }
            // It is at one of the next records now, and would wait for us before it came to the end.
            process.destroyForcibly();
            assertThat(seen).isEqualTo(renewals);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Renews a few records, says so after each, and then waits for a line that never comes. */
    static final class Renewer {

        private static final int STEP = 30;

        public static void main(String[] args) {
            var renewed = new long[1];
            open(CacheStore.embedded(Path.of(args[0])), new KeyRingFile(Path.of(args[1])))
                    .renewAll((_, now) -> {
                        if (now > renewed[0]) {
                            renewed[0] = now;
                            System.out.println("renewed");
                        }
                        if (now == STEP) {
                            await();
                        }
                    });
        }

        private static void await() {
            try {
                System.in.read();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private Renewer() {}
    }
}
