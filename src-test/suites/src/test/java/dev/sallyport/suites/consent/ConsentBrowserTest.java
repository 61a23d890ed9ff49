package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every path through consent in a real browser, whose rules about sites, frames and cookies count. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsentBrowserTest {
    private final Scene scene = new Scene();
    private final Chromium chromium = Chromium.start();
    private final Site otherSite = new Site();
    private BrowserContext profile = chromium.profile();
    private int count;

    @AfterAll
    void end() {
        otherSite.close();
        chromium.close();
        scene.close();
    }

    @BeforeEach
    void newProfile() {
        profile = chromium.profile();
    }

    @AfterEach
    void closeProfile() {
        profile.close();
    }

    @Test
    void allow() {
        var client = client();
        var page = asked(client, Scene.ALL);

        var answer = click(page, "Allow");

        assertThat(answer).startsWith(otherSite.callback()).contains("code=");
        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void deny() {
        var client = client();
        var page = asked(client, Scene.ALL);

        var answer = click(page, "Deny");

        assertThat(answer).contains("error=access_denied").doesNotContain("code=");
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void choose_by_keyboard_alone() {
        var client = client();
        var page = asked(client, Scene.ALL);

        for (var tabs = 0; tabs < 20 && !focused(page, "notes:write"); tabs++) {
            page.keyboard().press("Tab");
        }
        page.keyboard().press("Space");
        for (var tabs = 0; tabs < 20 && !focused(page, "allow"); tabs++) {
            page.keyboard().press("Tab");
        }
        page.keyboard().press("Enter");
        page.waitForURL(otherSite.callback() + "**");

        assertThat(scene.consented(client)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void enter_without_looking_denies() {
        var client = client();
        var page = asked(client, Scene.ALL);

        page.locator("input[value='notes:read']").press("Enter");
        page.waitForURL(otherSite.callback() + "**");

        assertThat(page.url()).contains("error=access_denied");
    }

    @Test
    void read_only_without_javascript() {
        profile.close();
        profile = chromium.withoutScript();
        var client = client();
        var page = asked(client, Scene.ALL);

        click(page, "Read only");

        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    @Test
    void everything_on_the_page_has_a_name_for_a_screen_reader() {
        var page = asked(client(), Scene.ALL);

        assertThat(page.getByRole(AriaRole.MAIN).count()).isEqualTo(1);
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1))
                        .innerText())
                .isEqualTo("“Browser test” wants to use Team notes");
        for (var group : new String[] {"Read", "Change", "Delete"}) {
            assertThat(page.getByRole(AriaRole.GROUP, new Page.GetByRoleOptions().setName(group))
                            .count())
                    .as(group)
                    .isEqualTo(1);
        }
        Map.of("Read your notes", true, "Write notes", false, "Delete notes", false)
                .forEach((set, ticked) -> assertThat(page.getByRole(
                                        AriaRole.CHECKBOX,
                                        new Page.GetByRoleOptions().setName(set).setExact(true))
                                .isChecked())
                        .as(set)
                        .isEqualTo(ticked));
        assertThat(page.getAttribute("html", "lang")).isEqualTo("en");
        assertThat(page.title()).isEqualTo("What may this app do?");
    }

    @Test
    void an_earlier_grant_is_marked_and_a_step_up_adds_to_it() {
        var client = client();
        click(asked(client, "notes:read"), "Allow");

        var page = asked(client, "notes:write");
        var marked = page.locator(".set", new Page.LocatorOptions().setHasText("allowed earlier"));
        assertThat(marked.innerText()).contains("Read your notes");
        assertThat(page.locator(".demanded").innerText()).contains("Write notes", "new");
        click(page, "Allow");

        assertThat(scene.consented(client)).containsExactly("notes:read", "notes:write");
    }

    @Test
    void a_link_on_another_site_is_asked_about_although_a_typed_address_is_not() {
        var client = scene.client("sites", "Sites", Scene.WEB);
        var request = scene.request(client, Scene.WEB, "notes:read");
        var first = profile.newPage();
        Chromium.login(first, request);
        first.waitForRequest(url -> url.url().startsWith(Scene.WEB), () -> first.click("button[value=allow]"));

        var typed = profile.newPage();
        var answered = typed.waitForRequest(url -> url.url().startsWith(Scene.WEB), () -> {
            try {
                typed.navigate(request);
            } catch (com.microsoft.playwright.PlaywrightException e) {
                // Nobody answers at the client's address.
            }
        });
        otherSite.put("/link", "<a href='" + request.replace("&", "&amp;") + "'>go</a>");
        var linked = profile.newPage();
        linked.navigate(otherSite.elsewhere() + "/link");
        linked.click("a");

        assertThat(answered.url()).contains("code=");
        assertThat(linked.locator("h1").innerText()).contains("Team notes");
    }

    @Test
    void another_site_can_neither_frame_the_page_nor_send_its_form() {
        var client = client();
        var page = asked(client, Scene.ALL);
        var action = page.getAttribute("form", "action").replace("&", "&amp;");
        var number = page.getAttribute("input[name=offer]", "value");
        otherSite.put("/frame", "<iframe src='" + page.url().replace("&", "&amp;") + "'></iframe>");
        otherSite.put(
                "/forge",
                "<form method=post action='" + action + "'><input name=offer value='" + number
                        + "'><input name=scope value='notes:read'><button name=decision value=allow>x</button></form>");
        var attacker = profile.newPage();
        var complaints = Chromium.complaints(attacker);
        var site = otherSite.elsewhere();

        attacker.navigate(site + "/frame");
        var framed = attacker.frames().getLast().locator("button").count();
        attacker.navigate(site + "/forge");
        attacker.click("button");
        attacker.waitForLoadState();

        assertThat(framed).isZero();
        assertThat(complaints).anyMatch(complaint -> complaint.contains("frame-ancestors"));
        assertThat(attacker.url()).doesNotContain("code=");
        assertThat(scene.consented(client)).isEmpty();
    }

    @Test
    void a_page_of_one_browser_is_no_use_in_another() {
        var client = client();
        var page = asked(client, Scene.ALL);
        try (var other = chromium.profile()) {
            var victim = other.newPage();

            var answer = victim.navigate(page.url());

            assertThat(answer.status()).isEqualTo(400);
            assertThat(victim.locator("button[value=allow]").count()).isZero();
        }
    }

    @Test
    void a_hostile_name_runs_nothing() {
        var client = scene.client(
                "hostile-in-browser", "<img src=x onerror=\"document.title='run'\"> \u202Eevil", otherSite.callback());
        var page = profile.newPage();
        var complaints = Chromium.complaints(page);

        Chromium.login(page, scene.request(client, otherSite.callback(), "notes:read"));

        assertThat(page.locator("h1").innerText()).contains("<img src=x").doesNotContain("\u202E");
        assertThat(page.locator("img").count()).isZero();
        assertThat(page.title()).doesNotContain("run");
        assertThat(complaints).isEmpty();
    }

    @Test
    void a_double_click_gives_the_client_one_answer() {
        var client = client();
        var page = asked(client, Scene.ALL);

        page.dblclick("button[value=allow]");
        page.waitForURL(otherSite.callback() + "**");

        assertThat(page.url()).contains("state=s-t-a-t-e");
        assertThat(scene.consented(client)).containsExactly("notes:read");
    }

    private String client() {
        count++;
        return scene.client("browser-" + count, "Browser test", otherSite.callback());
    }

    /** The consent page for a new request, logged in on the way if need be. */
    private Page asked(String client, String scope) {
        var page = profile.newPage();
        Chromium.login(page, scene.request(client, otherSite.callback(), scope), TestRealm.USER);
        page.waitForSelector("button[value=deny]");
        return page;
    }

    private String click(Page page, String button) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(button).setExact(true))
                .click();
        page.waitForURL(otherSite.callback() + "**");
        return page.url();
    }

    private static boolean focused(Page page, String value) {
        return value.equals(page.evaluate("document.activeElement.value"));
    }
}
