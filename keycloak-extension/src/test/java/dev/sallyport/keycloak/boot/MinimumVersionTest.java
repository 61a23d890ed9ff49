package dev.sallyport.keycloak.boot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinimumVersionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"26.7.0", "26.7.4", "26.7.4.redhat-00001", "26.8.0", "27.0.0", "999.0.0-SNAPSHOT", "unknown"})
    void a_new_enough_keycloak_starts(String version) {
        assertThatCode(() -> MinimumVersion.check(version)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"26.6.9", "26.0.0", "25.9.9", "9.0.3"})
    void an_old_one_says_what_to_do(String version) {
        assertThatThrownBy(() -> MinimumVersion.check(version))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("26.7.0 or newer")
                .hasMessageContaining(version);
    }
}
