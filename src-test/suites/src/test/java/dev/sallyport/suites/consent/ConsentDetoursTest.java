package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.suites.product.Await;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What people do besides reading a page and answering it: they wait, go back, reload, and have several tabs open. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentDetoursTest {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final String USER_FIELDS = "input[name=username]";

    private final Scene scene = new Scene();
    private final Site site = new Site();
    private final Chromium chromium = Chromium.start();
    private BrowserContext profile = chromium.profile();
    private int count;

    @AfterAll
    void end() {
        chromium.close();
        site.close();
        scene.close();
    }

    @BeforeEach
    void newProfile() {
        profile = chromium.profile(1280, ColorScheme.LIGHT, "en");
    }

    @AfterEach
    void closeProfile() {
        profile.close();
    }

    @Test
    void an_answer_that_comes_too_late_grants_nothing_and_says_so() {
        var client = client();
        lifespan(3);
        var page = asked(client, Scene.ALL);
        var shown = System.nanoTime();
        Await.until(
                Duration.ofSeconds(10),
                "the login to expire",
                () -> System.nanoTime() - shown > Duration.ofSeconds(5).toNanos());

        page.click("button[value=allow]");
        page.waitForSelector(USER_FIELDS);
        page.screenshot(
                new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve("expired-light-1280.png")));
        lifespan(1800);
        Chromium.login(page, page.url());
        page.waitForSelector("button[value=allow]");

        assertThat(page.locator("h1").innerText()).contains("Team notes");
        assertThat(scene.consented(client)).isEmpty();

        page.click("button[value=allow]");
        page.waitForURL(site.callback() + "**");
        assertThat(page.url()).contains("code=", "state=s-t-a-t-e");
    }

    @Test
    void going_back_after_allowing_gives_no_second_code() {
        var client = client();
        var page = asked(client, Scene.ALL);
        var asked = page.url();
        page.click("button[value=allow]");
        page.waitForURL(site.callback() + "**");

        page.goBack();
        page.screenshot(
                new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve("back-light-1280.png")));

        assertThat(page.url()).contains("error=temporarily_unavailable").doesNotContain("code=");
        assertThat(page.locator("button[value=allow]").count()).isZero();
        var again = profile.newPage();
        again.navigate(asked);
        assertThat(again.url()).doesNotContain("code=");
        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void going_back_from_consent_and_forward_again_still_ends_in_one_answer() {
        var client = client();
        var page = asked(client, Scene.ALL);

        page.goBack();
        page.goForward();
        page.waitForSelector("button[value=allow]");
        page.click("button[value=allow]");
        page.waitForURL(site.callback() + "**");

        assertThat(page.url()).contains("code=");
        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void reloading_the_page_keeps_the_question_and_its_answer_counts() {
        var client = client();
        var page = asked(client, Scene.ALL);

        page.reload();
        page.check("input[value='notes:write']");
        page.click("button[value=allow]");
        page.waitForURL(site.callback() + "**");

        assertThat(scene.consented(client)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void two_apps_in_two_tabs_each_get_their_own_answer() {
        var first = client();
        var second = client();
        var one = asked(first, Scene.ALL);
        var two = asked(second, Scene.ALL);

        two.check("input[value='notes:write']");
        two.click("button[value=allow]");
        two.waitForURL(site.callback() + "**");
        one.click("button[value=deny]");
        one.waitForURL(site.callback() + "**");

        assertThat(two.url()).contains("code=");
        assertThat(one.url()).contains("error=access_denied").doesNotContain("code=");
        assertThat(scene.consented(first)).isEmpty();
        assertThat(scene.consented(second)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void of_one_page_in_two_tabs_only_the_newer_can_be_answered() {
        var client = client();
        var one = asked(client, Scene.ALL);
        var two = profile.newPage();
        two.navigate(one.url());
        one.check("input[value='notes:delete']");

        one.click("button[value=allow]");
        one.waitForSelector("[role=alert]");
        var answer = one.locator("[role=alert]").innerText();

        assertThat(answer).contains("Nothing was granted");
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void without_javascript_and_without_a_mouse() {
        profile.close();
        profile = chromium.withoutScript();
        var client = client();
        var page = profile.newPage();
        page.navigate(scene.request(client, site.callback(), Scene.ALL));
        page.focus(USER_FIELDS);
        page.keyboard().type(TestRealm.USER);
        page.keyboard().press("Tab");
        page.keyboard().type(TestRealm.USER);
        page.keyboard().press("Enter");
        page.waitForSelector("button[value=allow]");

        tabTo(page, "input[value='notes:delete']");
        page.keyboard().press("Space");
        tabTo(page, "button[value=allow]");
        page.keyboard().press("Enter");
        page.waitForURL(site.callback() + "**");

        assertThat(scene.consented(client)).containsExactly("notes:delete", "notes:read");
    }

    private static void tabTo(Page page, String selector) {
        for (var tabs = 0; tabs < 20 && page.locator(selector + ":focus").count() == 0; tabs++) {
            page.keyboard().press("Tab");
        }
        assertThat(page.locator(selector + ":focus").count()).isEqualTo(1);
    }

    private void lifespan(int seconds) {
        scene.realm
                .server()
                .admin()
                .put(
                        "/" + scene.realm.name(),
                        "{\"accessCodeLifespanLogin\": %, \"accessCodeLifespanUserAction\": %}"
                                .replace("%", Integer.toString(seconds)));
    }

    private String client() {
        count++;
        return scene.client("detour-" + count, "Detour " + count, site.callback());
    }

    private Page asked(String client, String scope) {
        var page = profile.newPage();
        Chromium.login(page, scene.request(client, site.callback(), scope));
        page.waitForSelector("button[value=deny]");
        return page;
    }
}
