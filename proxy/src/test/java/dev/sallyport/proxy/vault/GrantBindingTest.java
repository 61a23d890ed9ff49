package dev.sallyport.proxy.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.CallFixture;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A connection that belongs to one grant, and what an operator with everything on disk can do with it. */
class GrantBindingTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final VerifiedToken ALICE = TokenFixture.token(NOTES, "notes:read");
    private static final RecordId PERSON = Vault.userRecord(NOTES, ALICE.issuer(), ALICE.subject());
    private static final String CANARY = "canary-of-alice";

    private final SecureRandom random = new SecureRandom();
    private final KeyRing ring = KeyRing.fresh(random, Instant.EPOCH);
    private final AtomicLong millis = new AtomicLong();
    private final MemoryStore store = new MemoryStore(millis::get);
    private final Vault vault = Vault.open(store, ring, random);

    @Test
    void the_first_grant_that_calls_gets_what_its_person_offered() {
        vault.offer(PERSON, connection());

        assertThat(vault.claim(CallFixture.call(ALICE))).isTrue();

        assertThat(value(ALICE)).contains(CANARY);
        assertThat(vault.claim(CallFixture.call(ALICE))).isFalse();
    }

    @Test
    void another_grant_of_the_same_person_has_nothing() {
        vault.offer(PERSON, connection());
        vault.claim(CallFixture.call(ALICE));

        assertThat(value(TokenFixture.tokenOfGrant(NOTES, "another-grant", "notes:read")))
                .isEmpty();
    }

    @Test
    void another_person_claims_nothing() {
        vault.offer(PERSON, connection());

        var bob = TokenFixture.token(NOTES, "bob", List.of(), "notes:read");

        assertThat(vault.claim(CallFixture.call(bob))).isFalse();
    }

    @Test
    void what_nobody_claimed_is_gone_after_ten_minutes() {
        vault.offer(PERSON, connection());
        millis.addAndGet(Duration.ofMinutes(10).toMillis());

        assertThat(vault.claim(CallFixture.call(ALICE))).isFalse();
    }

    @Test
    void a_copy_of_the_store_and_the_master_key_open_nothing() {
        vault.offer(PERSON, connection());
        vault.claim(CallFixture.call(ALICE));
        var copy = new MemoryStore(millis::get);
        for (var area : AreaName.values()) {
            store.area(area).forEach((key, value) -> copy.area(area).put(key, value));
        }
        var thief = Vault.open(copy, ring, random);
        var grant = Vault.grantRecord(
                NOTES, ALICE.issuer(), ALICE.subject(), ALICE.grantId().orElseThrow());

        assertThatThrownBy(() -> thief.show(grant)).isInstanceOf(VaultProblem.class);
        assertThat(thief.show(PERSON)).isEmpty();
        // Not even with every secret that the store itself holds.
        var guesses = new ArrayList<Secret>();
        guesses.add(ring.keys().getFirst().key());
        guesses.add(thief.sharedSecret());
        copy.area(AreaName.CONNECTIONS).forEach((_, value) -> guesses.add(Secret.of(value)));
        var envelope = new Envelope(random);
        var sealed = copy.area(AreaName.CONNECTIONS).get(grant.storeKey()).orElseThrow();
        for (var guess : guesses) {
            assertThatThrownBy(() -> envelope.open(ring, Optional.of(guess), grant, sealed))
                    .isInstanceOf(VaultProblem.class);
        }
    }

    @Test
    void it_survives_a_rotation_that_knows_no_token() {
        vault.offer(PERSON, connection());
        vault.claim(CallFixture.call(ALICE));
        var rotated = ring.rotated(random, Instant.EPOCH.plusSeconds(1));
        var again = Vault.open(store, rotated, random);

        again.renewAll((_, _) -> {});

        var afterwards = Vault.open(store, rotated.without("k1", Instant.now()), random);
        assertThat(afterwards.with(CallFixture.call(ALICE), new Vault.Binding.ToGrant(), GrantBindingTest::text))
                .contains(CANARY);
    }

    @Test
    void an_ended_grant_takes_its_connection_with_it() {
        vault.offer(PERSON, connection());
        vault.claim(CallFixture.call(ALICE));

        vault.forget(
                ALICE.issuer(),
                new Revocation(
                        Instant.now(),
                        "grant",
                        ALICE.grantId(),
                        Optional.of(ALICE.subject()),
                        Optional.of(ALICE.clientId()),
                        Optional.empty(),
                        Optional.of(NOTES.toString())));

        assertThat(value(ALICE)).isEmpty();
    }

    private Optional<String> value(VerifiedToken token) {
        return vault.with(CallFixture.call(token), new Vault.Binding.ToGrant(), GrantBindingTest::text);
    }

    private static String text(Connection connection) {
        return connection.secret("value").orElseThrow().revealText();
    }

    private static Connection connection() {
        return Connection.of("alice@service", Instant.EPOCH, Map.of("value", Secret.of(CANARY)));
    }
}
