package dev.sallyport.proxy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {

    private static final URI BASE = URI.create("https://tools.example.com/a/sse?key=1");

    @ParameterizedTest
    @CsvSource({
        "/messages?session=1,                      https://tools.example.com/messages?session=1",
        "messages?session=1,                       https://tools.example.com/a/messages?session=1",
        "?session=1,                               https://tools.example.com/a/sse?session=1",
        "https://tools.example.com/m#part,         https://tools.example.com/m",
        "https://TOOLS.example.com:443/m,          https://TOOLS.example.com:443/m",
        "../../m,                                  https://tools.example.com/../m",
    })
    void an_address_of_the_same_origin_is_found(String reference, String address) {
        assertThat(Origin.within(BASE, reference)).contains(URI.create(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example.com/m",
                "//evil.example.com/m",
                "https://tools.example.com:8443/m",
                "http://tools.example.com/m",
                "https://me@tools.example.com/m",
                "https://tools.example.com@evil.example.com/m",
                "https://tools.example.com.evil.example/m",
                "file:///etc/passwd",
                "mailto:x@tools.example.com",
                "https:tools.example.com/m",
                "\\\\evil.example.com/m",
                "https://tools.example.com\\@evil.example.com/m",
                "/with space",
                "?a b",
                "http://[bad",
            })
    void any_other_is_not(String reference) {
        assertThat(Origin.within(BASE, reference)).isEmpty();
    }
}
