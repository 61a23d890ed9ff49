package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.CacheStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {

    private static final RecordId ALICE =
            Vault.userRecord(ResourceId.of("https://mcp.example.com/notes/mcp"), "https://as.example.com", "alice");

    private final SecureRandom random = new SecureRandom();
    private final KeyRing ring = KeyRing.fresh(random, Instant.EPOCH);

    @TempDir
    Path folder;

    @Test
    void a_connection_survives_a_restart() {
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            vault.connect(ALICE, Optional.empty(), connection("alice@service", "canary-1"));
        }

        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            assertThat(vault.show(ALICE))
                    .hasValueSatisfying(shown -> assertThat(shown.account()).isEqualTo("alice@service"));
        }
    }

    @Test
    void the_files_of_the_store_hold_neither_secret_nor_name() throws IOException {
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            vault.connect(ALICE, Optional.empty(), connection("alice@service", "canary-2"));
        }

        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .doesNotContain("canary-2")
                            .doesNotContain("alice"));
        }
    }

    @Test
    void a_wrong_key_ring_stops_the_start_and_destroys_nothing() {
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            vault.connect(ALICE, Optional.empty(), connection("alice@service", "canary-3"));
        }
        var again = CacheStore.embedded(folder);

        assertThatThrownBy(() -> Vault.open(again, KeyRing.fresh(random, Instant.EPOCH), random))
                .isInstanceOf(VaultProblem.class)
                .hasMessageContaining("does not belong to this vault");

        again.close();
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            assertThat(vault.show(ALICE)).isPresent();
        }
    }

    @Test
    void after_renewal_the_old_key_is_needed_by_nothing() {
        var rotated = ring.rotated(random, Instant.EPOCH);
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            vault.connect(ALICE, Optional.empty(), connection("alice@service", "canary-4"));
        }

        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, rotated, random);
            assertThat(vault.neededBy("k1")).isEqualTo(2);
            vault.renewAll((_, _) -> {});
            assertThat(vault.neededBy("k1")).isZero();
        }

        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, rotated.without("k1", Instant.EPOCH), random);
            assertThat(vault.show(ALICE)).isPresent();
        }
    }

    @Test
    void a_removed_connection_is_gone_after_a_restart() {
        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            vault.connect(ALICE, Optional.empty(), connection("alice@service", "canary-5"));
            assertThat(vault.disconnect(ALICE)).isTrue();
        }

        try (var store = CacheStore.embedded(folder)) {
            var vault = Vault.open(store, ring, random);
            assertThat(vault.show(ALICE)).isEmpty();
        }
    }

    @Test
    void the_key_ring_file_is_its_owners_alone_and_comes_back_the_same() throws IOException {
        var file = new KeyRingFile(folder.resolve("keys/ring"));
        var rotated = ring.rotated(random, Instant.EPOCH);

        file.write(rotated);

        var back = file.read();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
        assertThat(back.active(Instant.EPOCH).id()).isEqualTo("k2");
        assertThat(back.keys())
                .hasSize(2)
                .allSatisfy(key -> assertThat(
                                rotated.find(key.id()).orElseThrow().key().matches(key.key()))
                        .isTrue());
    }

    @Test
    void a_damaged_key_ring_is_refused_without_showing_any_of_it() throws IOException {
        var file = new KeyRingFile(folder.resolve("ring"));
        file.write(ring);
        var text = Files.readString(file.path());
        Files.writeString(file.path(), text.substring(0, text.length() - 9));

        assertThatThrownBy(file::read)
                .isInstanceOf(VaultProblem.class)
                .satisfies(problem ->
                        assertThat(String.valueOf(problem.getMessage())).doesNotContain(text.substring(40, 60)));
    }

    private static Connection connection(String account, String value) {
        return Connection.of(account, Instant.EPOCH, Map.of("value", Secret.of(value)));
    }
}
