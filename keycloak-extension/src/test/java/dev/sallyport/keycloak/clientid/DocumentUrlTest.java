package dev.sallyport.keycloak.clientid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentUrlTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example.com/client.json",
                "https://app.example.com:8443/oauth/client",
                "https://app.example.com/client?version=2",
                "https://a.b/.well-known/client",
                "https://xn--bcher-kva.example/client",
            })
    void a_client_id_may_be(String url) {
        assertThat(DocumentUrl.of(url, false).uri()).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://app.example.com/client.json",
                "HTTPS://app.example.com/client.json",
                "https://App.example.com/client.json",
                "https://app.example.com",
                "https://app.example.com/",
                "https://app.example.com/a/../client.json",
                "https://app.example.com/./client.json",
                "https://app.example.com/%2e%2E/client.json",
                "https://app.example.com/client.json#fragment",
                "https://user@app.example.com/client.json",
                "https://app.example.com@127.0.0.1/client.json",
                "https://localhost/client.json",
                "https://intranet/client.json",
                "https://app.example.com./client.json",
                "https://127.0.0.1/client.json",
                "https://169.254.169.254/latest/meta-data",
                "https://2130706433/client.json",
                "https://0x7f000001/client.json",
                "https://0x7f.1/client.json",
                "https://0177.0.0.1/client.json",
                "https://127.1/client.json",
                "https://[::1]/client.json",
                "https://[::ffff:127.0.0.1]/client.json",
                "https://app_example.com/client.json",
                "https:///client.json",
                "https:client.json",
                "https://app.example.com/ client.json",
            })
    void a_client_id_may_not_be(String url) {
        assertThatThrownBy(() -> DocumentUrl.of(url, false)).isInstanceOf(DocumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:8080/client.json", "https://localhost/client.json", "http://[::1]/c"})
    void this_computer_is_allowed_for_development_only(String url) {
        assertThat(DocumentUrl.of(url, true).isLoopback()).isTrue();
        assertThatThrownBy(() -> DocumentUrl.of(url, false)).isInstanceOf(DocumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://10.0.0.1/client.json", "http://app.example.com/c", "https://127.0.0.2/c"})
    void the_exception_is_for_this_computer_and_nothing_else(String url) {
        assertThatThrownBy(() -> DocumentUrl.of(url, true)).isInstanceOf(DocumentException.class);
    }
}
