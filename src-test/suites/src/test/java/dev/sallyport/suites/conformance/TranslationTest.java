package dev.sallyport.suites.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Gate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The official conformance suite of one era against servers of the other, through the proxy's translation. Its measure is a
 * server of the suite's own era with the same tools, directly: {@code translation.txt} has each check that ends otherwise, and
 * {@code docs/compatibility.md} says why.
 */
@Tag("conformance")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TranslationTest {

    private static final String LEGACY = "2025-11-25";
    private static final String MODERN = "2026-07-28";

    private TestServers.Listening url;
    private TestServers.Listening sse;
    private TestServers.Listening modern;
    private Gate gate;
    private Map<String, ConformanceRun> direct;

    @BeforeAll
    void start() {
        url = TestServers.complete();
        sse = TestServers.completeOverSse();
        modern = TestServers.completeModern();
        var command = "upstream: { command: [" + TestServers.completeAsCommand() + "] ";
        gate = Gate.beforeUpstreams(
                Map.of(
                        "url", "upstream: { url: \"" + url.url() + "\" }",
                        "sse", "upstream: { sse: \"" + sse.url() + "\" }",
                        "command", command + "}",
                        "session", command + ", process: session }",
                        "modern", "upstream: { url: \"" + modern.url() + "\" }",
                        "newest", "upstream: { command: [" + TestServers.completeModernCommand() + "] }"),
                TransparencyTest.EVERYTHING);
        direct = Map.of(
                LEGACY, ConformanceRun.against("translation-direct-" + LEGACY, url.url(), LEGACY, Optional.empty()),
                MODERN, ConformanceRun.against("translation-direct-" + MODERN, modern.url(), MODERN, Optional.empty()));
    }

    @AfterAll
    void stop() {
        gate.close();
        url.close();
        sse.close();
        modern.close();
    }

    @ParameterizedTest
    @CsvSource({
        "2025-11-25, command",
        "2025-11-25, session",
        "2025-11-25, sse",
        "2025-11-25, modern",
        "2025-11-25, newest",
        "2026-07-28, newest",
        "2026-07-28, url",
        "2026-07-28, command",
        "2026-07-28, sse",
    })
    void each_check_ends_as_at_a_server_of_the_suites_own_era_or_as_written_down(String revision, String server) {
        var through = ConformanceRun.against(
                "translation-" + revision + "-" + server,
                gate.server(server),
                revision,
                Optional.of(gate.token(server, server + ":everything")));

        var differences =
                new ArrayList<>(Objects.requireNonNull(direct.get(revision)).differences(through));

        // What the suite only notes down says nothing about who passes.
        differences.removeIf(line -> line.endsWith("INFO -> missing") || line.endsWith("missing -> INFO"));
        assertThat(differences).containsExactlyInAnyOrderElementsOf(expected(revision, server));
    }

    private static List<String> expected(String revision, String server) {
        try (var in = Objects.requireNonNull(TranslationTest.class.getResourceAsStream("translation.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", 3))
                    .filter(words -> words[0].equals(revision)
                            && List.of(words[1].split(",")).contains(server))
                    .map(words -> words[2])
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
