package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import dev.sallyport.testkit.notes.NotesServer;
import dev.sallyport.testkit.otlp.Collector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Credentials of people are canaries: after a whole life of their connections they are looked for in everything that the
 * proxy wrote, answered and showed of itself. Each run first has to see that its canaries reached the MCP server.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CanaryTest {

    private static final String SERVERS = """
            keys:
              title: Keys
              description: Everybody has an own key.
              upstream: { url: "%KEYS%" }
              credential: { type: api-key, header: "X-Api-Key: {value}" }
              permissions:
                read: { title: Read, description: List things., default: true, effect: read, allow: { tools: [list_things] } }
            accounts:
              title: Accounts
              description: Everybody has an own password.
              upstream: { url: "%ACCOUNTS%" }
              credential: { type: basic }
              permissions:
                read: { title: Read, description: List things., default: true, effect: read, allow: { tools: [list_things] } }
            notes:
              title: Team notes
              description: Notes of the whole team, at Notes & More.
              upstream: { url: "%NOTES%" }
              credential:
                type: oauth2
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret } }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes, get_note] } }
            """;
    private static final Pattern REFRESH = Pattern.compile("\"refresh_token\":\"([^\"]+)\"");

    private final TwoRealms realms = TwoRealms.start("canary");
    private final BearerTokens guard = realms.guard();
    private final NotesServer notes = NotesServer.start(guard);
    private final RecordingServer keys = RecordingServer.start();
    private final RecordingServer accounts = RecordingServer.start();
    private final Collector collector = Collector.start();
    private final Seen seen = new Seen(realms, collector);

    CanaryTest() {
        realms.clientAtProvider("sallyport", url -> url + "/connect/*");
        realms.file("provider-secret", "sallyport");
        realms.open(
                "tracing: { collector: \"" + collector.url() + "\" }",
                SERVERS.replace("%NOTES%", notes.url().toString())
                        .replace("%ACCOUNTS%", accounts.url().toString())
                        .replace("%KEYS%", keys.url().toString()));
    }

    @AfterAll
    void stop() {
        realms.close();
        notes.close();
        keys.close();
        accounts.close();
        collector.close();
    }

    @Test
    void the_search_finds_what_is_there_in_every_shape() {
        var canary = new Canary("a known one", "canary-4711-abcdefgh");
        var bytes = "..canary-4711-abcdefgh..".getBytes(StandardCharsets.UTF_8);

        assertThat(canary.isIn("x canary-4711-abcdefgh y")).isTrue();
        assertThat(canary.isIn(HexFormat.of().formatHex(bytes))).isTrue();
        for (var before = 0; before < 3; before++) {
            assertThat(canary.isIn(Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, before, bytes.length))))
                    .isTrue();
        }
        assertThat(canary.isIn("canary-4711-abcdefg")).isFalse();
    }

    @Test
    void a_key_is_found_nowhere_after_calls_errors_a_restart_a_switch_and_the_end(Browser browser) {
        var wrong = new Canary("the refused key", "wrong-Xk3vQ9sT7bLm2pRz8wNf");
        var first = new Canary("the first key", "first-Hd6yUe1cJg5oVa4iKt0x");
        var second = new Canary("the second key", "other-Zq8nMw2rBs7lPf3hCy9e");
        keys.answers(reply -> lastKey().equals(wrong.secret()) ? quoting(401, wrong) : reply);
        try (var judy = new AtProvider(realms, browser, "judy")) {
            var app = judy.app("keys", "Canary");
            var request = app.authorization("keys:read");
            var page = judy.agree(request);
            enter(page, wrong);
            assertThat(page.content()).contains("did not accept this");
            enter(page, first);
            page.waitForURL(judy.callback().redirectUri() + "**");
            var tokens = app.exchange(request, URI.create(page.url()));

            works(judy, tokens, first);
            var dump = new AtomicReference<>("");
            keys.answers(reply -> {
                dump.compareAndSet("", Dump.threads(realms.process()));
                return reply;
            });
            works(judy, tokens, first);
            assertThat(dump.get()).contains("vert.x-eventloop");
            seen.add(dump.get());
            for (var status : List.of(401, 403, 407, 500, 503)) {
                keys.answers(_ -> quoting(status, first));
                seen.show(judy.call("keys", tokens, "list_things"));
            }
            keys.answers(reply -> reply);
            seen.show(judy.call("keys", tokens, "delete_thing"));

            seen.look();
            realms.restart();
            works(judy, tokens, first);
            var form = judy.person().visit(realms.publicUrl().resolve("/connect/keys"));
            enter(form, second);
            form.waitForURL(realms.publicUrl() + "/connections**");
            works(judy, tokens, second);
            seen.show(judy.connections());
            var connections = judy.connections();
            connections.click("button[name=disconnect][value=keys]");
            connections.waitForLoadState();
            seen.show(connections);
            seen.show(judy.call("keys", tokens, "list_things"));
        }
        seen.look();
        realms.end();
        seen.look();
        realms.restart();

        seen.everything();
        for (var canary : List.of(wrong, first, second)) {
            assertThat(keys.received())
                    .anyMatch(request -> request.header("X-Api-Key").equals(Optional.of(canary.secret())));
            seen.holdsNo(canary);
        }
    }

    @Test
    void a_password_is_found_nowhere_after_a_refusal_calls_errors_a_restart_and_the_end(Browser browser) {
        var wrong = new Canary("the refused password", "wrong-Pm5rTz8kWq2vXs6nJd3h");
        var right = new Canary("the password", "right-Gc7yBf4uLo9aEi1xKw5t");
        accounts.answers(reply -> lastPassword().equals(wrong.secret()) ? quoting(401, wrong) : reply);
        try (var luke = new AtProvider(realms, browser, "luke")) {
            var app = luke.app("accounts", "Canary");
            var request = app.authorization("accounts:read");
            var page = luke.agree(request);
            enterPassword(page, wrong);
            assertThat(page.content()).contains("did not accept this");
            seen.show(page);
            enterPassword(page, right);
            page.waitForURL(luke.callback().redirectUri() + "**");
            var tokens = app.exchange(request, URI.create(page.url()));
            accounts.answers(reply -> reply);

            var answer = luke.call("accounts", tokens, "list_things");
            seen.show(answer);
            assertThat(answer.body()).contains("\"result\"");
            assertThat(lastPassword()).isEqualTo(right.secret());
            for (var status : List.of(401, 500)) {
                accounts.answers(_ -> quoting(status, right));
                seen.show(luke.call("accounts", tokens, "list_things"));
            }
            accounts.answers(reply -> reply);
            seen.add(Dump.threads(realms.process()));
            seen.look();
            realms.restart();
            seen.show(luke.call("accounts", tokens, "list_things"));
            assertThat(lastPassword()).isEqualTo(right.secret());
            var connections = luke.connections();
            seen.show(connections);
            assertThat(right.isIn(Dump.heap(realms.process()))).isTrue();
            connections.click("button[name=disconnect][value=accounts]");
            connections.waitForLoadState();
            seen.show(connections);
            seen.show(luke.call("accounts", tokens, "list_things"));
            // What is forgotten is overwritten a minute later.
            Await.until(
                    Duration.ofMinutes(5),
                    "the memory of the proxy to forget it",
                    () -> !right.isIn(Dump.heap(realms.process())));
        }
        seen.look();
        realms.end();
        seen.look();
        realms.restart();

        seen.everything();
        for (var canary : List.of(wrong, right)) {
            seen.holdsNo(canary);
        }
    }

    @Test
    void tokens_of_a_provider_are_found_nowhere_after_calls_refreshes_an_outage_and_a_restart(Browser browser) {
        realms.provider().eavesdrop();
        try (var karl = new AtProvider(realms, browser, "karl")) {
            var tokens = karl.tokens(karl.app("notes", "Canary"), "notes:read");
            for (var round = 0; round < 2; round++) {
                assertThat(karl.call("notes", tokens).body()).contains("\"result\"");
                guard.forget(guard.last(karl.account()).orElseThrow().token());
            }
            realms.provider().shut();
            try {
                var refused = karl.call("notes", tokens);
                assertThat(refused.status()).isEqualTo(503);
                seen.show(refused);
            } finally {
                realms.provider().open();
            }
            seen.look();
            realms.restart();
            Await.until(Duration.ofSeconds(90), "calls to work again", () -> {
                var answer = karl.call("notes", tokens);
                seen.show(answer);
                return answer.body().contains("\"result\"");
            });
            seen.show(karl.connections());
            seen.add(Dump.threads(realms.process()));
            seen.look();
            var page = karl.connections();
            page.click("button[name=disconnect][value=notes]");
            page.waitForLoadState();
            seen.show(page);
            seen.show(karl.call("notes", tokens));
        }
        seen.look();
        realms.end();
        seen.look();
        realms.restart();

        seen.everything();
        var access = guard.visits().stream()
                .map(BearerTokens.Visit::token)
                .distinct()
                .toList();
        var refresh = REFRESH.matcher(realms.provider().heard())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        assertThat(access).hasSizeGreaterThanOrEqualTo(3);
        assertThat(refresh).hasSizeGreaterThanOrEqualTo(3);
        Stream.concat(
                        access.stream().map(token -> new Canary("an access token", Canary.signature(token))),
                        refresh.stream().map(token -> new Canary("a refresh token", Canary.signature(token))))
                .forEach(seen::holdsNo);
    }

    private void works(AtProvider somebody, Tokens tokens, Canary key) {
        var answer = somebody.call("keys", tokens, "list_things");
        seen.show(answer);
        assertThat(answer.body()).contains("\"result\"");
        assertThat(lastKey()).isEqualTo(key.secret());
    }

    /** What reached the server, by RFC 7617. */
    private String lastPassword() {
        var received = accounts.received();
        return received.isEmpty()
                ? ""
                : received.getLast()
                        .header("Authorization")
                        .filter(value -> value.startsWith("Basic "))
                        .map(value -> new String(
                                Base64.getDecoder().decode(value.substring("Basic ".length())), StandardCharsets.UTF_8))
                        .map(pair -> pair.substring(pair.indexOf(':') + 1))
                        .orElse("");
    }

    private String lastKey() {
        var received = keys.received();
        return received.isEmpty() ? "" : received.getLast().header("X-Api-Key").orElse("");
    }

    /** An MCP server that says in its error, in a header and in the body, which key it was shown. */
    private static RecordingServer.Reply quoting(int status, Canary key) {
        return new RecordingServer.Reply(
                status,
                Map.of("Content-Type", "application/json", "X-Debug", key.secret()),
                "{\"error\":\"the key " + key.secret() + " is not good\"}");
    }

    private static void enter(Page page, Canary key) {
        page.fill("input[name=value]", key.secret());
        page.click("form button");
        page.waitForLoadState();
    }

    private static void enterPassword(Page page, Canary password) {
        page.fill("input[name=username]", "luke");
        page.fill("input[name=password]", password.secret());
        page.click("form button");
        page.waitForLoadState();
    }
}
