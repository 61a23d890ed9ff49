package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** When an earlier answer stands for a new one, and when a person is asked again. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RememberedConsentTest {
    private static final Map<String, String> DIRECT = Map.of("Sec-Fetch-Site", "none");
    private static final String OTHER_WEB = "https://other.test/callback";
    private static final String APP = "com.example.app:/callback";

    private final Scene scene = new Scene();
    private PlainBrowser browser = new PlainBrowser();
    private int count;

    @AfterAll
    void end() {
        scene.close();
    }

    @BeforeEach
    void newBrowser() {
        browser = new PlainBrowser();
        scene.realm.publish(TestRealm.REGISTRY);
    }

    @Test
    void the_same_again_from_a_direct_navigation_passes_silently() {
        var client = agreed(Scene.WEB, "notes:read", "notes:write");

        var left = browser.open(scene.request(client, Scene.WEB, "notes:read"), DIRECT);

        assertThat(left.parameter("code")).isNotEmpty();
        assertThat(scene.scopeOf(client, left).split(" "))
                .contains("notes:read")
                .doesNotContain("notes:write");
    }

    @Test
    void another_site_that_sends_the_browser_here_makes_the_page_appear() {
        var client = agreed(Scene.WEB, "notes:read");

        var page = browser.open(scene.request(client, Scene.WEB, "notes:read"), Map.of("Sec-Fetch-Site", "cross-site"));

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("nothing is new", "Team notes", "app.test");
    }

    @Test
    void a_browser_that_does_not_say_where_it_comes_from_is_asked() {
        var client = agreed(Scene.WEB, "notes:read");

        assertThat(browser.open(scene.request(client, Scene.WEB, "notes:read")).left())
                .isFalse();
    }

    @Test
    void a_login_in_between_is_followed_by_the_page() {
        var client = agreed(Scene.WEB, "notes:read");
        browser.forgetCookies();

        var login = browser.open(scene.request(client, Scene.WEB, "notes:read"), DIRECT);
        var page = browser.login(login, TestRealm.USER, TestRealm.USER);

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("nothing is new");
    }

    @Test
    void a_client_on_this_computer_is_asked_for_every_time_and_prefilled() {
        var client = agreed(Scene.LOOPBACK, "notes:read");

        var page = browser.open(scene.request(client, Scene.LOOPBACK, Scene.ALL), DIRECT);

        assertThat(page.left()).isFalse();
        assertThat(Boxes.ticked(page)).contains("notes:read");
        assertThat(page.body()).contains("That is this computer.", "127.0.0.1:39517");
    }

    @Test
    void an_app_with_a_scheme_of_its_own_is_asked_for_every_time() {
        var client = agreed(APP, "notes:read");

        var page = browser.open(scene.request(client, APP, "notes:read"), DIRECT);

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("com.example.app:", "That is an app on this device.");
    }

    @Test
    void another_redirect_host_of_the_same_client_is_asked_for() {
        var client = agreed(Scene.WEB, "notes:read");

        var page = browser.open(scene.request(client, OTHER_WEB, "notes:read"), DIRECT);

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("other.test", "allowed earlier");
    }

    @Test
    void a_redirect_host_that_the_person_has_never_answered_to_is_marked() {
        var client = agreed(Scene.WEB, "notes:read");
        var known = browser.open(scene.request(client, Scene.WEB, "notes:write"), DIRECT);
        var strange = scene.client("strange", "Strange", "https://strange.test/callback");

        var first = browser.open(scene.request(strange, "https://strange.test/callback", "notes:read"), DIRECT);

        assertThat(known.body()).doesNotContain("You have never sent an answer there before");
        assertThat(first.body()).contains("strange.test", "You have never sent an answer there before");
    }

    @Test
    void another_resource_of_the_same_client_is_asked_for() {
        var client = agreed(Scene.WEB, "notes:read");

        var page = browser.open(
                scene.request(client, Scene.WEB, "calendar:read", Map.of("resource", TestRealm.CALENDAR)), DIRECT);

        assertThat(page.left()).isFalse();
        assertThat(Boxes.offered(page)).containsExactly("calendar:read");
        assertThat(page.body()).contains("Calendar").doesNotContain("Team notes");
    }

    @Test
    void another_client_of_the_same_redirect_host_is_asked_for() {
        agreed(Scene.WEB, "notes:read");
        var other = scene.client("remembered-other", "Other", Scene.WEB);

        assertThat(browser.open(scene.request(other, Scene.WEB, "notes:read"), DIRECT)
                        .left())
                .isFalse();
    }

    @Test
    void another_user_in_the_same_browser_is_asked() {
        var client = agreed(Scene.WEB, "notes:read");
        scene.realm.server().admin().createUser(scene.realm.name(), "bob", "bob");
        browser.forgetCookies();

        var page = browser.login(browser.open(scene.request(client, Scene.WEB, "notes:read"), DIRECT), "bob", "bob");

        assertThat(page.left()).isFalse();
        assertThat(page.body()).contains("bob").doesNotContain("allowed earlier");
    }

    @Test
    void more_than_was_agreed_to_is_asked_for() {
        var client = agreed(Scene.WEB, "notes:read");

        assertThat(browser.open(scene.request(client, Scene.WEB, "notes:read notes:write"), DIRECT)
                        .left())
                .isFalse();
    }

    @Test
    void a_client_that_names_nothing_is_asked_for_again_only_when_something_new_is_published() {
        var client = scene.client("names-nothing", "Nothing", Scene.WEB);
        scene.allow(browser, scene.login(browser, scene.request(client, Scene.WEB, "")), "notes:read");
        var before = browser.open(scene.request(client, Scene.WEB, ""), DIRECT);

        scene.realm.publish(TestRealm.REGISTRY.replace("notes:delete", "notes:erase"));
        var after = browser.open(scene.request(client, Scene.WEB, ""), DIRECT);

        assertThat(scene.scopeOf(client, before).split(" "))
                .contains("notes:read")
                .doesNotContain("notes:write");
        assertThat(after.left()).isFalse();
    }

    @Test
    void a_consent_revoked_in_keycloak_counts_for_nothing_even_when_given_again_elsewhere() {
        var client = agreed(Scene.WEB, "notes:read");
        scene.realm
                .server()
                .admin()
                .delete("/" + scene.realm.name() + "/users/" + scene.realm.userId() + "/consents/" + client);
        var second = scene.login(browser, scene.request(client, OTHER_WEB, "notes:read"));
        scene.allow(browser, second, "notes:read");

        var page = browser.open(scene.request(client, Scene.WEB, "notes:read"), DIRECT);

        assertThat(page.left()).isFalse();
    }

    @Test
    void prompt_consent_shows_our_page_once_and_keycloaks_never() {
        var client = agreed(Scene.WEB, "notes:read");

        var page = browser.open(scene.request(client, Scene.WEB, "notes:read", Map.of("prompt", "consent")), DIRECT);
        var left = scene.allow(browser, page, "notes:read");

        assertThat(page.body()).contains("sallyport.css");
        assertThat(left.parameter("code")).isNotEmpty();
    }

    @Test
    void prompt_none_passes_when_the_page_is_not_needed() {
        var client = agreed(Scene.WEB, "notes:read");

        var left = browser.open(scene.request(client, Scene.WEB, "notes:read", Map.of("prompt", "none")), DIRECT);

        assertThat(left.parameter("code")).isNotEmpty();
    }

    @Test
    void prompt_none_says_interaction_required_when_it_is() {
        var client = agreed(Scene.WEB, "notes:read");

        var more = browser.open(scene.request(client, Scene.WEB, "notes:write", Map.of("prompt", "none")), DIRECT);
        var foreign = browser.open(
                scene.request(client, Scene.WEB, "notes:read", Map.of("prompt", "none")),
                Map.of("Sec-Fetch-Site", "cross-site"));

        assertThat(more.parameter("error")).isEqualTo("interaction_required");
        assertThat(foreign.parameter("error")).isEqualTo("interaction_required");
    }

    /** A client that was agreed to in this browser, for everything asked. */
    private String agreed(String redirectUri, String... scopes) {
        count++;
        var client = scene.client("remembered-" + count, "Remembered", Scene.WEB, OTHER_WEB, Scene.LOOPBACK, APP);
        var request = scene.request(client, redirectUri, String.join(" ", scopes));
        var left = scene.allow(browser, scene.login(browser, request), scopes);
        assertThat(left.parameter("code")).isNotEmpty();
        return client;
    }
}
