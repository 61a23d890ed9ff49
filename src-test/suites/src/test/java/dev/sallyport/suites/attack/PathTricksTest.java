package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RawHttp;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The path that is checked is the path that is used: no spelling of it reaches another server (CVE-2021-32777). */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class PathTricksTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/alpha/mcp/../../beta/mcp",
                "/alpha/mcp/..%2f..%2fbeta/mcp",
                "/alpha/mcp/%2e%2e/%2e%2e/beta/mcp",
                "/alpha/..;/beta/mcp",
                "/alpha/mcp;/../beta/mcp",
                "//beta/mcp",
                "/beta//mcp",
                "/beta%2fmcp",
                "/BETA/mcp",
                "/beta/MCP",
                "/beta/mcp%00",
                "/beta/mcp%0d%0aX-Api-Key:%20x",
                "/beta\\mcp",
                "/beta/./mcp",
                "/%62eta/mcp",
                "/beta/mcp/",
                "/beta/mcp/x",
                "/beta/mcp?server=alpha",
                "/beta/mcp#/alpha/mcp",
                "http://127.0.0.1/beta/mcp",
                "/alpha/mcp/http://127.0.0.1/beta/mcp",
                "*"
            })
    void a_token_of_alpha_never_reaches_beta(String path, Target target) {
        var answer = RawHttp.post(
                target.gate().url(),
                path,
                LIST,
                "Host: " + target.gate().url().getAuthority(),
                "Authorization: Bearer " + target.reader());

        assertThat(RawHttp.status(answer)).isIn(0, 400, 401, 403, 404, 405, 421);
        assertThat(target.beta().received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/metrics",
                "/health/ready",
                "/q/health",
                "/q/metrics",
                "/q/dev-ui",
                "/q/openapi",
                "/admin",
                "/admin/master/console/"
            })
    void the_public_port_serves_no_operations(String path, Target target) {
        var answer = RawHttp.send(
                target.gate().url(),
                "GET " + path + " HTTP/1.1\r\nHost: " + target.gate().url().getAuthority()
                        + "\r\nConnection: close\r\n\r\n");

        assertThat(RawHttp.status(answer)).isIn(401, 404);
    }
}
