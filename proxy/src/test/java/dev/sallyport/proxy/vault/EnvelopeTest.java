package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EnvelopeTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final RecordId ALICE =
            new RecordId(NOTES, "https://as.example.com", "alice", RecordId.CONNECTION, Optional.empty());
    private static final RecordId ALICE_GRANT =
            new RecordId(NOTES, "https://as.example.com", "alice", RecordId.CONNECTION, Optional.of("g-1"));
    private static final Secret GRANT_KEY = Secret.of("the secret in the token of grant 1");
    private static final byte[] CANARY = "canary-7d1f".getBytes(StandardCharsets.UTF_8);

    private final SecureRandom random = new SecureRandom();
    private final Envelope envelope = new Envelope(random);
    private final KeyRing ring = KeyRing.fresh(random, Instant.EPOCH);

    @Test
    void a_record_opens_where_it_belongs() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);

        var opened = envelope.open(ring, Optional.empty(), ALICE, sealed);

        assertThat(opened).isEqualTo(CANARY);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("canary");
    }

    static Stream<RecordId> elsewhere() {
        return Stream.of(
                new RecordId(
                        ResourceId.of("https://mcp.example.com/other/mcp"),
                        ALICE.issuer(),
                        "alice",
                        "connection",
                        Optional.empty()),
                new RecordId(NOTES, ALICE.issuer(), "bob", "connection", Optional.empty()),
                new RecordId(NOTES, "https://other.example.com", "alice", "connection", Optional.empty()),
                new RecordId(NOTES, ALICE.issuer(), "alice", "refresh", Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("elsewhere")
    void a_record_moved_to_another_place_does_not_open(RecordId elsewhere) {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);

        assertThatThrownBy(() -> envelope.open(ring, Optional.empty(), elsewhere, sealed))
                .isInstanceOf(VaultProblem.class);
    }

    @Test
    void no_flipped_bit_goes_unnoticed() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);

        IntStream.range(0, sealed.length * 8).forEach(bit -> {
            var flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> envelope.open(ring, Optional.empty(), ALICE, flipped))
                    .as("bit " + bit)
                    .isInstanceOf(VaultProblem.class);
        });
    }

    @Test
    void no_truncation_goes_unnoticed() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);

        IntStream.range(0, sealed.length)
                .forEach(length -> assertThatThrownBy(() ->
                                envelope.open(ring, Optional.empty(), ALICE, java.util.Arrays.copyOf(sealed, length)))
                        .as("length " + length)
                        .isInstanceOf(VaultProblem.class));
    }

    @Test
    void a_record_bound_to_a_grant_opens_with_the_grants_secret() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.of(GRANT_KEY), ALICE_GRANT, CANARY);

        assertThat(envelope.open(ring, Optional.of(GRANT_KEY), ALICE_GRANT, sealed))
                .isEqualTo(CANARY);
    }

    @Test
    void the_whole_store_and_the_master_keys_do_not_open_what_is_bound_to_a_grant() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.of(GRANT_KEY), ALICE_GRANT, CANARY);

        assertThatThrownBy(() -> envelope.open(ring, Optional.empty(), ALICE_GRANT, sealed))
                .isInstanceOf(VaultProblem.class);
        assertThatThrownBy(() -> envelope.open(ring, Optional.empty(), ALICE, sealed))
                .isInstanceOf(VaultProblem.class);
        assertThatThrownBy(() -> envelope.open(ring, Optional.of(Secret.of("a guess")), ALICE_GRANT, sealed))
                .isInstanceOf(VaultProblem.class);
    }

    @Test
    void a_renewed_record_needs_the_new_key_only() {
        var sealed = envelope.seal(ring.active(Instant.EPOCH), Optional.of(GRANT_KEY), ALICE_GRANT, CANARY);
        var rotated = ring.rotated(random, Instant.EPOCH);

        var renewed = envelope.rewrap(rotated, rotated.active(Instant.EPOCH), ALICE_GRANT.storeKey(), sealed);

        var newOnly = rotated.without(ring.active(Instant.EPOCH).id(), Instant.EPOCH);
        assertThat(Envelope.keyId(renewed))
                .isEqualTo(rotated.active(Instant.EPOCH).id());
        assertThat(envelope.open(newOnly, Optional.of(GRANT_KEY), ALICE_GRANT, renewed))
                .isEqualTo(CANARY);
    }

    @Test
    void two_records_of_the_same_text_look_different() {
        var one = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);
        var two = envelope.seal(ring.active(Instant.EPOCH), Optional.empty(), ALICE, CANARY);

        assertThat(one).isNotEqualTo(two);
    }

    @Test
    void parts_of_an_id_cannot_flow_into_each_other() {
        var one = new RecordId(NOTES, "ab", "c", "connection", Optional.empty());
        var two = new RecordId(NOTES, "a", "bc", "connection", Optional.empty());

        assertThat(one.storeKey()).isNotEqualTo(two.storeKey());
    }
}
