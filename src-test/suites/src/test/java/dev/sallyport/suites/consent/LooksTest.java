package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The pages in light and dark, on a phone and on a desk; pictures are left in {@code target/screenshots}. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LooksTest {
    private static final Path PICTURES = Path.of("target", "screenshots");

    private static final String VERIFIED = "https://assistant.example/oauth/client.json";

    private static final String CONNECT = "https://gate.test/connect/notes";

    private static final Route.FulfillOptions ARRIVED =
            new Route.FulfillOptions().setContentType("text/plain").setBody("arrived");

    private final Scene scene = new Scene();
    private final Chromium chromium = Chromium.start();

    LooksTest() {
        scene.realm.publish(REGISTRY);
        scene.realm
                .server()
                .admin()
                .put(
                        "/" + scene.realm.name(),
                        "{\"displayName\": \"Example Company\", \"internationalizationEnabled\": true,"
                                + " \"supportedLocales\": [\"en\", \"de\"], \"defaultLocale\": \"en\"}");
        scene.client(VERIFIED, "Assistant", Scene.WEB);
        scene.client("desktop", "Desktop Helper", Scene.LOOPBACK);
    }

    @AfterAll
    void end() {
        chromium.close();
        scene.close();
    }

    @ParameterizedTest
    @CsvSource({"light, 390", "light, 1280", "dark, 390", "dark, 1280"})
    void every_page_fits_its_window_and_runs_nothing(String scheme, int width) throws IOException {
        var name = scheme + "-" + width;
        scene.realm.server().admin().createUser(scene.realm.name(), name, name);
        try (var profile = chromium.profile(width, ColorScheme.valueOf(scheme.toUpperCase(Locale.ROOT)), "en")) {
            var page = profile.newPage();
            var complaints = Chromium.complaints(page);
            Chromium.login(page, scene.request("desktop", Scene.LOOPBACK, ""), name);
            picture(page, "first-" + name);
            page.locator("summary").first().click();
            picture(page, "tools-" + name);
            page.locator("input[value='notes:read']").uncheck();
            page.click("button[value=allow]");
            picture(page, "nothing-ticked-" + name);
            Chromium.login(page, scene.request(VERIFIED, Scene.WEB, Scene.ALL), name);
            picture(page, "verified-" + name);
            page.click("a[hreflang=de]");
            picture(page, "german-" + name);
            Chromium.login(page, scene.request("desktop", Scene.LOOPBACK, "notes:read"), name);
            page.route(Scene.LOOPBACK + "**", route -> route.fulfill(ARRIVED));
            page.click("button[value=allow]");
            page.waitForURL(Scene.LOOPBACK + "**");
            Chromium.login(page, scene.request("desktop", Scene.LOOPBACK, "notes:read notes:write"), name);
            picture(page, "step-up-" + name);

            assertThat(page.locator(".demanded").count()).isEqualTo(1);
            assertThat(complaints).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"light, 390, en", "light, 1280, de", "dark, 390, de", "dark, 1280, en"})
    void the_connect_page_and_every_error_fit_their_window(String scheme, int width, String language)
            throws IOException {
        var name = language + "-" + scheme + "-" + width;
        var colors = ColorScheme.valueOf(scheme.toUpperCase(Locale.ROOT));
        scene.realm.server().admin().createUser(scene.realm.name(), name, name);
        try (var profile = chromium.profile(width, colors, language)) {
            var page = profile.newPage();
            var errors = Map.of(
                    "unknown-client", "client_id=gone",
                    "unknown-redirect", "client_id=desktop&redirect_uri=https://evil.test/",
                    "bad-document", "client_id=https://192.0.2.1/client.json",
                    "malformed", "");
            for (var error : errors.entrySet()) {
                page.navigate(scene.realm.url("/sallyport/authorize?" + error.getValue()));
                assertThat(page.getAttribute("html", "lang")).isEqualTo(language);
                picture(page, error.getKey() + "-" + name);
            }
            Chromium.login(page, scene.request("desktop", Scene.LOOPBACK, "notes:read"), name);
            try (var other = chromium.profile(width, colors, language)) {
                var elsewhere = other.newPage();
                elsewhere.navigate(page.url());
                picture(elsewhere, "wrong-browser-" + name);
            }
            page.route(CONNECT + "**", route -> route.fulfill(ARRIVED));
            connecting(true);
            page.click("button[value=allow]");
            page.waitForURL(CONNECT + "**");
            page.navigate(returnUri(page.url()));
            picture(page, "connect-" + name);
        } finally {
            connecting(false);
        }
    }

    private void connecting(boolean needed) {
        scene.realm.publish(
                needed
                        ? REGISTRY.replaceFirst(
                                "\"connect\": \"none\"", "\"connect\": \"user\", \"connectUrl\": \"" + CONNECT + "\"")
                        : REGISTRY);
    }

    /** Where the proxy would send the browser back to. */
    private static String returnUri(String connect) {
        var payload = connect.substring(connect.indexOf("request=") + 8).split("\\.", -1)[1];
        var claims = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
        return JsonMapper.shared().readTree(claims).path("return_uri").asString();
    }

    private static void picture(Page page, String name) throws IOException {
        Files.createDirectories(PICTURES);
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
        Files.writeString(PICTURES.resolve(name + ".html"), page.content());
        var overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(((Number) overflow).intValue()).as("pixels too wide").isZero();
    }

    private static final String REGISTRY = TestRealm.REGISTRY
            .replace("\"Notes of the team\"", "\"The team's notes: minutes, plans and drafts.\"")
            .replace("List, search and read.", "List, search and open every note that you can see, with its history.")
            .replace("Create and change.", "Create notes and change their text, title and tags.")
            .replace("For good.", "Delete notes for good. There is no bin to take them back from.")
            .replace(
                    "\"list_*\", \"get_*\"",
                    "\"list_notes\", \"get_note\", \"search_notes\", \"get_note_history\", \"list_tags\"")
            .replace("\"create_note\"", "\"create_note\", \"update_note\", \"tag_note\"");
}
