package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Realms whose administrator switched the consent step off or moved it: no answer on our page, no tokens. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentStepMissingTest {
    private static final Map<String, String> DIRECT = Map.of("Sec-Fetch-Site", "none");

    private final Scene scene = new Scene();
    private final PlainBrowser browser = new PlainBrowser();

    @AfterEach
    void switchOn() {
        step(true);
        browser.forgetCookies();
    }

    @AfterAll
    void end() {
        scene.close();
    }

    @Test
    void an_answer_on_keycloaks_own_page_is_none() {
        var client = scene.client("keycloaks-page", "Own page", Scene.WEB);
        step(false);

        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        var left = browser.submit(page, Map.of("accept", "yes"));
        var answer = scene.exchange(client, left.parameter("code"), Scene.WEB);

        assertThat(page.body()).doesNotContain("sallyport.css").contains("accept");
        assertThat(left.parameter("code")).isNotEmpty();
        refused(answer);
    }

    @Test
    void a_client_that_keycloak_need_not_ask_about_gets_nothing_either() {
        var client = scene.client("not-asked-about", "Not asked", Scene.WEB);
        var admin = scene.realm.server().admin();
        var stored = admin.client(scene.realm.name(), client);
        admin.put(
                "/" + scene.realm.name() + "/clients/" + stored.path("id").asString(),
                stored.toString().replace("\"consentRequired\":true", "\"consentRequired\":false"));
        step(false);

        var left = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));

        assertThat(left.parameter("code")).isNotEmpty();
        refused(scene.exchange(client, left.parameter("code"), Scene.WEB));
    }

    @Test
    void what_was_agreed_to_before_does_not_stand_for_it() {
        var client = scene.client("agreed-before", "Before", Scene.WEB);
        var before = scene.allow(
                browser, scene.login(browser, scene.request(client, Scene.WEB, "notes:read")), "notes:read");
        assertThat(scene.scopeOf(client, before)).contains("notes:read");
        step(false);

        var after = browser.open(scene.request(client, Scene.WEB, "notes:read"), DIRECT);

        assertThat(after.parameter("code")).isNotEmpty();
        refused(scene.exchange(client, after.parameter("code"), Scene.WEB));
    }

    @Test
    void moved_behind_the_connect_step_or_before_all_others_it_asks_as_ever() {
        var actions = "/" + scene.realm.name() + "/authentication/required-actions/";
        var admin = scene.realm.server().admin();
        admin.post(actions + "sallyport-consent/lower-priority", "");
        var last = answered("moved-last");
        for (var step = 0; step < 20; step++) {
            admin.post(actions + "sallyport-consent/raise-priority", "");
        }

        assertThat(last).isEqualTo("notes:read");
        assertThat(answered("moved-first")).isEqualTo("notes:read");
    }

    /** The scope after one of three boxes was ticked. */
    private String answered(String clientId) {
        var client = scene.client(clientId, "Moved", Scene.WEB);
        var page = scene.login(browser, scene.request(client, Scene.WEB, Scene.ALL));
        return scene.scopeOf(client, scene.allow(browser, page, "notes:read"));
    }

    private static void refused(TestRealm.Answer answer) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_grant");
        assertThat(answer.body()).doesNotContain("access_token");
    }

    private void step(boolean enabled) {
        var path = "/" + scene.realm.name() + "/authentication/required-actions/sallyport-consent";
        var action = scene.realm.server().admin().get(path).toString();
        scene.realm
                .server()
                .admin()
                .put(path, action.replaceFirst("\"enabled\":(true|false)", "\"enabled\":" + enabled));
    }
}
