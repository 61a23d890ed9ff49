package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {

    private final Origins publicSite =
            new Origins(URI.create("https://mcp.example.com"), List.of("https://inspector.example.org"));
    private final Origins local = new Origins(URI.create("http://localhost:8080"), List.of());

    @Test
    void our_own_origin_and_listed_ones_may_call() {
        assertThat(publicSite.allows("https://mcp.example.com")).isTrue();
        assertThat(publicSite.allows("https://inspector.example.org")).isTrue();
        assertThat(local.allows("http://localhost:6274")).isTrue();
        assertThat(local.allows("http://127.0.0.1:3000")).isTrue();
        assertThat(local.allows("http://[::1]")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "https://evil.example",
                "http://mcp.example.com",
                "https://mcp.example.com.",
                "https://mcp.example.com:8443",
                "https://mcp.example.com.evil.example",
                "https://mcp.example.com@evil.example",
                "http://localhost:6274",
                "http://localhost.evil.example:80",
            })
    void other_origins_may_not_call_a_public_site(String origin) {
        assertThat(publicSite.allows(origin)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "http://localhost.evil.example",
                "http://localhost:80.evil.example",
                "http://localhost:",
                "http://localhost:123456",
                "http://localhost:80/",
                "http://127.0.0.1.evil.example",
                "ftp://localhost",
                "localhost",
            })
    void look_alikes_of_the_loopback_may_not_call_a_local_site(String origin) {
        assertThat(local.allows(origin)).isFalse();
    }
}
