package dev.sallyport.keycloak.login;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationTest {

    @ParameterizedTest
    @CsvSource({
        "https://app.test/callback, WEB, app.test",
        "https://APP.test:443/x, WEB, app.test",
        "https://app.test:8443/x, WEB, app.test:8443",
        "https://user@evil.test/app.test, WEB, evil.test",
        "https://bücher.test/x, WEB, xn--bcher-kva.test",
        "http://app.test/x, PLAIN, app.test",
        "http://127.0.0.1:4711/x, COMPUTER, 127.0.0.1:4711",
        "http://localhost/x, COMPUTER, localhost",
        "http://[::1]:99/x, COMPUTER, [::1]:99",
        "http://127.0.0.1.evil.test/x, PLAIN, 127.0.0.1.evil.test",
        "com.example.app:/x, APP, com.example.app:",
        "cursor://anysphere/x, APP, cursor:"
    })
    void a_person_sees_who_gets_the_answer(String uri, Destination.Kind kind, String shown) {
        var destination = Destination.of(uri);

        assertThat(destination.kind()).isEqualTo(kind);
        assertThat(destination.shown()).isEqualTo(shown);
        assertThat(destination.identifiesReceiver()).isEqualTo(kind == Destination.Kind.WEB);
    }
}
