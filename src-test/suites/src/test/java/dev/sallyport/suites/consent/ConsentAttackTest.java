package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an attacker does to the consent step, and what he does not get. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentAttackTest {
    private final Scene scene = new Scene();

    @AfterAll
    void end() {
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes:delete", "calendar:read", "offline_access", "openid", "profile", "nonsense"})
    void a_tick_that_was_not_offered_grants_nothing_at_all(String scope) {
        var client = scene.client("tampered-" + scope, "Tampered", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, "notes:read"));

        for (var decision : List.of("allow", "read")) {
            var after = browser.submit(
                    page,
                    List.of(
                            Map.entry("scope", "notes:read"),
                            Map.entry("scope", scope),
                            Map.entry("decision", decision)));

            assertThat(after.left()).isFalse();
            assertThat(after.body()).contains("Nothing was granted");
            page = after;
        }

        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void a_client_cannot_skip_the_page_by_asking_for_it_itself() {
        for (var action : List.of("sallyport-consent", "sallyport-connect", "UPDATE_PROFILE")) {
            var client = scene.client("skips-" + action, "Skips", Scene.WEB);
            var browser = new PlainBrowser();

            var page =
                    scene.login(browser, scene.request(client, Scene.WEB, "notes:read", Map.of("kc_action", action)));
            var cancelled = browser.submit(page, Map.of("cancel-aia", "true"));

            assertThat(page.left()).isFalse();
            assertThat(cancelled.parameter("code")).isEmpty();
            assertThat(scene.consented(client)).isEmpty();
        }
    }

    @Test
    void a_consent_page_opened_in_another_browser_is_no_use() {
        var client = scene.client("captured", "Captured", Scene.WEB);
        var attacker = new PlainBrowser();
        var page = scene.login(attacker, scene.request(client, Scene.WEB, Scene.ALL));

        var victim = new PlainBrowser();
        var opened = victim.open(page.url());
        var posted = new PlainBrowser().submit(page, Map.of("scope", "notes:read", "decision", "allow"));

        assertThat(opened.status()).isEqualTo(400);
        assertThat(posted.status()).isEqualTo(400);
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void a_form_without_the_session_code_or_from_another_site_grants_nothing() {
        var client = scene.client("forged", "Forged", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        var yes = List.of(Map.entry("scope", "notes:read"), Map.entry("decision", "allow"));

        var noCode = browser.submit(rewritten(page, "session_code=[^&]*&amp;", ""), yes);
        var wrongCode = browser.submit(rewritten(page, "session_code=[^&]*", "session_code=guess"), yes);

        assertThat(noCode.parameter("code") + wrongCode.parameter("code")).isEmpty();
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void an_answer_to_a_page_that_was_shown_before_is_not_an_answer_to_this_one() {
        var client = scene.client("stale", "Stale", Scene.WEB);
        var browser = new PlainBrowser();
        var old = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        var shown = browser.open(old.url());
        var oldNumber = number(old);

        var after = browser.submit(
                shown,
                List.of(
                        Map.entry("offer", oldNumber),
                        Map.entry("scope", "notes:read"),
                        Map.entry("decision", "allow")));

        assertThat(number(shown)).isNotEqualTo(oldNumber);
        assertThat(after.body()).contains("Nothing was granted");
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void an_answer_counts_once() {
        var client = scene.client("twice", "Twice", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var first = scene.allow(browser, page, "notes:read");
        var second = scene.allow(browser, page, "notes:read", "notes:write", "notes:delete");

        assertThat(first.parameter("code")).isNotEmpty();
        assertThat(second.parameter("code")).isEmpty();
        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void a_set_withdrawn_while_the_page_is_open_is_not_granted() {
        var client = scene.client("withdrawn", "Withdrawn", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        scene.realm.publish(TestRealm.REGISTRY.replace("notes:delete", "notes:erase"));

        var after = scene.allow(browser, page, "notes:read", "notes:delete");
        scene.realm.publish(TestRealm.REGISTRY);

        assertThat(after.body()).contains("Nothing was granted");
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void two_decisions_at_once_are_none() {
        var client = scene.client("both", "Both", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var after = browser.submit(
                page,
                List.of(
                        Map.entry("scope", "notes:read"),
                        Map.entry("decision", "allow"),
                        Map.entry("decision", "deny")));

        assertThat(after.parameter("code")).isEmpty();
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void the_page_cannot_be_framed_kept_or_scripted() {
        var client = scene.client("headers", "Headers", Scene.WEB);
        var browser = new PlainBrowser();
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var answer = browser.raw(page.url());

        assertThat(answer.headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
                        + " frame-ancestors 'none'");
        assertThat(answer.headers().allValues("X-Frame-Options")).containsExactly("DENY");
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).startsWith("no-store");
        assertThat(answer.headers().allValues("Referrer-Policy")).containsExactly("no-referrer");
        assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(answer.body()).doesNotContainIgnoringCase("<script").doesNotContain("style=", "onclick");
    }

    /** A name as hostile as it gets, and what of it must not be on the page. */
    record Name(String given, String forbidden) {}

    static List<Name> names() {
        return List.of(
                new Name("<script>alert(1)</script>", "<script"),
                new Name("<img src=x onerror=alert(1)>", "<img"),
                new Name("\"><form action=https://evil.test>", "<form action=https"),
                new Name("' onfocus='alert(1)", " onfocus='alert"),
                new Name("${realm.name} ${7*7} <#list 1..9 as x>", " 49 "),
                new Name("{0} ab''cd {1}", "abcd"),
                new Name("${sallyportAllow}", "Allow”"),
                new Name("safe\u202Etxet desrever\u202C", "\u202E"),
                new Name("zero\u200Bwidth\u2066isolate", "\u200B"),
                new Name("line\u2028break\nand\ttab\u0007bell", "\u2028"),
                new Name("Z\u0300\u0301\u0302\u0303\u0304\u0305algo", "\u0302"),
                new Name("long ".repeat(50), "long ".repeat(20)),
                new Name("\u3164", "\u3164"),
                new Name("&#60;script&#62;", "<script"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_hostile_name_stays_a_name(Name name) {
        var client = scene.client("hostile-" + Integer.toHexString(name.hashCode()), name.given(), Scene.WEB);
        var browser = new PlainBrowser();

        var page = scene.login(browser, scene.request(client, Scene.WEB, "notes:read"));

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("wants").doesNotContain(name.forbidden());
        assertThat(page.body().split("<form", -1)).hasSize(2);
    }

    @Test
    void nothing_else_that_a_client_says_of_itself_is_on_the_page() {
        var id = scene.client("talkative", "Talkative", Scene.WEB);
        var admin = scene.realm.server().admin();
        var client = admin.client(scene.realm.name(), id);
        admin.put(
                "/" + scene.realm.name() + "/clients/" + client.path("id").asString(),
                client.toString()
                        .replaceFirst(
                                "\\{",
                                "{\"description\": \"trust-me\", \"baseUrl\": \"https://tracker.test/base\","
                                        + " \"rootUrl\": \"https://tracker.test\",")
                        .replaceFirst(
                                "\"attributes\":\\{",
                                "\"attributes\":{\"logoUri\": \"https://tracker.test/logo.png\","
                                        + " \"policyUri\": \"https://tracker.test/policy\","
                                        + " \"tosUri\": \"https://tracker.test/tos\","));
        var browser = new PlainBrowser();

        var page = scene.login(browser, scene.request(id, Scene.WEB, "notes:read"));

        assertThat(admin.client(scene.realm.name(), id).toString()).contains("tracker.test/logo.png");
        assertThat(page.body()).doesNotContain("tracker.test", "trust-me", "<img");
    }

    @Test
    void a_client_that_only_looks_like_a_metadata_document_is_not_called_verified() {
        var id = "https://assistant.example/client.json";
        scene.client(id, "Assistant", Scene.WEB);
        var admin = scene.realm.server().admin();
        var verified = scene.login(new PlainBrowser(), scene.request(id, Scene.WEB, "notes:read"));
        var client = admin.client(scene.realm.name(), id);
        admin.put(
                "/" + scene.realm.name() + "/clients/" + client.path("id").asString(),
                client.toString().replace("\"sallyport.client\":\"document\"", "\"sallyport.client\":\"\""));

        var unverified = scene.login(new PlainBrowser(), scene.request(id, Scene.WEB, "notes:read"));

        assertThat(verified.body()).contains("verified").contains("<bdi>assistant.example</bdi>");
        assertThat(unverified.body()).contains("Nobody has checked that.").doesNotContain(">verified");
    }

    private static PlainBrowser.Page rewritten(PlainBrowser.Page page, String pattern, String replacement) {
        return new PlainBrowser.Page(
                page.url(), page.status(), page.body().replaceFirst(pattern, replacement), page.left());
    }

    private static String number(PlainBrowser.Page page) {
        return page.body().replaceFirst("(?s).*name=\"offer\" value=\"([^\"]*)\".*", "$1");
    }
}
