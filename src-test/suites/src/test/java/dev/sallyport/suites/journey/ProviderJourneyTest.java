package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import dev.sallyport.testkit.notes.NotesServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Accounts at a real OAuth provider (a second realm of Keycloak, which rotates refresh tokens) for the demo server, which
 * names that provider itself: from the consent to the revocation. Each test has people of its own.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProviderJourneyTest {

    private static final String SERVERS = """
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
            by-issuer:
              title: Notes by issuer
              upstream: { url: "%NOTES%" }
              credential:
                type: oauth2
                issuer: "%ISSUER%"
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret } }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            by-endpoints:
              title: Notes by endpoints
              upstream: { url: "%NOTES%" }
              credential:
                type: oauth2
                endpoints:
                  authorization: "%ISSUER%/protocol/openid-connect/auth"
                  token: "%ISSUER%/protocol/openid-connect/token"
                  revocation: "%ISSUER%/protocol/openid-connect/revoke"
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret }, authentication: client_secret_post }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            by-registration:
              title: Notes by registration
              upstream: { url: "%NOTES%" }
              credential: { type: oauth2, scopes: [openid], client: register }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            moving:
              title: Notes that move
              description: Its owner changes the provider.
              upstream: { url: "%MOVING%" }
              credential:
                type: oauth2
                scopes: [openid]
                client: { id: sallyport, secret: { file: provider-secret } }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            """;

    private final TwoRealms realms = TwoRealms.start("provider");
    private final BearerTokens guard = realms.guard();
    private final BearerTokens movingGuard = realms.guard();
    private final NotesServer notes = NotesServer.start(guard);
    private final NotesServer moving = NotesServer.start(movingGuard);

    ProviderJourneyTest() {
        realms.clientAtProvider("sallyport", url -> url + "/connect/*");
        realms.registrationAtProvider();
        realms.file("provider-secret", "sallyport");
        realms.open(SERVERS.replace("%NOTES%", notes.url().toString())
                .replace("%ISSUER%", realms.issuer().toString())
                .replace("%MOVING%", moving.url().toString()));
    }

    @AfterAll
    void stop() {
        realms.close();
        notes.close();
        moving.close();
    }

    @Test
    void every_way_to_name_the_provider_and_our_client_leads_to_an_account_and_back(Browser browser) {
        try (var walter = new AtProvider(realms, browser, "walter")) {
            for (var server : List.of("by-issuer", "by-endpoints", "by-registration")) {
                var visits = guard.visits().size();

                var tokens = walter.tokens(walter.app(server, "Notes " + server), server + ":read");

                assertThat(walter.call(server, tokens).body()).as(server).contains("\"result\"");
                assertThat(guard.visits()).hasSizeGreaterThan(visits);
                // Of a client that registered itself the provider gives no profile.
                assertThat(guard.visits().getLast().account())
                        .isEqualTo(server.equals("by-registration") ? "" : walter.account());
                var page = walter.connections();
                page.click("button[name=disconnect][value=" + server + "]");
                page.waitForURL(realms.publicUrl() + "/connections?done=**");
                assertThat(page.url()).endsWith("?done=disconnected&server=" + server);
                page.close();
            }
        }
    }

    @Test
    void consent_then_the_provider_then_back_to_the_app_and_no_second_time_for_another_app(Browser browser) {
        try (var alice = new AtProvider(realms, browser, "alice")) {
            var app = alice.app("notes", "First app");
            var request = app.authorization("notes:read");
            var page = alice.agree(request);
            assertThat(page.url()).startsWith(realms.publicUrl() + "/connect/notes");
            Pictures.of(page, "provider-connect");
            page.click("form button");
            page.waitForURL(realms.issuer() + "/**");
            AtProvider.signIn(page, alice.account());
            page.waitForURL(alice.callback().redirectUri() + "**");
            var tokens = app.exchange(request, URI.create(page.url()));

            assertThat(alice.call("notes", tokens).body()).contains("\"result\"");
            assertThat(guard.visits()).extracting(BearerTokens.Visit::account).contains(alice.account());

            var second = alice.app("notes", "Second app");
            var consented = alice.agree(second.authorization("notes:read"));
            assertThat(consented.url()).startsWith(alice.callback().redirectUri());

            var seen = guard.last(alice.account()).orElseThrow().token();
            assertThat(realms.everythingWritten()).doesNotContain(seen);
            var connections = alice.connections();
            assertThat(connections.innerText("body")).contains("Connected", alice.account(), "First app", "last used");
            Pictures.of(connections, "provider-connections");
            assertThat(connections.content()).doesNotContain(seen);
        }
    }

    @Test
    void two_apps_of_one_person_share_an_account_and_two_people_never(Browser browser) {
        try (var carol = new AtProvider(realms, browser, "carol");
                var dave = new AtProvider(realms, browser, "dave")) {
            var one = carol.tokens(carol.app("notes", "One"), "notes:read");
            var two = carol.tokens(carol.app("notes", "Two"), "notes:read");
            var his = dave.tokens(dave.app("notes", "Three"), "notes:read");

            for (var round = 0; round < 5; round++) {
                assertThat(visitor(carol, one)).isEqualTo(carol.account());
                assertThat(visitor(dave, his)).isEqualTo(dave.account());
                assertThat(visitor(carol, two)).isEqualTo(carol.account());
            }
            assertThat(guard.visits().stream()
                            .filter(visit -> visit.account().equals(carol.account()))
                            .map(BearerTokens.Visit::token)
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void a_token_that_the_server_takes_no_more_is_refreshed_and_the_refresh_token_rotates(Browser browser) {
        try (var erin = new AtProvider(realms, browser, "erin")) {
            var tokens = erin.tokens(erin.app("notes", "Rotation"), "notes:read");
            assertThat(erin.call("notes", tokens).body()).contains("\"result\"");
            var before = realms.atProvider("REFRESH_TOKEN");

            // The provider takes no refresh token twice: each round works only with what the one before has stored.
            for (var round = 1; round <= 3; round++) {
                guard.forget(guard.last(erin.account()).orElseThrow().token());
                assertThat(erin.call("notes", tokens).body()).contains("\"result\"");
                assertThat(realms.atProvider("REFRESH_TOKEN") - before).isEqualTo(round);
            }
        }
    }

    @Test
    void while_the_provider_is_away_calls_go_on_as_long_as_the_token_does_and_it_is_left_alone(Browser browser) {
        try (var frank = new AtProvider(realms, browser, "frank")) {
            var tokens = frank.tokens(frank.app("notes", "Outage"), "notes:read");
            assertThat(frank.call("notes", tokens).body()).contains("\"result\"");

            realms.provider().shut();
            try {
                assertThat(frank.call("notes", tokens).body()).contains("\"result\"");
                guard.forget(guard.last(frank.account()).orElseThrow().token());
                var knocks = realms.provider().knocks();
                for (var round = 0; round < 30; round++) {
                    var refused = frank.call("notes", tokens);
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.header("Retry-After")).isPresent();
                }
                assertThat(realms.provider().knocks() - knocks).isBetween(1, 29);
            } finally {
                realms.provider().open();
            }

            Await.until(
                    Duration.ofSeconds(90),
                    "calls to work again",
                    () -> frank.call("notes", tokens).body().contains("\"result\""));
        }
    }

    @Test
    void disconnecting_ends_the_access_at_the_provider_and_what_runs_here(Browser browser) throws Exception {
        try (var grace = new AtProvider(realms, browser, "grace")) {
            var tokens = grace.tokens(grace.app("notes", "Disconnect"), "notes:read");
            assertThat(grace.call("notes", tokens).body()).contains("\"result\"");
            var there = guard.last(grace.account()).orElseThrow().token();
            assertThat(realms.accountOf(there)).contains(grace.account());

            var before = guard.visits().size();
            var stream = grace.stream("notes", tokens);
            Await.until(
                    Duration.ofSeconds(60),
                    "the stream to reach the server",
                    () -> guard.visits().size() >= before + 2);

            var page = grace.connections();
            assertThat(stream).isNotDone();
            page.click("button[name=disconnect][value=notes]");
            page.waitForLoadState();

            assertThat(page.innerText("body")).contains("Disconnected", "Not connected");
            assertThat(stream.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(realms.accountOf(there)).isEmpty();
            assertThat(grace.call("notes", tokens).body())
                    .doesNotContain("\"result\":{\"content\"")
                    .contains("/connect/notes");
        }
    }

    @Test
    void who_was_ended_at_the_provider_is_asked_once_and_the_provider_is_not_asked_again(Browser browser) {
        try (var heidi = new AtProvider(realms, browser, "heidi")) {
            var tokens = heidi.tokens(heidi.app("notes", "Dead"), "notes:read");
            assertThat(heidi.call("notes", tokens).body()).contains("\"result\"");
            realms.endAtProvider("heidi");
            var before = realms.atProvider("REFRESH_TOKEN_ERROR");

            for (var round = 0; round < 5; round++) {
                assertThat(heidi.call("notes", tokens).body()).contains("/connect/notes");
            }

            assertThat(realms.atProvider("REFRESH_TOKEN_ERROR") - before).isEqualTo(1);
            var page = heidi.connections();
            assertThat(page.innerText("body")).contains("Not used any more", "Connect anew");
            Pictures.of(page, "provider-dead");
            page.click("text=Connect anew");
            page.waitForLoadState();
            heidi.connect(page);
            page.waitForURL(realms.publicUrl() + "/connections**");
            assertThat(heidi.call("notes", tokens).body()).contains("\"result\"");
        }
    }

    @Test
    void a_server_that_names_another_provider_gets_nothing_from_then_on(Browser browser) {
        try (var ivan = new AtProvider(realms, browser, "ivan")) {
            var tokens = ivan.tokens(ivan.app("moving", "Pinning"), "moving:read");
            assertThat(ivan.call("moving", tokens).body()).contains("\"result\"");
            var visits = movingGuard.visits().size();
            var refreshes = realms.atProvider("REFRESH_TOKEN") + realms.atProvider("REFRESH_TOKEN_ERROR");

            movingGuard.trust(realms.otherIssuer());
            // What was found counts for five minutes; a start looks anew, and finds the connection on the disk.
            realms.restart();
            var refused = movingGuard.refused();
            var answer = ivan.call("moving", tokens);

            assertThat(answer.body()).contains("/connect/moving");
            assertThat(movingGuard.visits()).hasSize(visits);
            // One request without any credential asked which provider is trusted; no other came.
            assertThat(movingGuard.refused() - refused).isEqualTo(1);
            assertThat(realms.atProvider("REFRESH_TOKEN") + realms.atProvider("REFRESH_TOKEN_ERROR"))
                    .isEqualTo(refreshes);
            assertThat(realms.audit().toString()).contains("connection frozen: the issuer changed");
            var page = ivan.connections();
            assertThat(page.innerText("body")).contains("is not the one that you connected");
            Pictures.of(page, "provider-frozen");
        }
    }

    private String visitor(AtProvider somebody, Tokens tokens) {
        var before = guard.visits().size();
        assertThat(somebody.call("notes", tokens).body()).contains("\"result\"");
        var accounts = guard.visits().stream()
                .skip(before)
                .map(BearerTokens.Visit::account)
                .distinct()
                .toList();
        assertThat(accounts).hasSize(1);
        return accounts.getFirst();
    }
}
