package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.conformance.TestServers;
import dev.sallyport.suites.product.Repository;
import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.notes.NotesServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
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
            modern:
              title: Modern
              upstream: { url: "%MODERN%" }
              permissions:
                some:
                  title: Echo
                  default: true
                  effect: read
                  allow: { tools: [echo], ask: true }
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

    private final Deque<Runnable> ends = new ArrayDeque<>();
    private final Path folder = scratch("policy");
    private final Witness ofEverything;
    private final Witness ofNotes;
    private final Witness ofModern;
    private final Witness ofFiles = Witness.of(folder.resolve("files.log"));
    private final Stack stack;

    /** What has started ends with the class, and also if something after it does not start: then nobody calls {@link #stop}. */
    PolicyTest() {
        try {
            var notes = owned(NotesServer.start(0, Optional.empty(), Set.of(KEY)), NotesServer::close);
            var everything = owned(TestServers.everything(), TestServers.Listening::close);
            ofEverything = owned(Witness.before(folder.resolve("everything.log"), everything.url()), Witness::close);
            ofNotes = owned(Witness.before(folder.resolve("notes.log"), notes.url()), Witness::close);
            var modern = owned(TestServers.modernOnly(), TestServers.Listening::close);
            ofModern = owned(Witness.before(folder.resolve("modern.log"), modern.url()), Witness::close);
            stack = owned(
                    Stack.with(
                            "policy",
                            SERVERS.replace("%EVERYTHING%", ofEverything.url().toString())
                                    .replace("%NOTES%", ofNotes.url().toString())
                                    .replace("%MODERN%", ofModern.url().toString())
                                    .replace(
                                            "%KEY%",
                                            written(folder.resolve("key"), KEY).toString())
                                    .replace("%FILES%", ofFiles.command(TestServers.filesystem(folder)))),
                    Stack::close);
        } catch (RuntimeException | Error e) {
            stop();
            throw e;
        }
    }

    private <T> T owned(T started, Consumer<T> end) {
        ends.push(() -> end.accept(started));
        return started;
    }

    @AfterAll
    void stop() {
        while (!ends.isEmpty()) {
            ends.pop().run();
        }
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
            Pictures.of(page, "policy-approval");
            page.click("button[value=approve]");
            page.waitForLoadState();
            Pictures.of(page, "policy-approved");

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

    /** As MCP 2026-07-28 has it: the SDK shows the page and then repeats the call by itself, with what we gave it to carry. */
    @Test
    void a_modern_client_is_led_to_the_page_and_its_call_goes_through_once(Browser browser) {
        var word = "word-" + UUID.randomUUID();
        try (var alice = alice(browser);
                var client = modern("Policy rounds")) {
            connect(client, alice);

            client.begin("callTool", echo(word));
            var wanted = client.pageWanted();
            assertThat(wanted.mode()).isEqualTo("url");
            assertThat(wanted.message()).contains("Your approval is needed", "echo", "Modern");
            assertThat(ofModern.seen()).doesNotContain(word);
            decide(alice, wanted, "approve");
            wanted.opened();

            assertThat(client.end().text()).contains("Echo: " + word);
            client.begin("callTool", echo(word));
            var again = client.pageWanted();
            assertThat(again.url()).isNotEqualTo(wanted.url());
            again.declined();
            assertThat(client.end().error().path("message").asString()).contains("did not open the page");
            assertThat(ofModern.seen()).containsOnlyOnce(word).doesNotContain("sallyport");
        }
    }

    /** A client that goes on before its person has decided is asked again, and its call does not pass by that. */
    @Test
    void a_modern_client_that_only_says_that_the_page_was_opened_gets_no_further(Browser browser) {
        var word = "word-" + UUID.randomUUID();
        try (var alice = alice(browser);
                var client = modern("Policy hurry")) {
            connect(client, alice);

            client.begin("callTool", echo(word));
            var wanted = client.pageWanted();
            wanted.opened();
            var again = client.pageWanted();
            assertThat(again.url()).isEqualTo(wanted.url());
            decide(alice, again, "decline");
            again.opened();

            assertThat(client.end().error().path("message").asString()).contains("declined this call");
            assertThat(ofModern.seen()).doesNotContain(word);
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
            Pictures.of(page, "policy-changed-tool");
            page.click("form button:not([value])");
            page.waitForLoadState();
            Pictures.of(page, "policy-changed-tool-accepted");

            assertThat(client.call("list_allowed_directories", Map.of()).text()).contains(folder.toString());
            assertThat(client.call("list_directory", Map.of("path", folder.toString()))
                            .text())
                    .containsPattern(LINK);
        } finally {
            ofFiles.changeBack();
        }
    }

    private NodeClient modern(String name) {
        return NodeClient.start("journey-sdk2.mjs", stack.server("modern").toString(), name, "2026-07-28", "url");
    }

    private static Map<String, ?> echo(String word) {
        return Map.of("name", "echo", "arguments", Map.of("message", word));
    }

    private static void decide(Browser.Person alice, NodeClient.PageWanted wanted, String decision) {
        var page = alice.visit(wanted.url());
        page.click("button[value=" + decision + "]");
        page.waitForLoadState();
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
}
