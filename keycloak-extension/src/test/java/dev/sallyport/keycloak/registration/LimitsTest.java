package dev.sallyport.keycloak.registration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,          192.0.2.1,             true",
        "192.0.2.1,          192.0.2.2,             false",
        "2001:db8:1:2::1,    2001:db8:1:2:ff::9,    true",
        "2001:db8:1:2::1,    2001:db8:1:3::1,       false",
        "::ffff:192.0.2.1,   192.0.2.1,             true",
    })
    void an_ipv6_network_counts_as_one_address(String one, String other, boolean same) {
        assertThat(Limits.network(one).equals(Limits.network(other))).isEqualTo(same);
    }
}
