package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RawHttp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page whose name has been pointed at this machine gets no answer, even with a sound token (CVE-2025-66414,
 * CVE-2026-34742, CVE-2026-35568, CVE-2025-64443).
 */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class DnsRebindingTest {

    static Stream<List<String>> hosts() {
        return Stream.of(
                List.of("Host: evil.example"),
                List.of("Host: evil.example:PORT"),
                List.of("Host: 127.0.0.1.evil.example:PORT"),
                List.of("Host: 127.0.0.1.:PORT"),
                List.of("Host: evil@127.0.0.1:PORT"),
                List.of("Host: 127.0.0.1:PORT, evil.example"),
                List.of("Host: 127.0.0.1:PORT", "Host: evil.example"),
                List.of("Host: evil.example", "Host: 127.0.0.1:PORT"),
                List.of("Host: "),
                List.of(),
                List.of("Host: evil.example", "X-Forwarded-Host: 127.0.0.1:PORT"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://evil.example"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://evil.example:PORT"),
                List.of("Host: 127.0.0.1:PORT", "Origin: null"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1.:PORT"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:PORT.evil.example"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:PORT", "Origin: http://evil.example"),
                List.of("Host: 127.0.0.1:PORT", "Origin: http://evil.example, http://127.0.0.1:PORT"),
                List.of("Host: 127.0.0.1:PORT", "Origin: file://"));
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void a_foreign_host_or_origin_reaches_nothing(List<String> headers, Target target) {
        var answer = send(headers, target);

        assertThat(RawHttp.status(answer)).isIn(0, 400, 403, 421);
        assertThat(answer).doesNotContain("Access-Control-Allow-Origin: http://evil");
        target.nothingWasSent();
    }

    @Test
    void its_own_host_and_origin_are_accepted(Target target) {
        var answer = send(List.of("Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:PORT"), target);

        assertThat(RawHttp.status(answer)).isEqualTo(200);
    }

    private static String send(List<String> headers, Target target) {
        var port = String.valueOf(target.gate().url().getPort());
        var lines = Stream.concat(headers.stream(), Stream.of("Authorization: Bearer " + target.reader()))
                .map(line -> line.replace("PORT", port))
                .toArray(String[]::new);
        return RawHttp.post(target.gate().url(), "/alpha/mcp", LIST, lines);
    }
}
