package dev.sallyport.keycloak.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectUriTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/callback",
                "https://app.example:8443/callback?keep=1",
                "https://localhost/callback",
                "http://localhost:6274/oauth/callback",
                "http://localhost/callback",
                "http://127.0.0.1:33418/",
                "http://127.0.0.1:33418",
                "http://127.0.0.1",
                "http://[::1]:5000/cb",
                "cursor://anysphere.cursor-retrieval/oauth/user-server/callback",
                "vscode://ms-vscode.mcp/callback",
                "com.example.app:/oauth2redirect",
                "com.example.app:oauth",
                "ms-appx-web://microsoft.aad.brokerplugin/1",
            })
    void a_client_may_have(String text) {
        assertThat(new RedirectUri(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "https://app.example/*",
                "https://*.example/callback",
                "/callback",
                "callback",
                "https:",
                "https:///callback",
                "https://app.example/callback#fragment",
                "https://app.example/callback#",
                "https://user@app.example/callback",
                "https://user:password@app.example/callback",
                "https://good.example@evil.example/callback",
                "https://app_with_underscore@evil/callback",
                "https://app.example\\@evil.example/callback",
                "https://app.example/ callback",
                "https://app.example/\ncallback",
                "http://app.example/callback",
                "http://localhost.evil.example/callback",
                "http://127.0.0.1.evil.example/callback",
                "http://127.1/callback",
                "http://2130706433/callback",
                "http://0.0.0.0/callback",
                "http://[::]/callback",
                "http://[::ffff:127.0.0.1]/callback",
                "http://localhost@evil.example/callback",
                "http://user@localhost/callback",
                "http://localhost./callback",
                "javascript:alert(1)",
                "JavaScript:alert(1)",
                "javascript://app.example/%0aalert(1)",
                "data:text/html,x",
                "vbscript:x",
                "file:///etc/passwd",
                "blob:https://app.example/1",
                "about:blank",
                "view-source:https://app.example",
                "mailto:a@b.example",
                "intent://scan/#Intent;end",
                "ms-msdt:/id",
                "search-ms:query=x",
                "urn:ietf:wg:oauth:2.0:oob",
                "ftp://app.example/",
                "https://app.example/callback?code=stolen",
                "https://app.example/callback?x=1&STATE=2",
                "https://app.example/callback?%63ode=1",
            })
    void a_client_may_not_have(String text) {
        assertThatThrownBy(() -> new RedirectUri(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:1/cb,       http://localhost:2/cb,         true",
        "http://localhost/cb,         http://localhost:2/cb,         true",
        "http://127.0.0.1:1/cb,       http://127.0.0.1:65535/cb,     true",
        "http://[::1]:1/cb,           http://[::1]:2/cb,             true",
        "http://LOCALHOST:1/cb,       http://localhost:2/cb,         true",
        "http://localhost:1/cb,       http://127.0.0.1:1/cb,         false",
        "http://localhost:1/cb,       http://localhost:1/other,      false",
        "http://localhost:1/cb,       http://localhost:1/cb?x=1,     false",
        "http://localhost:1/cb,       https://localhost:1/cb,        false",
        "https://localhost:1/cb,      https://localhost:2/cb,        false",
        "https://app.example/cb,      https://app.example:444/cb,    false",
        "https://app.example/cb,      https://app.example/cb/,       false",
        "https://app.example/cb,      https://APP.example/cb,        false",
        "app:/cb,                     app:/cb,                       true",
        "app:/cb,                     app:/cb2,                      false",
    })
    void one_covers_another(String registered, String used, boolean covered) {
        assertThat(new RedirectUri(registered).covers(new RedirectUri(used))).isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:6274/cb,  http://localhost/cb",
        "http://127.0.0.1:33418,    http://127.0.0.1",
        "http://127.0.0.1:33418/?x, http://127.0.0.1/?x",
        "http://[::1]:1/cb,         http://[::1]/cb",
        "https://localhost:1/cb,    https://localhost:1/cb",
    })
    void keycloak_keeps_loopback_uris_without_their_port(String text, String kept) {
        assertThat(new RedirectUri(text).pattern()).isEqualTo(kept);
    }
}
