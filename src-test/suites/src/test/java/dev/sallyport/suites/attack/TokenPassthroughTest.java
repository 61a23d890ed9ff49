package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A malicious MCP server learns nothing of the client: neither its token nor its cookies nor what it says it is. */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class TokenPassthroughTest {

    @Test
    void the_clients_token_never_reaches_the_mcp_server(Target target) {
        var token = target.reader();

        var answer = target.post(token, LIST, "Cookie", "session=" + token);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(target.alpha().received()).hasSize(1);
        assertThat(target.alpha().received().toString()).doesNotContain(token).doesNotContain("session=");
        assertThat(target.alpha().received().getFirst().header("x-api-key")).contains(Gate.API_KEY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Api-Key",
                "X-Forwarded-User",
                "X-Forwarded-Email",
                "X-Forwarded-Access-Token",
                "X-Auth-Request-User",
                "X-Remote-User",
                "Remote-User",
                "X-User",
                "X-Real-Ip",
                "X-Original-Url",
                "X-Rewrite-Url",
                "X-Http-Method-Override",
                "Forwarded",
                "Proxy-Authorization",
                "X-Router-Key",
                "X-Mcp-Subject",
                "Sallyport-Subject",
                "X-Envoy-Original-Path"
            })
    void no_header_that_names_an_identity_or_steers_a_router_is_passed_on(String header, Target target) {
        var answer = target.post(target.reader(), LIST, header, "planted-by-the-client");

        assertThat(answer.status()).isLessThan(500);
        assertThat(target.alpha().received().toString()).doesNotContain("planted-by-the-client");
    }

    @Test
    void a_header_named_by_connection_does_not_take_ours_away(Target target) {
        var lines = List.of(
                "Host: " + target.gate().url().getAuthority(),
                "Authorization: Bearer " + target.reader(),
                "Connection: X-Api-Key, close");

        dev.sallyport.suites.product.RawHttp.post(
                target.gate().url(), "/alpha/mcp", LIST, lines.toArray(String[]::new));

        assertThat(target.alpha().received())
                .allSatisfy(request -> assertThat(request.header("x-api-key")).contains(Gate.API_KEY));
    }
}
