package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyDesk;
import dev.sallyport.proxy.vault.KeyErrand;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.KeyRings;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command beside a vault that is in use. */
class KeysCommandTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final InstantSource clock = () -> NOW;

    @TempDir
    Path folder;

    private Path state;
    private KeyRings rings;
    private Vault vault;
    private Optional<Thread> desk = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        state = Files.createDirectories(folder.resolve("state"));
        Files.writeString(folder.resolve("sallyport.yaml"), """
                publicUrl: https://mcp.example.com
                state: state
                servers:
                  notes:
                    title: Notes
                    upstream: { url: "http://127.0.0.1:1/mcp" }
                    authorizationServer: { issuer: "https://as.example.com" }
                    permissions: { all: { title: All, default: true, allow: { tools: ["*"] } } }
                """);
        file().write(KeyRing.fresh(random, NOW.minusSeconds(3600)));
        rings = KeyRings.in(file(), clock);
        vault = Vault.open(store, rings, random);
        for (var person : List.of("alice", "bob", "carol")) {
            connect(person);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        if (desk.isPresent()) {
            desk.get().interrupt();
            desk.get().join();
        }
    }

    @Test
    void rotating_brings_every_record_under_the_new_key_while_the_proxy_runs() {
        proxyRuns();

        assertThat(keys("rotate")).isZero();

        assertThat(printed()).contains("Key k2 was added", "4 of 4 records were renewed", "needed by 0 records");
        assertThat(vault.needs()).containsOnlyKeys("k2");
        assertThat(vault.show(record("alice"))).isPresent();
        connect("dave");
        assertThat(vault.needs()).containsOnlyKeys("k2");
    }

    @Test
    void a_key_that_is_still_needed_is_not_retired() {
        file().write(file().read().rotated(random, NOW));
        proxyRuns();

        assertThat(keys("retire", "k1")).isEqualTo(1);

        assertThat(printed()).contains("k1 is still needed by 4 records", "Nothing was changed");
        assertThat(file().read().find("k1")).isPresent();
    }

    @Test
    void a_key_that_nothing_needs_is_retired_and_the_active_one_is_not() {
        proxyRuns();
        keys("rotate");

        assertThat(keys("retire", "k2")).isEqualTo(1);
        assertThat(keys("retire", "k1")).isZero();

        assertThat(printed()).contains("k2 is the active key", "Key k1 was removed");
        assertThat(file().read().keys()).hasSize(1);
        assertThat(vault.show(record("bob"))).isPresent();
    }

    @Test
    void a_key_may_be_added_before_its_time() {
        proxyRuns();

        assertThat(keys("rotate", "--in", "10m")).isZero();

        assertThat(printed()).contains("from 2026-11-23T12:10:00Z on", "keys renew");
        connect("dave");
        assertThat(vault.needs()).containsOnlyKeys("k1");
    }

    @Test
    void the_list_tells_what_each_key_is_for_and_never_a_key() {
        file().write(file().read().rotated(random, NOW).rotated(random, NOW.plusSeconds(600)));
        proxyRuns();

        assertThat(keys("list")).isZero();

        assertThat(printed())
                .contains("k1  since 2026-11-23T11:00:00Z  opens older records, needed by 4 records")
                .contains("k2  since 2026-11-23T12:00:00Z  active, needed by 0 records")
                .contains("k3  since 2026-11-23T12:10:00Z  not before 2026-11-23T12:10:00Z")
                .doesNotContainPattern("[A-Za-z0-9+/]{40}");
    }

    @Test
    void without_a_proxy_nothing_is_retired_and_a_rotation_says_how_to_go_on() {
        assertThat(keys("rotate")).isEqualTo(1);
        assertThat(keys("retire", "k1")).isEqualTo(1);

        assertThat(printed()).contains("sallyport keys renew", "nobody knows whether key k1 is still needed");
        assertThat(file().read().keys()).hasSize(2);
    }

    @Test
    void what_was_asked_before_a_restart_is_done_after_it() {
        keys("rotate");

        proxyRuns();

        assertThat(keys("renew")).isZero();
        assertThat(vault.needs()).containsOnlyKeys("k2");
    }

    /** The ring was read before the count and written after it: a key that was added between the two was lost. */
    @Test
    void a_key_that_is_added_while_another_is_retired_stays() throws InterruptedException {
        file().write(file().read().rotated(random, NOW));
        rings.reload();
        vault.renewAll((_, _) -> {});
        var retiring = Thread.ofVirtual().start(() -> keys(Duration.ofSeconds(60), "retire", "k1"));
        while (new KeyErrand(state).asked().isEmpty()) {
            Thread.onSpinWait();
        }

        file().write(file().read().rotated(random, NOW));
        proxyRuns();
        retiring.join();

        assertThat(printed()).contains("Key k1 was removed");
        assertThat(file().read().keys()).extracting(KeyRing.MasterKey::id).containsExactly("k2", "k3");
    }

    /** It said that it had rotated, and ended with 0. */
    @Test
    void a_rotation_that_the_proxy_does_not_take_over_is_no_success() {
        proxyRuns();
        file().write(KeyRing.fresh(random, NOW.minusSeconds(3600)));

        assertThat(keys("rotate")).isEqualTo(1);

        assertThat(printed()).contains("0 of 4 records were renewed", "did not take the key ring over");
        assertThat(vault.needs()).containsOnlyKeys("k1");
        assertThat(vault.show(record("alice"))).isPresent();
    }

    @Test
    void a_damaged_ring_is_not_taken_over_and_calls_go_on() throws IOException {
        proxyRuns();
        Files.writeString(file().path(), "sallyport-key-ring 1\nk1 nonsense\n");

        rings.reload();

        assertThat(vault.show(record("alice"))).isPresent();
        connect("dave");
        assertThat(vault.show(record("dave"))).isPresent();
    }

    @Test
    void a_store_that_is_down_is_said_and_nothing_is_retired() {
        file().write(file().read().rotated(random, NOW));
        proxyRuns();
        store.down(true);

        assertThat(keys("retire", "k1")).isEqualTo(1);

        assertThat(printed()).contains("The store is down.");
        assertThat(file().read().find("k1")).isPresent();
    }

    @Test
    void a_wrong_line_is_answered_with_the_right_ones() {
        assertThat(keys("turn")).isEqualTo(2);
        assertThat(keys("retire")).isEqualTo(2);
        assertThat(keys("rotate", "--in", "soon")).isEqualTo(2);

        assertThat(printed()).contains("usage: sallyport keys list", "--in wants a time like 10m");
    }

    private void proxyRuns() {
        var running = new KeyDesk(new KeyErrand(state), rings, vault, new Leases(store, random, System::nanoTime));
        desk = Optional.of(running.start());
    }

    private int keys(String... words) {
        return keys(desk.isPresent() ? Duration.ofSeconds(60) : Duration.ZERO, words);
    }

    private int keys(Duration patience, String... words) {
        var arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--config", folder.resolve("sallyport.yaml").toString()));
        return new KeysCommand(new PrintStream(printed, true, StandardCharsets.UTF_8), Map.of(), clock, patience)
                .execute(arguments);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private KeyRingFile file() {
        return new KeyRingFile(state.resolve("key-ring"));
    }

    private void connect(String person) {
        vault.connect(
                record(person),
                Optional.empty(),
                Connection.of(person, NOW, Map.of("value", Secret.of("the key of " + person))));
    }

    private static RecordId record(String person) {
        return Vault.userRecord(NOTES, "https://as.example.com", person);
    }
}
