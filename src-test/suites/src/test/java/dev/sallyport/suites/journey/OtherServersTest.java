package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.conformance.TestServers;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Callback;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.NotesServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Other servers than the demo's: one that needs a key of each person (login, consent, the proxy's page for the key, back
 * to the app, a call, all in one browser), commands, one of the old HTTP+SSE transport, and those of the modern era. Pictures of the pages are left in {@code
 * target/screenshots}.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OtherServersTest {

    private static final String KEY = "key-of-alice-" + UUID.randomUUID();

    private static final String SERVERS = """
            personal:
              title: Your own notes
              description: Notes that only you see.
              upstream: { url: "%PERSONAL%" }
              credential: { type: api-key, header: "X-Api-Key: {value}", label: API key, help: "You find it under Settings, Keys." }
              permissions:
                read:
                  title: Read your notes
                  description: List and read.
                  default: true
                  effect: read
                  allow: { tools: [list_notes, get_note] }
            local:
              title: Everything, as a command
              description: A program that the proxy starts.
              upstream: { command: [%COMMAND%] }
              permissions:
                some:
                  title: Some of it
                  description: Echo and sums.
                  default: true
                  allow: { tools: [echo, get-sum, trigger-long-running-operation] }
            old:
              title: Everything, the old way
              description: A server of the HTTP+SSE transport.
              upstream: { sse: "%SSE%" }
              permissions:
                some:
                  title: Some of it
                  description: Echo and sums.
                  default: true
                  allow: { tools: [echo, get-sum, trigger-long-running-operation] }
            stateless:
              title: Only the newest
              description: A server that speaks 2026-07-28 and nothing else.
              upstream: { url: "%STATELESS%" }
              permissions:
                all:
                  title: All of it
                  description: Echo, sums and greetings.
                  default: true
                  allow: { tools: [echo, get-sum, greet] }
            newest:
              title: Only the newest, as a command
              description: A program that speaks 2026-07-28 and nothing else.
              upstream: { command: [%NEWEST%] }
              permissions:
                all:
                  title: All of it
                  description: Echo, sums and greetings.
                  default: true
                  allow: { tools: [echo, get-sum, greet] }
            modern:
              title: Everything, in both eras
              description: A server that speaks 2026-07-28.
              upstream: { url: "%MODERN%" }
              credential: { type: none }
              permissions:
                all:
                  title: Everything
                  description: All that it has.
                  default: true
                  allow: { tools: ["**"], resources: ["**"], prompts: ["**"], methods: ["**"] }
            """;

    private final NotesServer notes = NotesServer.start(0, Optional.empty(), Set.of(KEY));
    private final TestServers.Listening modern = TestServers.everythingInBothEras();
    private final TestServers.Listening old = TestServers.everythingOverSse();
    private final TestServers.Listening stateless = TestServers.modernOnly();
    private final Stack stack = Stack.with(
            "personal",
            SERVERS.replace("%PERSONAL%", notes.url().toString())
                    .replace("%COMMAND%", TestServers.everythingAsCommand())
                    .replace("%NEWEST%", TestServers.modernCommand())
                    .replace("%STATELESS%", stateless.url().toString())
                    .replace("%SSE%", old.url().toString())
                    .replace("%MODERN%", modern.url().toString()));

    @AfterAll
    void stop() {
        stack.close();
        modern.close();
        old.close();
        stateless.close();
        notes.close();
    }

    /** The transport of 2024-11-05 towards the client, whatever stands behind; "modern" speaks 2025-11-25 as well. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "old", "stateless", "modern"})
    void sdk_v1_over_http_sse_uses_servers_of_every_kind(String server, Browser browser) {
        var user = stack.users().getLast();
        try (var bob = browser.person(user.username(), user.password());
                var client = NodeClient.start(
                        "journey-sdk1.mjs", stack.server(server) + "/sse", server + " journey HTTP+SSE")) {
            client.begin("connect", Map.of());
            bob.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.tools()).contains("echo", "get-sum");
            assertThat(client.call("echo", Map.of("message", "hello")).text()).contains("hello");
            assertThat(client.call("get-sum", Map.of("a", 2, "b", 40)).text()).contains("42");
            client.run("expire");
            assertThat(client.call("echo", Map.of("message", "again")).text()).contains("again");
            assertThat(client.run("traffic").toString()).contains("event: endpoint");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "local, journey-sdk1.mjs",
        "local, journey-sdk2.mjs",
        "old,   journey-sdk1.mjs",
        "old,   journey-sdk2.mjs",
        "stateless, journey-sdk1.mjs",
        "stateless, journey-sdk2.mjs",
        "newest, journey-sdk1.mjs",
        "newest, journey-sdk2.mjs",
    })
    void both_sdks_use_servers_that_speak_otherwise_like_any_server(String server, String sdk, Browser browser) {
        var user = stack.users().getLast();
        try (var bob = browser.person(user.username(), user.password());
                var client = NodeClient.start(sdk, stack.server(server).toString(), server + " journey " + sdk)) {
            client.begin("connect", Map.of());
            bob.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.tools()).contains("echo", "get-sum").doesNotContain("get-env");
            assertThat(client.call("echo", Map.of("message", "hello")).text()).contains("hello");
            assertThat(client.call("get-sum", Map.of("a", 2, "b", 40)).text()).contains("42");
            client.run("expire");
            assertThat(client.call("echo", Map.of("message", "again")).text()).contains("again");
        }
    }

    /** The client speaks 2025-11-25, the server 2026-07-28; the question takes the way through both. */
    @ParameterizedTest
    @ValueSource(strings = {"stateless", "newest"})
    void sdk_v1_is_asked_by_a_server_that_asks_in_results(String server, Browser browser) {
        var user = stack.users().getLast();
        try (var bob = browser.person(user.username(), user.password());
                var client = NodeClient.start(
                        "journey-sdk1.mjs",
                        stack.server(server).toString(),
                        server + " asked journey",
                        "form",
                        "Ada")) {
            client.begin("connect", Map.of());
            bob.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.call("greet", Map.of()).text()).contains("Hello Ada");
        }
    }

    /**
     * The modern era has neither {@code initialize} nor sessions: each request stands for itself, whatever era stands
     * behind.
     */
    @ParameterizedTest
    @ValueSource(strings = {"modern", "stateless", "newest", "local", "old"})
    void sdk_v2_speaks_2026_07_28_to_servers_of_every_kind_and_goes_on_after_a_refresh(String server, Browser browser) {
        var user = stack.users().getLast();
        try (var bob = browser.person(user.username(), user.password());
                var client = NodeClient.start(
                        "journey-sdk2.mjs",
                        stack.server(server).toString(),
                        server + " modern journey",
                        "2026-07-28")) {
            client.begin("connect", Map.of());
            bob.consent(client.authorizationUrl()).allow();
            client.end().result();

            assertThat(client.tools()).contains("echo");
            assertThat(client.call("echo", Map.of("message", "hello")).text()).contains("hello");
            client.run("expire");
            assertThat(client.call("echo", Map.of("message", "again")).text()).contains("again");

            var traffic = client.run("traffic").toString();
            assertThat(traffic).contains("\"mcp-protocol-version\":\"2026-07-28\"");
            assertThat(traffic).doesNotContain("mcp-session-id", "\\\"method\\\":\\\"initialize\\\"");
        }
    }

    @Test
    void consent_then_the_key_then_back_to_the_app_and_a_call(Browser browser) {
        var user = stack.users().getFirst();
        var server = stack.server("personal");
        try (var callback = Callback.start();
                var alice = browser.person(user.username(), user.password())) {
            var client = OAuthClient.register(Discovered.at(server), "Key journey", callback.redirectUri());
            var request = client.authorization("personal:read");
            var page = alice.open(request.url());
            Pictures.of(page, "login");
            alice.login(page);
            assertThat(Consent.on(page).offered()).containsExactly("personal:read");
            Pictures.of(page, "consent");
            page.click("button[name=decision][value=allow]");
            page.waitForURL(stack.publicUrl() + "/connect/personal**");

            assertThat(page.innerText("h1")).isEqualTo("Connect Your own notes");
            Pictures.of(page, "connect-form");
            page.fill("input[name=value]", "not-the-key");
            page.click("form button");
            page.waitForLoadState();
            assertThat(page.innerText("body")).contains("did not accept");
            Pictures.of(page, "connect-refused");
            page.fill("input[name=value]", KEY);
            page.click("form button");
            page.waitForURL(callback.redirectUri() + "**");
            var tokens = client.exchange(request, URI.create(page.url()));

            assertThat(tokens.scopes()).containsExactly("personal:read");
            assertThat(listed(server, tokens).body()).contains("\"result\"").doesNotContain(KEY);
            assertThat(tokens.accessToken()).doesNotContain(KEY);

            var again = client.authorization("personal:read");
            var back = alice.consent(again.url()).allow();
            assertThat(client.exchange(again, back).scopes()).containsExactly("personal:read");
            Pictures.of(alice.visit(stack.publicUrl().resolve("/connections")), "connections");
        }
    }

    private static Answer listed(URI server, Tokens tokens) {
        var session = send(server, tokens, "", "initialize", """
                {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"journey","version":"1"}}""");
        assertThat(session.status()).as(session.body()).isEqualTo(200);
        return send(
                server,
                tokens,
                session.header("Mcp-Session-Id").orElse(""),
                "tools/call",
                "{\"name\":\"list_notes\",\"arguments\":{}}");
    }

    private static Answer send(URI server, Tokens tokens, String session, String method, String parameters) {
        var request = Http.request(server, "Authorization", "Bearer " + tokens.accessToken())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .header("MCP-Protocol-Version", "2025-11-25");
        if (!session.isEmpty()) {
            request.header("Mcp-Session-Id", session);
        }
        return Http.send(request.POST(HttpRequest.BodyPublishers.ofString(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + parameters + "}")));
    }
}
