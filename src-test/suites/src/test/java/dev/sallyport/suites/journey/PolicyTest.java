package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.suites.conformance.TestServers;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.notes.NotesServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Permission sets in front of real servers: {@code server-everything} over HTTP, {@code server-filesystem} as a command, and
 * the demo. Between the proxy and each of them stands a witness that writes down what reaches it.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PolicyTest {

    private static final String KEY = "key-" + UUID.randomUUID();
    private static final Pattern LINK = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/(approvals|changes)/\\S+");

    private static final String SERVERS = """
            everything:
              title: Everything
              upstream: { url: "%EVERYTHING%" }
              permissions:
                some:
                  title: Echo and sums
                  default: true
                  effect: read
                  allow: { tools: [echo, get-sum] }
            files:
              title: Files
              upstream: { command: [%FILES%] }
              permissions:
                look:
                  title: Look at files
                  default: true
                  effect: read
                  allow: { tools: [list_directory, list_allowed_directories] }
            notes:
              title: Team notes
              upstream: { url: "%NOTES%" }
              credential: { type: shared, header: "X-Api-Key: {value}", value: { file: "%KEY%" } }
              permissions:
                some:
                  title: Notes
                  default: true
                  effect: delete
                  allow:
                    - { tools: [list_notes], when: "'default-roles-mcp' in roles" }
                    - { tools: [create_note], when: "!('/contractors' in groups)" }
                    - { tools: [get_note], when: "'editor' in roles" }
                    - { tools: [search_notes], when: "'/staff' in groups" }
                    - { tools: [delete_note], ask: true }
            """;

    private final Path folder = scratch("policy");
    private final NotesServer notes = NotesServer.start(0, Optional.empty(), Set.of(KEY));
    private final TestServers.Listening everything = TestServers.everything();
    private final Witness ofEverything = Witness.before(folder.resolve("everything.log"), everything.url());
    private final Witness ofNotes = Witness.before(folder.resolve("notes.log"), notes.url());
    private final Witness ofFiles = Witness.of(folder.resolve("files.log"));
    private final Stack stack = Stack.with(
            "policy",
            SERVERS.replace("%EVERYTHING%", ofEverything.url().toString())
                    .replace("%NOTES%", ofNotes.url().toString())
                    .replace("%KEY%", written(folder.resolve("key"), KEY).toString())
                    .replace("%FILES%", ofFiles.command(TestServers.filesystem(folder))));

    @AfterAll
    void stop() {
        stack.close();
        ofEverything.close();
        ofNotes.close();
        everything.close();
        notes.close();
    }

    @ParameterizedTest
    @CsvSource({
        "everything, echo, '{\"message\":\"through\"}', get-env",
        "files, list_directory, '{\"path\":\"%FOLDER%\"}', write_file",
        "notes, list_notes, '{}', update_note"
    })
    void nothing_that_is_refused_reaches_the_server(
            String server, String allowed, String arguments, String refused, Browser browser) {
        var marker = "marker-" + UUID.randomUUID();
        try (var alice = alice(browser);
                var client = NodeClient.start(
                        "journey-sdk2.mjs", stack.server(server).toString(), "Policy " + server)) {
            connect(client, alice);
            assertThat(client.tools()).contains(allowed).doesNotContain(refused);
            var session = new Session(
                    stack.server(server),
                    client.run("tokens").path("access_token").asString());
            var marked = "\"arguments\":{\"x\":\"" + marker + "\"}";
            var calls = List.of(
                    "tools/call|{\"name\":\"" + refused + "\"," + marked + "}",
                    "tools/call|{\"name\":\"" + refused.toUpperCase(java.util.Locale.ROOT) + "\"," + marked + "}",
                    "tools/call|{\"name\":\"" + allowed + " \"," + marked + "}",
                    "tools/call|{\"name\":\"" + marker + "\"," + marked + "}",
                    "prompts/get|{\"name\":\"simple-prompt\"," + marked + "}",
                    "resources/read|{\"uri\":\"demo://" + marker + "\"}",
                    "resources/subscribe|{\"uri\":\"demo://" + marker + "\"}",
                    "completion/complete|{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"" + marker + "\"}}",
                    "tasks/get|{\"taskId\":\"" + marker + "\"}",
                    "sampling/createMessage|{\"x\":\"" + marker + "\"}",
                    "not/yet-invented|{\"x\":\"" + marker + "\"}");

            for (var call : calls) {
                var parts = call.split("\\|", 2);
                var answer = session.send(Session.message(parts[0], parts[1]));
                assertThat(answer.status() == 403 || answer.body().contains("\"error\""))
                        .as(call + ": " + answer.body())
                        .isTrue();
            }
            var one = Session.message("tools/call", "{\"name\":\"" + refused + "\"," + marked + "}");
            session.send("[" + Session.message("ping", "{}").replace(":7,", ":8,") + "," + one + "]");
            var through = session.send(Session.message(
                    "tools/call",
                    "{\"name\":\"" + allowed + "\",\"arguments\":" + arguments.replace("%FOLDER%", folder.toString())
                            + "}"));

            assertThat(through.body()).contains("\"result\"");
            var reached = witness(server).seen();
            assertThat(reached).doesNotContain(marker, "\"" + refused + "\"", "not/yet-invented", "prompts/get");
            assertThat(reached).contains("\"" + allowed + "\"");
        }
    }

    @Test
    void roles_and_groups_of_keycloak_decide(Browser browser) {
        try (var alice = alice(browser);
                var client = NodeClient.start(
                        "journey-sdk2.mjs", stack.server("notes").toString(), "Policy roles")) {
            connect(client, alice);

            assertThat(client.tools())
                    .contains("list_notes", "create_note", "delete_note")
                    .doesNotContain("get_note", "search_notes");
            assertThat(client.call("list_notes", Map.of()).failed()).isFalse();
            assertThat(client.call("create_note", Map.of("title", "Roles", "text", "x"))
                            .text())
                    .startsWith("Created note");
            assertThat(client.call("get_note", Map.of("id", 1)).failed()).isTrue();
            assertThat(client.call("search_notes", Map.of("words", "x")).failed())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"journey-sdk1.mjs", "journey-sdk2.mjs"})
    void a_call_goes_through_once_after_its_person_approved_it_in_the_browser(String sdk, Browser browser) {
        try (var alice = alice(browser);
                var client = NodeClient.start(sdk, stack.server("notes").toString(), "Policy ask " + sdk)) {
            connect(client, alice);
            var created = client.call("create_note", Map.of("title", "To delete", "text", sdk))
                    .text();
            var id = Integer.parseInt(created.replaceAll("\\D", ""));

            var asked = client.call("delete_note", Map.of("id", id)).text();
            assertThat(asked).containsPattern(LINK);
            var page = alice.visit(link(asked));
            assertThat(page.innerText("body")).contains("Policy ask " + sdk, "Team notes", "delete_note", "" + id);
            pictures(page, "approval");
            page.click("button[value=approve]");
            page.waitForLoadState();
            pictures(page, "approved");

            assertThat(client.call("delete_note", Map.of("id", id)).text()).doesNotContainPattern(LINK);
            assertThat(client.call("delete_note", Map.of("id", id)).text()).containsPattern(LINK);
        }
    }

    /** As MCP 2025-11-25 has it for clients that said they can open pages: an error that carries the address. */
    @Test
    void a_client_that_can_open_pages_is_told_which(Browser browser) {
        try (var alice = alice(browser);
                var client = NodeClient.start(
                        "journey-sdk1.mjs", stack.server("notes").toString(), "Policy pages", "url")) {
            connect(client, alice);
            var created = client.call("create_note", Map.of("title", "To delete", "text", "x"))
                    .text();
            var id = Integer.parseInt(created.replaceAll("\\D", ""));

            var asked = client.call("delete_note", Map.of("id", id));
            assertThat(asked.error().path("code").asString()).isEqualTo("-32042");
            var address = asked.error()
                    .path("data")
                    .path("elicitations")
                    .path(0)
                    .path("url")
                    .asString();
            var page = alice.visit(URI.create(address));
            page.click("button[value=approve]");
            page.waitForLoadState();

            assertThat(client.call("delete_note", Map.of("id", id)).failed()).isFalse();
        }
    }

    @Test
    void a_tool_that_changed_stops_until_its_person_has_seen_the_difference(Browser browser) {
        try (var alice = alice(browser);
                var client = NodeClient.start(
                        "journey-sdk1.mjs", stack.server("files").toString(), "Policy changes")) {
            connect(client, alice);
            assertThat(client.tools()).contains("list_directory");
            assertThat(client.call("list_allowed_directories", Map.of()).text()).contains(folder.toString());

            ofFiles.change();
            assertThat(client.tools()).doesNotContain("list_allowed_directories");
            var stopped = client.call("list_allowed_directories", Map.of()).text();
            assertThat(stopped).containsPattern(LINK);
            var page = alice.visit(link(stopped));
            assertThat(page.innerText("body")).contains("list_allowed_directories", "Also sends everything away.");
            pictures(page, "changed-tool");
            page.click("form button:not([value])");
            page.waitForLoadState();
            pictures(page, "changed-tool-accepted");

            assertThat(client.call("list_allowed_directories", Map.of()).text()).contains(folder.toString());
            assertThat(client.call("list_directory", Map.of("path", folder.toString()))
                            .text())
                    .containsPattern(LINK);
        } finally {
            ofFiles.changeBack();
        }
    }

    private Browser.Person alice(Browser browser) {
        var user = stack.users().getFirst();
        return browser.person(user.username(), user.password());
    }

    private static void connect(NodeClient client, Browser.Person alice) {
        client.begin("connect", Map.of());
        alice.consent(client.authorizationUrl()).allow();
        client.end().result();
    }

    private static URI link(String text) {
        return LINK.matcher(text)
                .results()
                .map(found -> URI.create(found.group()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no link in " + text));
    }

    private Witness witness(String server) {
        return switch (server) {
            case "everything" -> ofEverything;
            case "files" -> ofFiles;
            default -> ofNotes;
        };
    }

    private static Path scratch(String name) {
        try {
            return Files.createDirectories(Repository.scratch(name + "-" + UUID.randomUUID()))
                    .toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path written(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On a phone and on a desk, in light and dark; none is wider than its window. */
    private static void pictures(Page page, String name) {
        for (var width : new int[] {390, 1280}) {
            page.setViewportSize(width, width < 600 ? 844 : 900);
            for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Repository.scratch("screenshots")
                                .resolve("policy-" + name + "-" + scheme + "-" + width + ".png")));
            }
            assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                    .as(name + " at " + width)
                    .isEqualTo(true);
        }
    }

    /** Messages as a client of 2025-11-25 could send them, whatever an SDK would not. */
    private record Session(URI server, String token, String id) {

        Session(URI server, String token) {
            this(server, token, begin(server, token));
        }

        static String message(String method, String params) {
            return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + params + "}";
        }

        Answer send(String body) {
            return post(server, token, body, id);
        }

        private static String begin(URI server, String token) {
            var answer = post(server, token, message("initialize", """
                    {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"policy","version":"1"}}"""), "");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            return answer.header("Mcp-Session-Id").orElse("");
        }

        private static Answer post(URI server, String token, String body, String session) {
            var request = Http.request(server, "Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json, text/event-stream")
                    .header("MCP-Protocol-Version", "2025-11-25");
            if (!session.isEmpty()) {
                request.header("Mcp-Session-Id", session);
            }
            return Http.send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
        }
    }
}
