package dev.sallyport.suites.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The measure itself: the suite sees the servers as it is known to see them, so that a comparison means something. */
@Tag("conformance")
final class DirectRunTest {

    @Test
    void the_suite_gives_the_same_result_twice() {
        try (var server = TestServers.everything()) {
            var first = ConformanceRun.against("twice-1", server.url(), "2025-11-25", Optional.empty());
            var second = ConformanceRun.against("twice-2", server.url(), "2025-11-25", Optional.empty());

            assertThat(first.differences(second)).isEmpty();
            assertThat(first.count("SUCCESS")).isGreaterThanOrEqualTo(47);
        }
    }

    @Test
    void a_server_that_has_everything_passes_every_check() {
        try (var server = TestServers.complete()) {
            var run = ConformanceRun.against("complete", server.url(), "2025-11-25", Optional.empty());

            assertThat(run.count("FAILURE")).isZero();
            assertThat(run.count("SUCCESS")).isGreaterThanOrEqualTo(78);
        }
    }
}
