package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.as.TestToken;
import dev.sallyport.testkit.client.Http;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who knows another's session id has nothing (CVE-2026-52869, CVE-2026-33946, CVE-2025-6515). */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class SessionHijackTest {

    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}}";
    private static final String LIST_TOOLS = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}";

    @Test
    void the_upstreams_session_id_never_leaves_and_ours_is_not_guessable(Target target) {
        var ids = Stream.generate(() -> session(target, target.reader()))
                .limit(20)
                .toList();

        assertThat(ids)
                .doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(id)
                        .doesNotContain("upstream-session")
                        .hasSizeGreaterThanOrEqualTo(22)
                        .matches("[\\x21-\\x7e]+"));
    }

    record Other(String name, UnaryOperator<TestToken> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Other> others() {
        return Stream.of(
                new Other("another user", token -> token.subject("mallory")),
                new Other("another client of the same user", token -> token.client("other-client")));
    }

    @ParameterizedTest
    @MethodSource("others")
    void the_session_of_another_is_unknown(Other other, Target target) {
        var id = session(target, target.reader());
        target.alpha().reset();
        var intruder = other.change()
                .apply(target.gate()
                        .authorizationServer()
                        .token(target.gate().server("alpha").toString())
                        .scope("alpha:read"))
                .sign();

        var call = target.post(intruder, LIST_TOOLS, "Mcp-Session-Id", id);
        var stream = Http.send(Http.request(target.gate().server("alpha"))
                .header("Authorization", "Bearer " + intruder)
                .header("Accept", "text/event-stream")
                .header("Mcp-Session-Id", id)
                .GET());
        var end = Http.send(Http.request(target.gate().server("alpha"))
                .header("Authorization", "Bearer " + intruder)
                .header("Mcp-Session-Id", id)
                .DELETE());

        assertThat(call.status()).isEqualTo(404);
        assertThat(stream.status()).isEqualTo(404);
        assertThat(end.status()).isEqualTo(404);
        target.nothingWasSent();
    }

    @Test
    void the_owner_goes_on_with_a_refreshed_token(Target target) {
        var id = session(target, target.reader());

        var call = target.post(target.reader(), LIST_TOOLS, "Mcp-Session-Id", id);

        assertThat(call.status()).isEqualTo(200);
        assertThat(target.alpha().received().getLast().header("mcp-session-id")).contains("upstream-session-1");
    }

    @Test
    void a_made_up_session_is_unknown(Target target) {
        var call = target.post(target.reader(), LIST_TOOLS, "Mcp-Session-Id", "upstream-session-1");

        assertThat(call.status()).isEqualTo(404);
        target.nothingWasSent();
    }

    private static String session(Target target, String token) {
        return target.post(token, INITIALIZE)
                .header("Mcp-Session-Id")
                .orElseThrow(() -> new AssertionError("no session"));
    }
}
