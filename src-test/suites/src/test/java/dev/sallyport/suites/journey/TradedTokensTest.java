package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.suites.product.Running;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import dev.sallyport.testkit.notes.NotesServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens got for the caller's, from a real Keycloak: exchanged by its standard token exchange (RFC 8693), and kept of the
 * identity provider through which the caller signed in. And a server that is told who calls, and verifies it.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TradedTokensTest {

    private static final String API = "notes-api";
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SERVERS = """
            exchanged:
              title: Notes by exchange
              upstream: { url: "%EXCHANGED%" }
              credential:
                type: token-exchange
                client: { id: "%RESOURCE%", secret: { file: exchange-secret } }
                audience: notes-api
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            brokered:
              title: Notes of your sign-in
              upstream: { url: "%BROKERED%" }
              credential: { type: keycloak-broker, provider: there, label: Notes & More }
              permissions:
                read: { title: Read your notes, description: List and read., default: true, effect: read, allow: { tools: [list_notes] } }
            told:
              title: Told who calls
              upstream: { url: "%TOLD%" }
              identity: { header: X-Caller-Identity }
              permissions:
                read: { title: Read, description: List., default: true, effect: read, allow: { tools: [list_things] } }
            """;

    private final TwoRealms realms = TwoRealms.start("traded");
    private final BearerTokens exchangedGuard = new BearerTokens(realms.issuer(), this::introspected);
    private final BearerTokens brokeredGuard = realms.guard();
    private final NotesServer exchanged = NotesServer.start(exchangedGuard);
    private final NotesServer brokered = NotesServer.start(brokeredGuard);
    private final RecordingServer told = RecordingServer.start();

    TradedTokensTest() {
        realms.signInThroughProvider();
        realms.attribute("sallyport-proxy", "external.token.enabled", "true");
        realms.attribute("sallyport-proxy", "external.token.idp", "there");
        makeClients();
        realms.file("exchange-secret", "exchanger");
        realms.open(SERVERS.replace("%EXCHANGED%", exchanged.url().toString())
                .replace("%BROKERED%", brokered.url().toString())
                .replace("%TOLD%", told.url().toString())
                .replace("%RESOURCE%", realms.server("exchanged").toString()));
    }

    @AfterAll
    void stop() {
        realms.close();
        exchanged.close();
        brokered.close();
        told.close();
    }

    /** The API behind the MCP server, and the client that may exchange: named as the audience of the callers' tokens. */
    private void makeClients() {
        var api =
                JSON.createObjectNode().put("clientId", API).put("secret", API).put("standardFlowEnabled", false);
        realms.keycloak().admin().createClient("mcp", api.toString());
        var exchanger = JSON.createObjectNode()
                .put("clientId", realms.server("exchanged").toString())
                .put("secret", "exchanger")
                .put("standardFlowEnabled", false);
        exchanger.putObject("attributes").put("standard.token.exchange.enabled", "true");
        var mapper = exchanger.putArray("protocolMappers").addObject();
        mapper.put("name", API).put("protocol", "openid-connect").put("protocolMapper", "oidc-audience-mapper");
        mapper.putObject("config").put("included.client.audience", API).put("access.token.claim", "true");
        realms.keycloak().admin().createClient("mcp", exchanger.toString());
    }

    /** As the API asks our realm whose token this is (RFC 7662): only tokens for it are active. */
    private Optional<String> introspected(String token) {
        var answer = Http.postForm(
                URI.create(realms.keycloak().url() + "/realms/mcp/protocol/openid-connect/token/introspect"),
                Map.of("token", token, "client_id", API, "client_secret", API));
        return answer.json().path("active").asBoolean(false)
                ? Optional.of(answer.json().path("sub").asString())
                : Optional.empty();
    }

    @Test
    void a_call_carries_a_token_that_keycloak_gave_in_exchange_and_never_the_callers_own(Browser browser) {
        try (var alice = new AtProvider(realms, browser, "alice");
                var bob = new AtProvider(realms, browser, "bob")) {
            var hers = alice.tokens(alice.app("exchanged", "Exchange of Alice"), "exchanged:read");
            var his = bob.tokens(bob.app("exchanged", "Exchange of Bob"), "exchanged:read");

            for (var round = 0; round < 3; round++) {
                assertThat(alice.call("exchanged", hers).body()).contains("\"result\"");
                assertThat(last()).isEqualTo(hers.claims().path("sub").asString());
                assertThat(bob.call("exchanged", his).body()).contains("\"result\"");
                assertThat(last()).isEqualTo(his.claims().path("sub").asString());
            }

            var sent = exchangedGuard.visits().stream()
                    .map(BearerTokens.Visit::token)
                    .distinct()
                    .toList();
            assertThat(sent).hasSize(2).doesNotContain(hers.accessToken(), his.accessToken());
            // The callers' own tokens open nothing at the API, and what was exchanged nothing at the gate.
            assertThat(introspected(hers.accessToken())).isEmpty();
            var atTheGate = Http.postJson(
                    realms.server("exchanged"),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                    "Authorization",
                    "Bearer " + sent.getFirst());
            assertThat(atTheGate.status()).isEqualTo(401);
            assertThat(realms.everythingWritten()).doesNotContain(sent.getFirst());
        }
    }

    @Test
    void who_signs_in_through_the_provider_calls_with_its_token_until_the_provider_ends_it(Browser browser) {
        realms.personThere("carol");
        try (var carol = new AtProvider(realms, browser, TwoRealms.there("carol"), "carol")) {
            var app = carol.app("brokered", "Sign-in through the provider");
            var request = app.authorization("brokered:read");
            var page = carol.person().open(request.url());
            page.click("#social-there");
            page.waitForURL(realms.issuer() + "/**");
            AtProvider.signIn(page, carol.account());
            Consent.on(page);
            page.click("button[name=decision][value=allow]");
            page.waitForURL(carol.callback().redirectUri() + "**");
            var tokens = app.exchange(request, URI.create(page.url()));

            assertThat(carol.call("brokered", tokens).body()).contains("\"result\"");
            assertThat(brokeredGuard.last(carol.account())).isPresent();
            Await.until(Duration.ofMinutes(2), "Keycloak to refresh what it has stored", () -> {
                carol.call("brokered", tokens);
                return tokensOf(carol.account()) > 1;
            });

            realms.endAtProvider("carol");
            var before = realms.atProvider("REFRESH_TOKEN_ERROR");
            Await.until(Duration.ofMinutes(2), "the provider to refuse a refresh", () -> {
                carol.call("brokered", tokens);
                return realms.atProvider("REFRESH_TOKEN_ERROR") > before;
            });
            assertThat(carol.call("brokered", tokens).body()).contains("/connect/brokered");
            // What it refused is forgotten: nobody asks it with that again.
            assertThat(carol.connections().innerText("body")).contains("Not connected");
            assertThat(realms.atProvider("REFRESH_TOKEN_ERROR") - before).isEqualTo(1);
            again(carol);
            Await.until(
                    Duration.ofSeconds(60),
                    "the new token to be fetched",
                    () -> carol.call("brokered", tokens).body().contains("\"result\""));
        }
    }

    /** Calls end at once, though what was got for the last one is good for seconds more; the account stays linked. */
    private void disconnected(AtProvider somebody, Tokens tokens) {
        var page = somebody.connections();
        var visits = brokeredGuard.visits().size();
        assertThat(somebody.call("brokered", tokens).body()).contains("\"result\"");

        page.click("button:has-text(\"Disconnect\")");
        page.waitForURL(realms.publicUrl() + "/connections?done=**");

        assertThat(page.innerText("body")).contains("Not connected", "The service was not told");
        Pictures.of(page, "broker-disconnected");
        var seen = brokeredGuard.visits().size();
        assertThat(seen).isGreaterThan(visits);
        assertThat(somebody.call("brokered", tokens).body()).contains("/connect/brokered");
        assertThat(brokeredGuard.visits()).hasSize(seen);
        again(somebody);
    }

    private long tokensOf(String account) {
        return brokeredGuard.visits().stream()
                .filter(visit -> visit.account().equals(account))
                .map(BearerTokens.Visit::token)
                .distinct()
                .count();
    }

    /** At the page that a refused call names. */
    private void again(AtProvider somebody) {
        var page = somebody.person().open(realms.publicUrl().resolve("/connect/brokered"));
        if (page.locator("#social-there").count() > 0) {
            page.click("#social-there");
            page.waitForURL(realms.issuer() + "/**");
            AtProvider.signIn(page, somebody.account());
        }
        page.click("form button");
        page.waitForLoadState();
        AtProvider.signIn(page, somebody.account());
        page.waitForURL(realms.publicUrl() + "/connections**");
        assertThat(page.innerText("body"))
                .contains("Connected", somebody.account(), "by your sign-in through Notes & More");
        Pictures.of(page, "broker-connections");
    }

    @Test
    void who_signed_in_otherwise_is_sent_to_link_an_account_there(Browser browser) {
        try (var dan = new AtProvider(realms, browser, "dan")) {
            var tokens = dan.tokens(dan.app("brokered", "Link"), "brokered:read");
            assertThat(dan.call("brokered", tokens).body()).contains("/connect/brokered");
            assertThat(brokeredGuard.last(dan.account())).isEmpty();

            var page = dan.person().visit(realms.publicUrl().resolve("/connect/brokered"));
            Pictures.of(page, "broker-connect");
            page.click("form button");
            page.waitForLoadState();
            // Keycloak asks whether the two belong together.
            page.click("[type=submit]:not([name=cancel-aia])");
            AtProvider.signIn(page, dan.account());
            page.waitForURL(realms.publicUrl() + "/connections**");
            assertThat(page.innerText("body")).contains("Connected", dan.account());

            Await.until(
                    Duration.ofSeconds(60),
                    "the token to be fetched",
                    () -> dan.call("brokered", tokens).body().contains("\"result\""));
            assertThat(brokeredGuard.last(dan.account())).isPresent();
            disconnected(dan, tokens);
        }
    }

    @Test
    void a_server_that_is_told_who_calls_can_verify_it_and_no_client_can_say_it_itself(Browser browser) {
        try (var erin = new AtProvider(realms, browser, "erin")) {
            var app = erin.app("told", "Told");
            var tokens = erin.tokens(app, "told:read");

            var answer = Http.postJson(
                    realms.server("told"),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}",
                    "Authorization",
                    "Bearer " + tokens.accessToken(),
                    "Accept",
                    "application/json, text/event-stream",
                    "X-Caller-Identity",
                    "planted",
                    "x-caller-identity",
                    "planted again");
            assertThat(answer.body()).contains("\"result\"");

            var sent = told.received().getLast().headers().getOrDefault("x-caller-identity", List.of());
            assertThat(sent).hasSize(1);
            var assertion = sent.getFirst();
            var verified = verify(assertion, told.url().toString());
            assertThat(verified.end(Duration.ofMinutes(1)))
                    .as(verified.output())
                    .isZero();
            assertThat(verified.output())
                    .contains(
                            "\"person\":\"" + tokens.claims().path("sub").asString() + "\"",
                            "\"client\":\"" + app.clientId() + "\"",
                            "\"scopes\":[\"told:read\"]");
            assertThat(verify(assertion, "http://127.0.0.1:1/mcp").end(Duration.ofMinutes(1)))
                    .isNotZero();
            assertThat(verify(
                                    assertion.substring(0, assertion.length() - 4) + "AAAA",
                                    told.url().toString())
                            .end(Duration.ofMinutes(1)))
                    .isNotZero();
            // It opens nothing here, and nobody else can make one.
            assertThat(Http.postJson(
                                    realms.server("told"),
                                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                                    "Authorization",
                                    "Bearer " + assertion)
                            .status())
                    .isEqualTo(401);
            assertThat(realms.everythingWritten()).doesNotContain(assertion);
        }
    }

    private Running verify(String assertion, String audience) {
        return Running.start(
                "verify-identity",
                Node.command("verify-identity.mjs", realms.publicUrl().toString(), audience),
                Map.of("ASSERTION", assertion));
    }

    private String last() {
        return exchangedGuard.visits().getLast().account();
    }
}
