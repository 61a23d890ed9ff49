package dev.sallyport.suites.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The official conformance suite gives the same result through the proxy as without it, check by check, with a permission
 * set that allows everything.
 */
@Tag("conformance")
final class TransparencyTest {

    static final String EVERYTHING = """
            everything:
              title: Everything
              default: true
              allow: { tools: ["**"], resources: ["**"], prompts: ["**"], methods: ["**"] }
            """;

    /** The proxy checks Host and Origin itself, so behind it a server that does not is safe: the one wanted difference. */
    private static final List<String> BETTER =
            List.of("dns-rebinding-protection/localhost-host-rebinding-rejected: FAILURE -> SUCCESS");

    /** The proxy refuses ids of tasks that are nobody's before the server sees them, and with the code that is right. */
    private static final List<String> BETTER_WITH_TASKS = List.of(
            "dns-rebinding-protection/localhost-host-rebinding-rejected: FAILURE -> SUCCESS",
            "tasks-dispatch-and-envelope/sep-2663-tasks-get-invalid-task-id-32602: FAILURE -> SUCCESS");

    record Case(String name, Supplier<TestServers.Listening> server, String revision, List<String> differences) {
        @Override
        public String toString() {
            return name + ", " + revision;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("complete", TestServers::complete, "2025-11-25", List.of()),
                new Case("everything", TestServers::everything, "2025-11-25", BETTER),
                new Case("both-eras", TestServers::everythingInBothEras, "2025-11-25", BETTER),
                new Case("both-eras", TestServers::everythingInBothEras, "2026-07-28", BETTER_WITH_TASKS));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_proxy_changes_no_result_of_the_official_suite(Case given) {
        try (var server = given.server().get();
                var gate = Gate.before(Map.of("upstream", server.url()), EVERYTHING)) {
            var run = given.name() + "-" + given.revision();

            var direct = ConformanceRun.against(run + "-direct", server.url(), given.revision(), Optional.empty());
            var through = ConformanceRun.against(
                    run + "-proxied",
                    gate.server("upstream"),
                    given.revision(),
                    Optional.of(gate.token("upstream", "upstream:everything")));

            assertThat(direct.differences(through)).containsExactlyElementsOf(given.differences());
        }
    }
}
