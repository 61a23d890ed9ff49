package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RawHttp;
import dev.sallyport.testkit.client.Http;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No request can make the proxy point a client at somebody else's authorization server or resource. */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class DiscoveryTest {

    private static final String METADATA = "/.well-known/oauth-protected-resource/alpha/mcp";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Port: 666",
                "X-Forwarded-Prefix: /evil",
                "Forwarded: host=evil.example;proto=https",
                "X-Original-Host: evil.example",
                "X-Host: evil.example",
                "X-Original-Url: /beta/mcp"
            })
    void headers_of_strangers_change_neither_challenge_nor_metadata(String header, Target target) {
        var host = "Host: " + target.gate().url().getAuthority();
        var resource = target.gate().server("alpha").toString();

        var metadata = RawHttp.send(
                target.gate().url(),
                "GET " + METADATA + " HTTP/1.1\r\n" + host + "\r\n" + header + "\r\nConnection: close\r\n\r\n");
        var challenge = RawHttp.post(target.gate().url(), "/alpha/mcp", "{}", host, header);

        assertThat(metadata).contains("\"" + resource + "\"").doesNotContain("evil");
        assertThat(challenge)
                .contains("resource_metadata=\"" + target.gate().url() + METADATA + "\"")
                .doesNotContain("evil");
    }

    @Test
    void the_resource_is_named_exactly_as_clients_must_use_it(Target target) {
        var metadata = Http.get(target.gate().url().resolve(METADATA)).json();

        assertThat(metadata.path("resource").asString())
                .isEqualTo(target.gate().server("alpha").toString());
        assertThat(metadata.path("authorization_servers").path(0).asString())
                .isEqualTo(target.gate().authorizationServer().issuer());
        assertThat(metadata.path("bearer_methods_supported").toString()).isEqualTo("[\"header\"]");
    }

    @Test
    void a_challenge_asks_for_the_default_sets_and_no_more(Target target) {
        var challenge = Http.postJson(target.gate().server("alpha"), "{}")
                .header("WWW-Authenticate")
                .orElseThrow();

        assertThat(challenge).contains("scope=\"alpha:read\"").doesNotContain("error=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.well-known/oauth-protected-resource",
                "/.well-known/oauth-protected-resource/gamma/mcp",
                "/.well-known/oauth-protected-resource/alpha",
                "/.well-known/oauth-protected-resource/alpha/mcp/../../beta/mcp"
            })
    void there_is_no_metadata_for_what_is_no_resource(String path, Target target) {
        var answer = RawHttp.send(
                target.gate().url(),
                "GET " + path + " HTTP/1.1\r\nHost: " + target.gate().url().getAuthority()
                        + "\r\nConnection: close\r\n\r\n");

        assertThat(RawHttp.status(answer)).isIn(400, 404);
    }
}
