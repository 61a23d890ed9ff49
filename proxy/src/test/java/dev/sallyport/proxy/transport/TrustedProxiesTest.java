package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

    private final TrustedProxies proxies = new TrustedProxies(List.of("10.0.0.0/8", "::1", "fd00::/9"));

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "10.255.255.255", "::1", "fd7f::1"})
    void listed_addresses_are_trusted(String address) {
        assertThat(proxies.trusts(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"11.0.0.1", "127.0.0.1", "::2", "fd80::1", "", "proxy.example", "10", "010.1"})
    void others_and_what_is_no_address_are_not(String address) {
        assertThat(proxies.trusts(address)).isFalse();
    }

    @Test
    void the_client_is_the_nearest_address_that_is_not_a_trusted_proxy() {
        assertThat(proxies.client("10.0.0.1", List.of("6.6.6.6, 9.9.9.9, 10.0.0.2")))
                .isEqualTo("9.9.9.9");
        assertThat(proxies.client("10.0.0.1", List.of("6.6.6.6", "9.9.9.9"))).isEqualTo("9.9.9.9");
        assertThat(proxies.client("10.0.0.1", List.of())).isEqualTo("10.0.0.1");
    }

    @Test
    void nobody_else_is_believed() {
        assertThat(proxies.client("9.9.9.9", List.of("6.6.6.6"))).isEqualTo("9.9.9.9");
        assertThat(proxies.client("10.0.0.1", List.of("nonsense"))).isEqualTo("10.0.0.1");
    }
}
