package dev.sallyport.suites.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.journey.Browser;
import dev.sallyport.suites.journey.BrowserExtension;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.OAuthClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The official suite's scenarios for authorization servers, against the whole product and with a person at a real browser.
 * The suite acts as a public client, because our metadata allows that.
 */
@Tag("conformance")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class AuthorizationServerTest {

    /** {@code resource} came with 2025-06-18: before, a client named none. */
    private static final String WITHOUT_RESOURCE = "2025-03-26";

    @ParameterizedTest
    @ValueSource(strings = {"2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"})
    void each_check_of_each_scenario_ends_as_written_down(String revision, Stack stack, Browser browser) {
        var user = stack.users().getFirst();
        var discovered = Discovered.at(stack.notes());
        var client = OAuthClient.register(discovered, "Conformance suite", "http://127.0.0.1/callback");
        var resource = revision.equals(WITHOUT_RESOURCE) ? Optional.<URI>empty() : Optional.of(stack.notes());

        try (var alice = browser.person(user.username(), user.password());
                var authorizing = ConformanceRun.authorizing(
                        "authorization-" + revision,
                        URI.create(discovered.issuer()),
                        client.clientId(),
                        resource,
                        revision)) {
            alice.consent(authorizing.request()).allow();

            assertThat(authorizing.end().results()).containsExactlyInAnyOrderElementsOf(expected(revision));
        }
    }

    private static List<String> expected(String revision) {
        try (var in =
                Objects.requireNonNull(AuthorizationServerTest.class.getResourceAsStream("authorization-server.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(revision + " "))
                    .map(line -> line.substring(revision.length() + 1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
