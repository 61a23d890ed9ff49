package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the page offers and what an answer grants; by a browser without JavaScript. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentTest {
    private final Scene scene = new Scene();
    private final PlainBrowser browser = new PlainBrowser();

    @AfterEach
    void publishAgain() {
        browser.forgetCookies();
        scene.realm.publish(TestRealm.REGISTRY);
    }

    @AfterAll
    void end() {
        scene.close();
    }

    @Test
    void what_is_ticked_is_granted_and_nothing_else() {
        var client = scene.client("ticked", "Ticked", Scene.WEB);
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var left = scene.allow(browser, page, "notes:read", "notes:write");

        assertThat(left.url()).startsWith(Scene.WEB);
        assertThat(left.parameter("state")).isEqualTo("s-t-a-t-e");
        assertThat(scene.scopeOf(client, left).split(" "))
                .contains("notes:read", "notes:write")
                .doesNotContain("notes:delete");
        assertThat(scene.consented(client)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void only_what_the_client_asks_for_is_offered_and_only_defaults_start_ticked() {
        var client = scene.client("asks-one", "Asks", Scene.WEB);

        var one = scene.login(browser, scene.request(client, Scene.WEB, "notes:write"));
        var all = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        assertThat(Boxes.offered(one)).containsExactly("notes:write");
        assertThat(Boxes.ticked(one)).isEmpty();
        assertThat(Boxes.offered(all)).containsExactly("notes:read", "notes:write", "notes:delete");
        assertThat(Boxes.ticked(all)).containsExactly("notes:read");
        assertThat(all.body()).doesNotContain("demanded");
    }

    @Test
    void a_client_that_names_nothing_is_offered_everything_with_the_defaults_ticked() {
        var client = scene.client("asks-nothing", "Asks", Scene.WEB);

        var page = scene.login(browser, scene.request(client, Scene.WEB, ""));

        assertThat(Boxes.offered(page)).containsExactly("notes:read", "notes:write", "notes:delete");
        assertThat(Boxes.ticked(page)).containsExactly("notes:read");
        assertThat(page.body()).contains("Read your notes", "List, search and read.", "list_*", "get_*", "Team notes");
    }

    @Test
    void read_only_takes_one_click() {
        var client = scene.client("read-only", "Reader", Scene.WEB);
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var left = browser.submit(
                page,
                List.of(
                        Map.entry("scope", "notes:read"),
                        Map.entry("scope", "notes:write"),
                        Map.entry("scope", "notes:delete"),
                        Map.entry("decision", "read")));

        assertThat(scene.scopeOf(client, left).split(" "))
                .contains("notes:read")
                .doesNotContain("notes:write", "notes:delete");
    }

    @Test
    void deny_tells_the_client_so_and_leaves_no_consent() {
        var client = scene.client("denied", "Denied", Scene.WEB);
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var left = browser.submit(page, Map.of("decision", "deny"));

        assertThat(left.url()).startsWith(Scene.WEB);
        assertThat(left.parameter("error")).isEqualTo("access_denied");
        assertThat(left.parameter("state")).isEqualTo("s-t-a-t-e");
        assertThat(left.parameter("code")).isEmpty();
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void allow_with_nothing_ticked_asks_again_and_ticks_nothing_by_itself() {
        var client = scene.client("nothing", "Nothing", Scene.WEB);
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        var again = scene.allow(browser, page);

        assertThat(again.left()).isFalse();
        assertThat(again.body()).contains("Nothing is ticked").contains("role=\"alert\"");
        assertThat(Boxes.ticked(again)).isEmpty();
        assertThat(scene.allow(browser, again, "notes:read").parameter("code")).isNotEmpty();
    }

    @Test
    void a_step_up_shows_what_is_new_beside_what_was_granted_and_grants_both() {
        var client = scene.client("step-up", "Step", Scene.WEB);
        scene.allow(browser, scene.login(browser, scene.request(client, Scene.WEB, "notes:read")), "notes:read");

        var page = scene.login(browser, scene.request(client, Scene.WEB, "notes:write"));
        var left = scene.allow(browser, page, "notes:read", "notes:write");

        assertThat(Boxes.ticked(page)).containsExactly("notes:read", "notes:write");
        assertThat(page.body())
                .contains("allowed earlier")
                .containsOnlyOnce(">new<")
                .containsOnlyOnce("demanded");
        assertThat(scene.scopeOf(client, left).split(" ")).contains("notes:read", "notes:write");
    }

    @Test
    void a_step_up_to_deleting_starts_ticked_but_a_client_that_always_names_everything_makes_none() {
        var stepsUp = scene.client("steps-up-to-delete", "Step", Scene.WEB);
        var namesAll = scene.client("names-all", "All", Scene.WEB);
        scene.allow(browser, scene.login(browser, scene.request(stepsUp, Scene.WEB, "notes:read")), "notes:read");
        scene.allow(browser, scene.login(browser, scene.request(namesAll, Scene.WEB, Scene.ALL)), "notes:read");

        var stepUp = scene.login(browser, scene.request(stepsUp, Scene.WEB, "notes:read notes:delete"));
        var again = scene.login(browser, scene.request(namesAll, Scene.WEB, Scene.ALL));

        assertThat(Boxes.ticked(stepUp)).containsExactly("notes:read", "notes:delete");
        assertThat(stepUp.body()).containsOnlyOnce("demanded");
        assertThat(Boxes.ticked(again)).containsExactly("notes:read");
        assertThat(again.body()).doesNotContain("demanded");
    }

    @Test
    void what_is_unticked_that_was_granted_earlier_is_taken_back() {
        var client = scene.client("taken-back", "Back", Scene.WEB);
        var first = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        scene.allow(browser, first, "notes:read", "notes:write");

        scene.allow(browser, scene.login(browser, scene.request(client, Scene.WEB, "notes:read")), "notes:read");

        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void sets_for_certain_roles_or_groups_are_offered_to_nobody_else() {
        var client = scene.client("restricted", "Restricted", Scene.WEB);
        var admin = scene.realm.server().admin();
        admin.post("/" + scene.realm.name() + "/roles", "{\"name\": \"editor\"}");
        scene.realm.publish(TestRealm.REGISTRY
                .replaceFirst("(notes:write.*\\R.*\"includes\": \\[\"read\"], \"roles\": )\\[]", "$1[\"editor\"]")
                .replaceFirst("(notes:delete.*\\R.*\"groups\": )\\[]", "$1[\"/nobody\"]"));

        var without = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        var role = admin.get("/" + scene.realm.name() + "/roles/editor");
        admin.post(
                "/" + scene.realm.name() + "/users/" + scene.realm.userId() + "/role-mappings/realm", "[" + role + "]");
        browser.forgetCookies();
        var with = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        assertThat(Boxes.offered(without)).containsExactly("notes:read");
        assertThat(Boxes.offered(with)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void who_may_grant_nothing_can_only_deny() {
        var client = scene.client("nobody", "Nobody", Scene.WEB);
        scene.realm.publish(TestRealm.REGISTRY.replace("\"groups\": []", "\"groups\": [\"/nobody\"]"));

        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        var left = browser.submit(page, Map.of("decision", "allow"));

        assertThat(page.body()).contains("nothing here that you may grant").doesNotContain("value=\"allow\"");
        assertThat(left.parameter("code")).isEmpty();
    }

    @Test
    void the_page_speaks_german_to_those_who_do() {
        var client = scene.client("german", "Deutsch", Scene.WEB);
        scene.realm
                .server()
                .admin()
                .put(
                        "/" + scene.realm.name(),
                        "{\"internationalizationEnabled\": true, \"supportedLocales\": [\"en\", \"de\"],"
                                + " \"defaultLocale\": \"en\"}");

        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL, Map.of("ui_locales", "de")));

        assertThat(page.body()).contains("lang=\"de\"", "Erlauben", "Nur lesen", "Ablehnen", "„<bdi>Deutsch</bdi>“");
        assertThat(page.body()).doesNotContain("sallyportAllow");
    }

    @Test
    void requests_without_a_resource_are_none_of_its_business() {
        var client = scene.client("ordinary", "Ordinary", Scene.WEB);

        var page = scene.login(
                browser,
                scene.realm.url("/protocol/openid-connect/auth?")
                        + Scene.encoded(
                                Map.of("response_type", "code", "client_id", client, "redirect_uri", Scene.WEB)));

        assertThat(page.body()).doesNotContain("sallyport.css");
    }

    @Test
    void an_answer_after_the_login_has_expired_grants_nothing_and_starts_over() {
        var client = scene.client("expired", "Expired", Scene.WEB);
        var settings = "{\"accessCodeLifespanLogin\": %, \"accessCodeLifespanUserAction\": %}";
        scene.realm.server().admin().put("/" + scene.realm.name(), settings.replace("%", "3"));
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        // The clock itself is what is waited for.
        new CompletableFuture<Boolean>()
                .completeOnTimeout(true, 4, TimeUnit.SECONDS)
                .join();
        var after = scene.allow(browser, page, "notes:read");
        scene.realm.server().admin().put("/" + scene.realm.name(), settings.replace("%", "1800"));

        assertThat(page.body()).contains("value=\"allow\"");
        assertThat(after.left()).isFalse();
        assertThat(after.body()).contains("name=\"password\"");
        assertThat(scene.consented(client)).isEmpty();
    }
}
