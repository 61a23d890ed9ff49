package dev.sallyport.suites.consent;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages in light and dark, on a phone and on a desk; pictures are left in {@code target/screenshots}. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LooksTest {
    private static final Path PICTURES = Path.of("target", "screenshots");

    private static final String VERIFIED = "https://assistant.example/oauth/client.json";

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
        try (var profile = chromium.profile(width, ColorScheme.valueOf(scheme.toUpperCase(Locale.ROOT)))) {
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

            assertThat(complaints).isEmpty();
        }
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
