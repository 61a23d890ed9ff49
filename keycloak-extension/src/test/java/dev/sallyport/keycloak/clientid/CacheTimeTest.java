package dev.sallyport.keycloak.clientid;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheTimeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                  |       | PT1H",
                "max-age=600                       |       | PT10M",
                "public, max-age=7200, must-revalidate |   | PT2H",
                "MAX-AGE = 600                     |       | PT10M",
                "max-age=7200                      | 3600  | PT1H",
                "max-age=0                         |       | PT5M",
                "max-age=600                       | 99999 | PT5M",
                "max-age=31536000                  |       | P1D",
                "no-store                          |       | PT5M",
                "no-cache, max-age=7200            |       | PT5M",
                "s-max-age=9                       |       | PT1H",
                "max-age=nonsense                  | x     | PT1H",
            })
    void the_server_decides_within_bounds(String cacheControl, String age, Duration kept) {
        var time = CacheTime.of(Optional.ofNullable(cacheControl), Optional.ofNullable(age));

        assertThat(time.duration()).isEqualTo(kept);
    }
}
