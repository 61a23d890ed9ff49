package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Callback;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.client.Tokens;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The Java SDK. It knows no OAuth, only hooks: the token comes from a small client of the test kit, which does discovery,
 * registration and PKCE, and refreshes when the SDK reports a 401.
 */
@Tag("journey")
@ExtendWith({Stack.Extension.class, BrowserExtension.class})
final class JavaSdkTest {

    @Test
    void it_calls_and_refreshes_through_its_authorization_hook(Stack stack, Browser browser) {
        var user = stack.users().getFirst();
        try (var callback = Callback.start();
                var alice = browser.person(user.username(), user.password())) {
            var oauth = OAuthClient.register(Discovered.at(stack.notes()), "Journey Java", callback.redirectUri());
            var request = oauth.authorization("notes:read notes:write");
            var back = alice.consent(request.url()).untick("notes:write").allow();
            var tokens = new AtomicReference<Tokens>(oauth.exchange(request, back));
            assertThat(tokens.get().scopes()).containsExactly("notes:read");
            var bearer = new AtomicReference<String>(tokens.get().accessToken());
            var refreshes = new AtomicInteger();

            try (var client = client(stack.notes(), bearer, () -> {
                refreshes.incrementAndGet();
                bearer.set(tokens.updateAndGet(oauth::refresh).accessToken());
            })) {
                client.initialize();
                assertThat(client.listTools().tools().stream().map(McpSchema.Tool::name))
                        .contains("list_notes")
                        .doesNotContain("create_note");
                assertThat(called(client)).isTrue();

                bearer.set("expired");
                assertThat(called(client)).isTrue();
                assertThat(refreshes).hasValue(1);
            }
        }
    }

    /** Deprecated in the SDK as the transport is in MCP; applications still use it. */
    @Test
    @SuppressWarnings("deprecation")
    void it_calls_over_the_transport_of_2024_11_05(Stack stack, Browser browser) {
        var user = stack.users().getFirst();
        try (var callback = Callback.start();
                var alice = browser.person(user.username(), user.password())) {
            var oauth = OAuthClient.register(Discovered.at(stack.notes()), "Journey Java SSE", callback.redirectUri());
            var request = oauth.authorization("notes:read");
            var tokens = oauth.exchange(request, alice.consent(request.url()).allow());
            var transport = HttpClientSseClientTransport.builder(
                            stack.notes().resolve("/").toString())
                    .sseEndpoint(stack.notes().getPath() + "/sse")
                    .addHttpRequestCustomizer((message, _, _, _, _) ->
                            message.setHeader("Authorization", "Bearer " + tokens.accessToken()))
                    .build();

            try (var client = McpClient.sync(transport)
                    .requestTimeout(Duration.ofSeconds(20))
                    .build()) {
                assertThat(client.initialize().protocolVersion()).isEqualTo("2024-11-05");
                assertThat(client.listTools().tools().stream().map(McpSchema.Tool::name))
                        .contains("list_notes")
                        .doesNotContain("create_note");
                assertThat(called(client)).isTrue();
            }
        }
    }

    private static boolean called(McpSyncClient client) {
        var result = client.callTool(McpSchema.CallToolRequest.builder("list_notes")
                .arguments(Map.of())
                .build());
        return !Boolean.TRUE.equals(result.isError());
    }

    private static McpSyncClient client(URI server, AtomicReference<String> bearer, Runnable refresh) {
        var transport = HttpClientStreamableHttpTransport.builder(
                        server.resolve("/").toString())
                .endpoint(server.getPath())
                .addHttpRequestCustomizer(
                        (request, _, _, _, _) -> request.setHeader("Authorization", "Bearer " + bearer.get()))
                .authorizationErrorHandler(McpHttpClientTransportAuthorizationErrorHandler.fromSync((_, answer, _) -> {
                    refresh.run();
                    return answer.statusCode() == 401;
                }))
                .build();
        return McpClient.sync(transport).requestTimeout(Duration.ofSeconds(20)).build();
    }
}
