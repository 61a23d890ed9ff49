package dev.sallyport.proxy.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.StoredPins;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.vault.Connection;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.KeyRingFile;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Starts with a vault on the disk, and a key ring that is not the one it was sealed with. */
class KeysAtStartTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("KEY", "the-key-of-the-service-client");
    private static final RecordId ALICE =
            Vault.userRecord(ResourceId.of("https://mcp.example.com/notes/mcp"), "https://as.example.com", "alice");

    private final SecureRandom random = new SecureRandom();
    private final Secrets secrets = new Secrets(ENVIRONMENT);

    @TempDir
    Path folder;

    private Settings settings;
    private KeyRingFile file;
    private KeyRing right;

    @BeforeEach
    void sealAVault() throws IOException {
        var yaml = Files.writeString(folder.resolve("sallyport.yaml"), """
                publicUrl: https://mcp.example.com
                state: state
                authorizationServer: { keycloak: "http://127.0.0.1:1", clientSecret: { env: KEY } }
                servers:
                  notes:
                    title: Notes
                    upstream: { url: "http://127.0.0.1:1/mcp" }
                    permissions: { all: { title: All, default: true, allow: { tools: ["*"] } } }
                """);
        settings = switch (SettingsFile.load(yaml, ENVIRONMENT)) {
            case Loaded.Valid valid -> valid.settings();
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
        file = new KeyRingFile(settings.stateDirectory().resolve("key-ring"));
        try (var store = Stores.open(settings, secrets)) {
            right = KeyRing.fresh(random, Instant.EPOCH);
            Vault.open(store, right, random)
                    .connect(
                            ALICE,
                            Optional.empty(),
                            Connection.of("alice@service", Instant.EPOCH, Map.of("value", Secret.of("canary"))));
        }
    }

    @Test
    void a_missing_key_ring_stops_the_start_and_is_not_replaced_by_a_fresh_one() {
        assertThat(file.path()).doesNotExist();

        assertRefused("is missing, but the store holds a vault");
    }

    @Test
    void another_vaults_key_ring_stops_the_start() {
        file.write(KeyRing.fresh(random, Instant.EPOCH));

        assertRefused("does not belong to this vault");
    }

    @Test
    void a_key_ring_that_lacks_the_key_of_the_vault_stops_the_start() {
        file.write(right.rotated(random, Instant.EPOCH).without("k1", Instant.now()));

        assertRefused("does not belong to this vault");
    }

    @Test
    void a_damaged_key_ring_stops_the_start() throws IOException {
        file.write(right);
        Files.writeString(file.path(), Files.readString(file.path()).replace("k1 ", "k1 k1 "));

        assertRefused("is damaged. Restore it from your backup");
    }

    @Test
    void an_empty_key_ring_stops_the_start_and_is_not_taken_for_a_missing_one() throws IOException {
        file.write(right);
        Files.writeString(file.path(), "");

        assertRefused("is not a Sallyport key ring");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_key_ring_that_others_can_read_stops_the_start() throws IOException {
        file.write(right);
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r--r--"));

        assertRefused("chmod 600");
    }

    @Test
    void the_first_start_makes_a_ring_and_files_that_are_their_owners_alone() throws IOException {
        var yaml = Files.readString(folder.resolve("sallyport.yaml")).replace("state: state", "state: other/state");
        Files.writeString(folder.resolve("sallyport.yaml"), yaml);
        settings = ((Loaded.Valid) SettingsFile.load(folder.resolve("sallyport.yaml"), ENVIRONMENT)).settings();

        try (var store = Stores.open(settings, secrets)) {
            start(store);
        }

        var state = settings.stateDirectory();
        assertThat(rights(state)).isEqualTo("rwx------");
        assertThat(rights(state.resolve("vault"))).isEqualTo("rwx------");
        assertThat(rights(state.resolve("key-ring"))).isEqualTo("rw-------");
        try (var files = Files.list(state)) {
            assertThat(files.map(path -> String.valueOf(path.getFileName())))
                    .containsExactlyInAnyOrder("key-ring", "vault");
        }
    }

    /** The start ends with a sentence that holds no key; afterwards every byte is as before, and the right ring opens all. */
    private void assertRefused(String sentence) {
        var before = bytes();
        try (var store = Stores.open(settings, secrets)) {
            assertThatThrownBy(() -> start(store))
                    .isInstanceOf(StartupProblem.class)
                    .hasMessageContaining(sentence)
                    .message()
                    .doesNotContainPattern("[A-Za-z0-9+/]{40}");
        }

        assertThat(before).containsKey("vault/data/connections/data/ispn12.0");
        assertThat(bytes()).isEqualTo(before);
        file.write(right);
        try (var store = Stores.open(settings, secrets)) {
            assertThat(Vault.open(store, file.read(), random).show(ALICE)).isPresent();
        }
    }

    private void start(dev.sallyport.proxy.store.Store store) {
        try (var later = Executors.newVirtualThreadPerTaskExecutor()) {
            Personal.of(
                    () -> settings,
                    store,
                    _ -> {},
                    settings.keycloak().orElseThrow(),
                    secrets,
                    new StoredPins(store.area(AreaName.PINS), later));
        }
    }

    /** Of all files but the index, which the store makes anew from the data whenever it opens. */
    private SortedMap<String, String> bytes() {
        try (var files = Files.walk(settings.stateDirectory())) {
            var all = new TreeMap<String, String>();
            files.filter(Files::isRegularFile)
                    .filter(path -> !path.startsWith(settings.stateDirectory().resolve("vault/index")))
                    .forEach(path ->
                            all.put(settings.stateDirectory().relativize(path).toString(), digest(path)));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(Path path) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
