package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/notes/mcp",
                "/notes/mcp/",
                "/notes/mcp?a=b%2Fc&d",
                "/.well-known/oauth-protected-resource/notes/mcp",
                "/realms/mcp/login-actions/authenticate?session_code=x-._~",
                "/resources/a1b2/login/img/a%20b.svg",
                "/a/...",
                "/a/.b",
                "/a:b@c!$&'()*+,=",
            })
    void a_plain_path_is_accepted(String target) {
        assertThat(RequestTarget.of(target)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "notes/mcp",
                "http://mcp.example.com/notes/mcp",
                "//notes/mcp",
                "/notes//mcp",
                "/notes/./mcp",
                "/notes/../realms",
                "/notes/..",
                "/notes/.",
                "/notes/%2e%2e/realms",
                "/notes/%2E/mcp",
                "/notes%2fmcp",
                "/notes%2Fmcp",
                "/notes%5cmcp",
                "/notes\\mcp",
                "/notes;x/mcp",
                "/notes/..;/realms",
                "/notes%3bx/mcp",
                "/notes/mcp%00",
                "/notes/mcp%0d%0a",
                "/notes/mcp%7f",
                "/notes/mcp%",
                "/notes/mcp%2",
                "/notes/mcp%zz",
                "/notes/%6dcp",
                "/notes/%4Dcp",
                "/notes/mcp%252f",
                "/notes/mcp%3f",
                "/notes/mcp#f",
                "/notes/mcp?a#f",
                "/notes/mcp?a b",
                "/notes/m\u00e7p",
                "/notes/mcp?\u00e7",
                "/notes/mcp\u0000",
                "/notes/{mcp}",
                "/notes/m\"cp",
            })
    void another_spelling_is_refused_and_not_interpreted(String target) {
        assertThat(RequestTarget.of(target)).isEmpty();
    }
}
