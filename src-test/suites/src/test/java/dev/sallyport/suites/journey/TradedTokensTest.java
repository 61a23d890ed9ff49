package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Node;
import dev.sallyport.suites.product.Running;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.notes.BearerTokens;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tokens got for the caller's, from a real Keycloak: exchanged by its standard token exchange (RFC 8693), and kept of the
 * identity provider through which the caller signed in. And a server that is told who calls, and verifies it.
 */
@Tag("journey")
@ExtendWith(BrowserExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TradedTokensTest {

    private static final Pattern REFRESH = Pattern.compile("\"refresh_token\":\"([^\"]+)\"");

    private final TradedScene scene = new TradedScene();
    private final TwoRealms realms = scene.realms();

    @AfterAll
    void stop() {
        scene.close();
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

            var sent = scene.exchangedGuard().visits().stream()
                    .map(BearerTokens.Visit::token)
                    .distinct()
                    .toList();
            assertThat(sent).hasSize(2).doesNotContain(hers.accessToken(), his.accessToken());
            // The callers' own tokens open nothing at the API, and what was exchanged nothing at the gate.
            assertThat(scene.introspected(hers.accessToken())).isEmpty();
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
            var tokens = scene.throughProvider(carol, "brokered");

            assertThat(carol.call("brokered", tokens).body()).contains("\"result\"");
            assertThat(scene.brokeredGuard().last(carol.account())).isPresent();
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

    @Test
    void what_was_got_for_callers_is_found_nowhere_after_errors_an_outage_a_disconnect_and_a_restart(Browser browser) {
        var seen = new Seen(realms, scene.collector());
        realms.provider().eavesdrop();
        realms.personThere("gina");
        var canaries = new LinkedHashSet<String>();
        try (var gina = new AtProvider(realms, browser, TwoRealms.there("gina"), "gina")) {
            var of = new LinkedHashMap<String, Tokens>();
            var bySignIn = scene.throughProvider(gina, "careless-brokered");
            of.put("careless-brokered", bySignIn);
            of.put(
                    "careless-exchanged",
                    gina.tokens(gina.app("careless-exchanged", "Canary"), "careless-exchanged:read"));
            of.values().forEach(tokens -> canaries.add(tokens.accessToken()));

            of.forEach((server, tokens) -> {
                scene.careless().answers(reply -> reply);
                var answer = gina.call(server, tokens, "list_things");
                seen.show(answer);
                assertThat(answer.body()).contains("\"result\"");
                seen.add(Dump.threads(realms.process()));
                for (var status : List.of(401, 403, 500, 503)) {
                    scene.careless().answers(_ -> scene.quoting(status));
                    seen.show(gina.call(server, tokens, "list_things"));
                }
            });
            scene.careless().answers(reply -> reply);
            seen.look();
            outage(gina, bySignIn, seen);
            realms.restart();
            of.forEach((server, tokens) -> Await.until(Duration.ofMinutes(2), "calls to work again", () -> {
                var answer = gina.call(server, tokens, "list_things");
                seen.show(answer);
                return answer.body().contains("\"result\"");
            }));
            var page = gina.connections();
            seen.show(page);
            page.click("button[name=disconnect][value=careless-brokered]");
            page.waitForURL(realms.publicUrl() + "/connections?done=**");
            seen.show(page);
            seen.show(gina.call("careless-brokered", bySignIn, "list_things"));
            seen.look();
        }
        realms.end();
        seen.look();
        realms.restart();

        seen.everything();
        var sent = scene.careless().received().stream()
                .map(request -> request.header("Authorization").orElse("").replace("Bearer ", ""))
                .distinct()
                .toList();
        assertThat(sent).hasSizeGreaterThanOrEqualTo(4).doesNotContain("").doesNotContainAnyElementsOf(canaries);
        canaries.addAll(sent);
        REFRESH.matcher(realms.provider().heard()).results().forEach(found -> canaries.add(found.group(1)));
        assertThat(canaries).hasSizeGreaterThan(sent.size() + 2);
        canaries.forEach(token -> seen.holdsNo(new Canary("a token", Canary.signature(token))));
    }

    private void outage(AtProvider somebody, Tokens tokens, Seen seen) {
        realms.provider().shut();
        try {
            Await.until(Duration.ofMinutes(2), "the outage to be felt", () -> {
                var answer = somebody.call("careless-brokered", tokens, "list_things");
                seen.show(answer);
                return answer.status() == 503;
            });
        } finally {
            realms.provider().open();
        }
    }

    /** Calls end at once, though what was got for the last one is good for seconds more; the account stays linked. */
    private void disconnected(AtProvider somebody, Tokens tokens) {
        var page = somebody.connections();
        var visits = scene.brokeredGuard().visits().size();
        assertThat(somebody.call("brokered", tokens).body()).contains("\"result\"");

        page.click("button[name=disconnect][value=brokered]");
        page.waitForURL(realms.publicUrl() + "/connections?done=**");

        assertThat(page.innerText("body")).contains("Not connected", "The service was not told");
        Pictures.of(page, "broker-disconnected");
        var seen = scene.brokeredGuard().visits().size();
        assertThat(seen).isGreaterThan(visits);
        assertThat(somebody.call("brokered", tokens).body()).contains("/connect/brokered");
        assertThat(scene.brokeredGuard().visits()).hasSize(seen);
        again(somebody);
    }

    private long tokensOf(String account) {
        return scene.brokeredGuard().visits().stream()
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
            assertThat(scene.brokeredGuard().last(dan.account())).isEmpty();

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
            assertThat(scene.brokeredGuard().last(dan.account())).isPresent();
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

            var sent = scene.told().received().getLast().headers().getOrDefault("x-caller-identity", List.of());
            assertThat(sent).hasSize(1);
            var assertion = sent.getFirst();
            var verified = verify(assertion, scene.told().url().toString());
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
                                    scene.told().url().toString())
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
        return scene.exchangedGuard().visits().getLast().account();
    }
}
