package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevocationsTest {

    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);
    private final Revocations revocations = new Revocations(clock);
    private final VerifiedToken token = TokenFixture.token(ResourceId.of(Fixtures.RESOURCE), "notes:read");

    @ParameterizedTest
    @CsvSource({
        "4b1f7f0e-0000-4000-8000-000000000001,,,,,true",
        "other,,,,,false",
        ",alice,,,,true",
        ",bob,,,,false",
        ",,client-1,,,true",
        ",,client-2,,,false",
        ",,,session-of-alice,,true",
        ",,,other,,false",
        ",alice,client-1,,https://mcp.example.com/notes/mcp,true",
        ",alice,client-2,,,false",
        ",alice,client-1,,https://mcp.example.com/wiki/mcp,false",
        ",bob,client-1,,,false",
        ",,,,,true",
    })
    void a_token_is_revoked_when_every_given_field_matches(
            String grant, String subject, String client, String session, String resource, boolean revoked) {
        var revocation = new Revocation(
                token.issuedAt(),
                "test",
                Optional.ofNullable(grant),
                Optional.ofNullable(subject),
                Optional.ofNullable(client),
                Optional.ofNullable(session),
                Optional.ofNullable(resource));

        revocations.add(revocation);

        assertThat(revocations.revoked(token)).isEqualTo(revoked);
        assertThat(revocation.covers(token)).isEqualTo(revoked);
    }

    @Test
    void a_token_issued_after_the_revocation_passes() {
        revocations.add(ofSubject("alice", token.issuedAt().minusSeconds(1)));

        assertThat(revocations.revoked(token)).isFalse();
    }

    @Test
    void an_older_event_does_not_undo_a_newer_one() {
        revocations.add(ofSubject("alice", token.issuedAt()));
        revocations.add(ofSubject("alice", token.issuedAt().minusSeconds(60)));

        assertThat(revocations.revoked(token)).isTrue();
    }

    @Test
    void tokens_of_another_issuer_are_not_concerned() {
        revocations.concern(Optional.of("https://elsewhere.example"));
        revocations.add(Revocation.ofEverything(token.issuedAt()));

        assertThat(revocations.revoked(token)).isFalse();
    }

    @Test
    void what_no_living_token_can_match_is_forgotten_and_what_one_can_is_not() {
        revocations.add(ofSubject("alice", token.issuedAt()));

        ahead = Duration.ofMinutes(10);
        revocations.prune();
        assertThat(revocations.revoked(token)).isTrue();

        ahead = Duration.ofMinutes(20);
        revocations.prune();
        assertThat(revocations.revoked(token)).isFalse();
    }

    @Test
    void too_many_to_remember_revokes_everything() {
        for (var i = 0; i <= 100_000; i++) {
            revocations.add(ofSubject("user-" + i, token.issuedAt()));
        }

        assertThat(revocations.revoked(token)).isTrue();
    }

    @Test
    void listeners_learn_of_it_when_it_holds_already() {
        var seen = new ArrayList<Boolean>();
        revocations.onRevoked(_ -> seen.add(revocations.revoked(token)));

        revocations.add(ofSubject("alice", token.issuedAt()));

        assertThat(seen).containsExactly(true);
    }

    private static Revocation ofSubject(String subject, Instant at) {
        return new Revocation(
                at,
                "user",
                Optional.empty(),
                Optional.of(subject),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
