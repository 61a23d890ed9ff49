package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.conformance.TestServers;
import dev.sallyport.suites.product.Stack;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One line puts the gate in front of a server that runs, or of a command that then is started, without a file; other
 * commands then find what was started. */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
final class OneLineTest {

    @Test
    void a_server_that_runs(Browser browser) {
        try (var server = TestServers.everything();
                var stack =
                        Stack.of("upstream", List.of("--upstream", server.url().toString()))) {
            hello(stack, browser, "journey-sdk1.mjs");

            assertThat(stack.says("doctor")).endsWith("All is well.\n");
            stack.says("keys", "rotate");
            stack.says("keys", "retire", "k1");
            assertThat(stack.says("keys", "list")).contains("k2").doesNotContain("k1");
        }
    }

    @Test
    void a_command(Browser browser) {
        var words = Stream.concat(Stream.of("--"), TestServers.everythingOverStdio().stream())
                .toList();
        try (var stack = Stack.of("command", words)) {
            hello(stack, browser, "journey-sdk2.mjs");
        }
    }

    private static void hello(Stack stack, Browser browser, String sdk) {
        var user = stack.users().getFirst();
        try (var alice = browser.person(user.username(), user.password());
                var client = NodeClient.start(sdk, stack.notes().toString(), "One line")) {
            client.begin("connect", Map.of());
            var consent = alice.consent(client.authorizationUrl());
            consent.offered().forEach(consent::tick);
            consent.allow();
            client.end().result();

            assertThat(client.tools()).contains("echo");
            assertThat(client.call("echo", Map.of("message", "hello")).text()).contains("hello");
        }
    }
}
