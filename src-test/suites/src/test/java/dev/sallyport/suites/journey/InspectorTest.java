package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** MCP Inspector's command line: what people try a server with first. */
@Tag("journey")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class InspectorTest {

    @Test
    void it_logs_in_once_and_then_lists_calls_and_refreshes(Stack stack, Browser browser, @TempDir Path store) {
        var user = stack.users().getFirst();
        try (var alice = browser.person(user.username(), user.password());
                var client =
                        NodeClient.start("journey-inspector.mjs", stack.notes().toString(), store.toString())) {
            client.begin("connect", Map.of());
            alice.consent(client.authorizationUrl()).untick("notes:delete").allow();
            client.end().result();

            assertThat(client.tools()).contains("list_notes").doesNotContain("delete_note");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();
            client.run("expire");
            assertThat(client.call("list_notes", Map.of()).text()).isNotBlank();
        }
    }
}
