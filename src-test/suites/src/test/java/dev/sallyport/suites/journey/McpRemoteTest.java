package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code mcp-remote}: how desktop applications without OAuth of their own connect. */
@Tag("journey")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class McpRemoteTest {

    @Test
    void it_connects_calls_and_the_next_day_goes_on_without_a_browser(
            Stack stack, Browser browser, @TempDir Path store) {
        var user = stack.users().getFirst();
        try (var alice = browser.person(user.username(), user.password());
                var client =
                        NodeClient.start("journey-mcp-remote.mjs", stack.notes().toString(), store.toString())) {
            client.begin("connect", Map.of());
            var consent = alice.consent(client.authorizationUrl());
            assertThat(consent.words()).contains("Team notes");
            assertThat(consent.offered()).contains("notes:read").doesNotContain("offline_access", "openid");
            consent.allow();
            client.end().result();
            assertThat(client.tools()).contains("list_notes");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            var before = client.run("tokens").path("access_token").asString();
            client.run("expire");
            client.run("restart");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();

            assertThat(client.run("tokens").path("access_token").asString()).isNotEqualTo(before);
            assertThat(client.run("traffic").toString()).doesNotContain(stack.apiKey());
        }
    }

    @Test
    void it_connects_and_calls_over_the_transport_of_2024_11_05(Stack stack, Browser browser, @TempDir Path store) {
        var user = stack.users().getFirst();
        try (var alice = browser.person(user.username(), user.password());
                var client = NodeClient.start(
                        "journey-mcp-remote.mjs",
                        stack.notes() + "/sse",
                        store.toString(),
                        "--transport",
                        "sse-only")) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.tools()).contains("list_notes");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();
            assertThat(client.run("traffic").toString()).contains("SSEClientTransport");
        }
    }
}
