package dev.sallyport.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionsTest {

    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final ResourceId OTHER = ResourceId.of("https://mcp.example.com/other/mcp");
    private static final VerifiedToken ALICE = TokenFixture.token(NOTES, "notes:read");
    private static final VerifiedToken BOB = TokenFixture.token(NOTES, "bob", List.of(), "notes:read");

    private final SessionKey key = SessionKey.passing();
    private final Sessions sessions = new Sessions(NOTES, key);

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

        assertUnknown(() -> new Sessions(OTHER, key).of(ALICE, Optional.of(shown)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "upstream-1", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ü", "a b"})
    void an_id_that_was_not_made_here_is_unknown(String id) {
        assertUnknown(() -> sessions.of(ALICE, Optional.of(id)));
    }

    @Test
    void the_key_survives_a_restart_and_only_its_owner_reads_it(@TempDir Path state) throws Exception {
        var before = new Sessions(NOTES, SessionKey.in(state));
        var shown = before.of(ALICE, Optional.empty()).shown("upstream-1");

        var after = new Sessions(NOTES, SessionKey.in(state));

        assertThat(after.of(ALICE, Optional.of(shown)).upstreamId()).contains("upstream-1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("session-key"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(state)) {
            assertThat(files).hasSize(1);
        }
    }

    private static void assertUnknown(org.assertj.core.api.ThrowableAssert.ThrowingCallable open) {
        assertThatThrownBy(open)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.UnknownSession.class));
    }
}
