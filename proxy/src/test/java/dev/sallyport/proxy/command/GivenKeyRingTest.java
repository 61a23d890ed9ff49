package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyDesk;
import dev.sallyport.proxy.vault.KeyErrand;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.KeyRingPlace;
import dev.sallyport.proxy.vault.KeyRingSource;
import dev.sallyport.proxy.vault.KeyRings;
import dev.sallyport.proxy.vault.Vault;
import dev.sallyport.proxy.vault.VaultProblem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key ring that somebody else keeps: the commands beside it, and the vault that opens with it. */
class GivenKeyRingTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final InstantSource clock = () -> NOW;

    @TempDir
    Path folder;

    private Path mounted;

    @BeforeEach
    void make() throws IOException {
        mounted = folder.resolve("mounted");
        Files.createDirectories(folder.resolve("state"));
        configured("{ file: mounted }");
        assertThat(keys(Map.of(), "new", "--output", mounted.toString())).isZero();
    }

    @Test
    void a_fresh_ring_is_written_for_its_owner_alone_and_over_nothing() throws IOException {
        var before = Files.readString(mounted);

        assertThat(keys(Map.of(), "new", "--output", mounted.toString())).isEqualTo(2);

        assertThat(Files.readString(mounted)).isEqualTo(before);
        assertThat(Files.getPosixFilePermissions(mounted)).hasSize(2);
        assertThat(printed()).contains("is there already").doesNotContainPattern("[A-Za-z0-9+/]{40}");
    }

    @Test
    void it_is_rotated_in_a_copy_that_its_keeper_puts_in_place() throws Exception {
        var store = new MemoryStore();
        var rings = KeyRings.in(source(Map.of()), clock);
        var vault = Vault.open(store, rings, random);
        var alice =
                Vault.userRecord(ResourceId.of("https://mcp.example.com/notes/mcp"), "https://as.example.com", "alice");
        vault.connect(alice, Optional.empty(), Connection.of("", NOW, Map.of("value", Secret.of("a key"))));
        var before = Files.readString(mounted);
        var next = folder.resolve("next");
        var desk = new KeyDesk(
                        new KeyErrand(folder.resolve("state")),
                        rings,
                        vault,
                        new Leases(store, random, System::nanoTime))
                .start();
        try {
            assertThat(keys(Map.of(), "rotate")).isEqualTo(2);
            assertThat(Files.readString(mounted)).isEqualTo(before);
            assertThat(keys(Map.of(), "rotate", "--in", "0s", "--output", next.toString()))
                    .isZero();
            assertThat(Files.readString(mounted)).isEqualTo(before);
            assertThat(vault.needs()).containsOnlyKeys("k1");

            Files.move(next, mounted, StandardCopyOption.REPLACE_EXISTING);
            assertThat(keys(Map.of(), "renew")).isZero();
            assertThat(vault.needs()).containsOnlyKeys("k2");
            assertThat(vault.show(alice)).isPresent();

            assertThat(keys(Map.of(), "retire", "k1", "--output", next.toString()))
                    .isZero();
            assertThat(new KeyRingFile(next).read().keys()).hasSize(1);
            assertThat(new KeyRingFile(mounted).read().keys()).hasSize(2);
        } finally {
            desk.interrupt();
            desk.join();
        }
        assertThat(printed())
                .contains("say with --output", "Key k2 was added to a copy of the key ring", "keys renew")
                .doesNotContainPattern("[A-Za-z0-9+/]{40}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", ";", "\r\n", "; "})
    void a_variable_holds_it_in_lines_or_in_one(String between) throws IOException {
        configured("{ env: KEY_RING }");
        var text = Files.readString(mounted).strip().replace("\n", between);

        var ring = source(Map.of("KEY_RING", text)).read();

        assertSame(ring);
    }

    @Test
    void a_command_prints_it_in_one_line() throws IOException {
        configured("{ command: [sh, -c, \"tr '\\\\n' ';' < '" + mounted + "'\"] }");

        assertSame(source(System.getenv()).read());
    }

    @Test
    void what_is_missing_or_no_key_ring_is_said_in_words_without_a_word_of_it() throws IOException {
        configured("{ env: KEY_RING }");

        assertThatThrownBy(() -> source(Map.of()).read())
                .isInstanceOf(VaultProblem.class)
                .hasMessageContainingAll("KEY_RING", "is not set", "keys new --output");
        assertThatThrownBy(() -> source(Map.of("KEY_RING", "hunter2")).read())
                .isInstanceOf(VaultProblem.class)
                .hasMessageContaining("The environment variable KEY_RING is not a Sallyport key ring")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> source(Map.of("KEY_RING", "sallyport-key-ring 1;k1 hunter2"))
                        .read())
                .isInstanceOf(VaultProblem.class)
                .hasMessageContaining("is damaged")
                .hasMessageNotContaining("hunter2");
        assertThat(keys(Map.of(), "list")).isEqualTo(1);
        assertThat(printed()).contains("There is no key ring");
    }

    @Test
    void a_ring_of_the_proxys_own_is_not_written_elsewhere() throws IOException {
        Files.writeString(folder.resolve("sallyport.yaml"), config(""));
        var own = new KeyRingFile(folder.resolve("state/key-ring"));
        Files.copy(mounted, own.path());

        assertThat(keys(Map.of(), "rotate", "--output", folder.resolve("next").toString()))
                .isEqualTo(2);

        assertThat(own.read().keys()).hasSize(1);
        assertThat(printed()).contains("--output is for a key ring that somebody else keeps");
    }

    private void assertSame(KeyRing ring) {
        var mountedKey = new KeyRingFile(mounted).read().keys().getFirst();
        assertThat(ring.keys()).singleElement().satisfies(key -> {
            assertThat(key.id()).isEqualTo(mountedKey.id());
            assertThat(key.from()).isEqualTo(mountedKey.from());
            assertThat(key.key().matches(mountedKey.key())).isTrue();
        });
    }

    private KeyRingSource source(Map<String, String> environment) {
        if (!(SettingsFile.load(folder.resolve("sallyport.yaml"), environment)
                instanceof Loaded.Valid(var settings, var _))) {
            throw new AssertionError("the configuration is good");
        }
        return KeyRingPlace.of(settings, new Secrets(environment));
    }

    private void configured(String keyRing) throws IOException {
        Files.writeString(folder.resolve("sallyport.yaml"), config("keyRing: " + keyRing));
    }

    private static String config(String more) {
        return """
                publicUrl: https://mcp.example.com
                state: state
                servers:
                  notes:
                    title: Notes
                    upstream: { url: "http://127.0.0.1:1/mcp" }
                    authorizationServer: { issuer: "https://as.example.com" }
                    permissions: { all: { title: All, default: true, allow: { tools: ["*"] } } }
                """ + more + "\n";
    }

    private int keys(Map<String, String> environment, String... words) {
        var arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--config", folder.resolve("sallyport.yaml").toString()));
        return new KeysCommand(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        environment,
                        clock,
                        Duration.ofSeconds(60))
                .execute(arguments);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
