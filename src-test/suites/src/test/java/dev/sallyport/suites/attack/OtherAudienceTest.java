package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A token works at the one resource that it was issued for (CVE-2025-69196, CVE-2026-67332, CVE-2026-19202,
 * CVE-2026-101062).
 */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class OtherAudienceTest {

    @Test
    void a_token_for_one_server_is_worth_nothing_at_another(Target target) {
        var token = target.gate().token("alpha", "alpha:read", "beta:read");

        var atItsOwn = target.gate().post("alpha", token, LIST);
        var atAnother = target.gate().post("beta", token, LIST);

        assertThat(atItsOwn.status()).isEqualTo(200);
        assertThat(atAnother.status()).isEqualTo(401);
        assertThat(target.beta().received()).isEmpty();
    }

    /** The verified token is remembered: what is remembered for one server must not serve another. */
    @Test
    void a_remembered_token_is_worth_nothing_at_another_server(Target target) {
        var token = target.reader();
        for (var i = 0; i < 5; i++) {
            assertThat(target.gate().post("alpha", token, LIST).status()).isEqualTo(200);
        }

        var atAnother = target.gate().post("beta", token, LIST);

        assertThat(atAnother.status()).isEqualTo(401);
        assertThat(target.beta().received()).isEmpty();
    }

    static Stream<Object> audiences() {
        return Stream.of(
                "PREFIX",
                "PREFIX/",
                "PREFIX/alpha",
                "PREFIX/alpha/mcp/",
                "PREFIX/alpha/mcp/more",
                "PREFIX/ALPHA/mcp",
                "PREFIX/alpha/mcp?x=1",
                "PREFIX/alpha/mcp#x",
                "PREFIX//alpha/mcp",
                "account",
                "",
                List.of(),
                List.of("PREFIX/alpha/mcp", "PREFIX/beta/mcp"),
                List.of("PREFIX/alpha/mcp", "account"));
    }

    @ParameterizedTest
    @MethodSource("audiences")
    void the_audience_is_this_resource_alone_and_to_the_letter(Object audience, Target target) {
        var gate = target.gate();
        var prefix = gate.url().toString();
        var claim = audience instanceof List<?> list
                ? list.stream()
                        .map(each -> String.valueOf(each).replace("PREFIX", prefix))
                        .toList()
                : String.valueOf(audience).replace("PREFIX", prefix);
        var token = gate.authorizationServer()
                .token(gate.server("alpha").toString())
                .scope("alpha:read")
                .claim("aud", claim)
                .sign();

        var answer = target.post(token, LIST);

        assertThat(answer.status()).isEqualTo(401);
        target.nothingWasSent();
    }
}
