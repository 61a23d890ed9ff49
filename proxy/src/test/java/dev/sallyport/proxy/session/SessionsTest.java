package dev.sallyport.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionsTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final ResourceId OTHER = ResourceId.of("https://mcp.example.com/other/mcp");
    private static final VerifiedToken ALICE = TokenFixture.token(NOTES, "notes:read");
    private static final VerifiedToken BOB = TokenFixture.token(NOTES, "bob", List.of(), "notes:read");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final InstantSource clock = now::get;
    private final SessionKey key = SessionKey.passing();
    private final SessionEnds ends = SessionEnds.passing(clock);
    private final Sessions sessions = new Sessions(NOTES, key, ends, clock);

    @Test
    void its_owner_reaches_the_upstreams_session_also_with_another_token() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        var session = sessions.of(TokenFixture.token(NOTES, "notes:write"), Optional.of(shown));

        assertThat(session.upstreamId()).contains("upstream-1");
        assertThat(session.shown("upstream-1")).isEqualTo(shown);
    }

    @Test
    void what_is_shown_says_nothing_of_the_upstreams_id_and_never_repeats() {
        var fresh = sessions.of(ALICE, Optional.empty());

        assertThat(fresh.upstreamId()).isEmpty();
        assertThat(fresh.shown("upstream-1")).matches("[A-Za-z0-9_-]{40,}").isNotEqualTo(fresh.shown("upstream-1"));
    }

    @Test
    void for_another_person_there_is_no_such_session() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        assertUnknown(() -> sessions.of(BOB, Optional.of(shown)));
    }

    @Test
    void at_another_server_there_is_no_such_session() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        assertUnknown(() -> new Sessions(OTHER, key, ends, clock).of(ALICE, Optional.of(shown)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "upstream-1", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ü", "a b"})
    void an_id_that_was_not_made_here_is_unknown(String id) {
        assertUnknown(() -> sessions.of(ALICE, Optional.of(id)));
    }

    @Test
    void the_key_survives_a_restart_and_only_its_owner_reads_it(@TempDir Path state) throws Exception {
        var before = new Sessions(NOTES, SessionKey.in(state), ends, clock);
        var shown = before.of(ALICE, Optional.empty()).shown("upstream-1");

        var after = new Sessions(NOTES, SessionKey.in(state), ends, clock);

        assertThat(after.of(ALICE, Optional.of(shown)).upstreamId()).contains("upstream-1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("session-key"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(state)) {
            assertThat(files).hasSize(1);
        }
    }

    static List<Revocation> what_a_person_takes_back_ends_the_session() {
        var grant = ALICE.grantId();
        var none = Optional.<String>empty();
        return List.of(
                new Revocation(ALICE.issuedAt(), "grant", grant, none, none, none, none),
                new Revocation(
                        ALICE.issuedAt(),
                        "grant",
                        grant,
                        Optional.of(ALICE.subject()),
                        Optional.of("client-1"),
                        none,
                        Optional.of(NOTES.toString())),
                new Revocation(ALICE.issuedAt(), "user", none, Optional.of(ALICE.subject()), none, none, none),
                new Revocation(ALICE.issuedAt(), "client", none, none, Optional.of("client-1"), none, none),
                new Revocation(
                        ALICE.issuedAt(),
                        "consent",
                        none,
                        Optional.of(ALICE.subject()),
                        Optional.of("client-1"),
                        none,
                        none),
                new Revocation(ALICE.issuedAt(), "session", none, none, none, ALICE.sessionId(), none),
                new Revocation(ALICE.issuedAt(), "realm", none, none, none, none, none));
    }

    @ParameterizedTest
    @MethodSource
    void what_a_person_takes_back_ends_the_session(Revocation revocation) {
        var before = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        ends.revoked(ALICE.issuer(), revocation);

        // Also for a token of a newer consent: the old session does not come back to life.
        assertUnknown(() -> sessions.of(ALICE, Optional.of(before)));
    }

    @Test
    void what_ends_another_s_session_or_is_unknown_leaves_this_one() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");
        var none = Optional.<String>empty();

        ends.revoked(ALICE.issuer(), new Revocation(now.get(), "user", none, Optional.of("bob"), none, none, none));
        ends.revoked(
                "https://other.example",
                new Revocation(now.get(), "user", none, Optional.of("alice"), none, none, none));
        ends.revoked(ALICE.issuer(), Revocation.ofEverything(now.get()));
        ends.disconnected(OTHER, ALICE.issuer(), ALICE.subject());

        assertThat(sessions.of(ALICE, Optional.of(shown)).upstreamId()).contains("upstream-1");
    }

    @Test
    void a_step_up_goes_on_with_its_session_until_the_first_grant_ends() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");
        var more = TokenFixture.tokenOfGrant(NOTES, "another-grant", "notes:write");

        assertThat(sessions.of(more, Optional.of(shown)).upstreamId()).contains("upstream-1");
    }

    @Test
    void a_removed_connection_ends_the_session_and_a_later_one_lives() {
        var before = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        ends.disconnected(NOTES, ALICE.issuer(), ALICE.subject());
        now.set(now.get().plusMillis(1));
        var after = sessions.of(ALICE, Optional.empty()).shown("upstream-2");

        assertUnknown(() -> sessions.of(ALICE, Optional.of(before)));
        assertThat(sessions.of(ALICE, Optional.of(after)).upstreamId()).contains("upstream-2");
    }

    @Test
    void no_session_lasts_for_ever() {
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        now.set(now.get().plus(Duration.ofDays(31)));

        assertUnknown(() -> sessions.of(ALICE, Optional.of(shown)));
    }

    @Test
    void other_nodes_hear_of_an_end_and_remember_it_after_a_restart() throws Exception {
        var store = new MemoryStore();
        var here = SessionEnds.in(store, clock);
        var there = SessionEnds.in(store, clock);
        var heard = new CountDownLatch(1);
        there.onEnd(concerned -> {
            assertThat(concerned.test(ALICE)).isTrue();
            assertThat(concerned.test(BOB)).isFalse();
            heard.countDown();
        });
        var shown = sessions.of(ALICE, Optional.empty()).shown("upstream-1");

        here.disconnected(NOTES, ALICE.issuer(), ALICE.subject());

        assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
        assertUnknown(() -> new Sessions(NOTES, key, there, clock).of(ALICE, Optional.of(shown)));
        var restarted = new Sessions(NOTES, key, SessionEnds.in(store, clock), clock);
        assertUnknown(() -> restarted.of(ALICE, Optional.of(shown)));
        store.area(AreaName.SESSIONS).forEach((key, _) -> assertThat(key).doesNotContain("alice"));
    }

    /** The store's word of what this node wrote itself once ended what had begun in between. */
    @Test
    void an_end_is_told_once_on_the_node_where_it_came_about() throws Exception {
        var store = new MemoryStore();
        var here = SessionEnds.in(store, clock);
        var there = SessionEnds.in(store, clock);
        var told = new AtomicInteger();
        var heard = new CountDownLatch(2);
        here.onEnd(_ -> {
            var _ = told.incrementAndGet();
        });
        there.onEnd(_ -> heard.countDown());

        here.disconnected(NOTES, ALICE.issuer(), ALICE.subject());
        now.set(now.get().plusSeconds(1));
        here.disconnected(NOTES, BOB.issuer(), BOB.subject());

        assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(told).hasValue(2);
    }

    /** It was given up, so that a restart gave an ended session back. */
    @Test
    void an_end_that_cannot_be_written_is_written_as_soon_as_it_can() throws Exception {
        var store = new MemoryStore();
        var here = SessionEnds.in(store, clock);
        var there = SessionEnds.in(store, clock);
        var heard = new CountDownLatch(1);
        there.onEnd(_ -> heard.countDown());
        store.down(true);

        here.disconnected(NOTES, ALICE.issuer(), ALICE.subject());
        store.down(false);

        assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertUnknown(org.assertj.core.api.ThrowableAssert.ThrowingCallable open) {
        assertThatThrownBy(open)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.UnknownSession.class));
    }
}
