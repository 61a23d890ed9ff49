package dev.sallyport.suites.consent;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real browser; each profile is another person's, with cookies of its own. */
final class Chromium implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static Chromium start() {
        var playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var path = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        return new Chromium(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(Path.of(path))
                                .setArgs(FLAGS)));
    }

    BrowserContext profile(int width, ColorScheme scheme, String language) {
        return profile(new Browser.NewContextOptions()
                .setLocale(language)
                .setViewportSize(width, width < 600 ? 844 : 900)
                .setDeviceScaleFactor(1)
                .setColorScheme(scheme));
    }

    BrowserContext profile() {
        return profile(new Browser.NewContextOptions());
    }

    BrowserContext withoutScript() {
        return profile(new Browser.NewContextOptions().setJavaScriptEnabled(false));
    }

    private BrowserContext profile(Browser.NewContextOptions options) {
        var profile = browser.newContext(options);
        profile.setDefaultTimeout(20_000);
        return profile;
    }

    static void login(Page page, String request) {
        login(page, request, TestRealm.USER);
    }

    static void login(Page page, String request, String username) {
        page.navigate(request);
        if (page.locator("input[name=password]").count() > 0) {
            page.fill("input[name=username]", username);
            page.fill("input[name=password]", username);
            page.click("[type=submit]");
        }
    }

    /** What the page makes the browser complain about, such as anything that its policy forbids. */
    static List<String> complaints(Page page) {
        var complaints = new ArrayList<String>();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        return complaints;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
