package dev.sallyport.suites.journey;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A headless Chromium. Each {@link #person} is a profile of its own: other cookies, another session. */
public final class Browser implements AutoCloseable {

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
    private final com.microsoft.playwright.Browser chromium;

    private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium) {
        this.playwright = playwright;
        this.chromium = chromium;
    }

    public static Browser start() {
        var playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var path = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        return new Browser(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(Path.of(path))
                                .setArgs(FLAGS)));
    }

    public Person person(String username, String password) {
        return new Person(chromium.newContext(), username, password);
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }

    /** Someone with a profile of this browser and an account. */
    public static final class Person implements AutoCloseable {

        private final BrowserContext profile;
        private final String username;
        private final String password;

        private Person(BrowserContext profile, String username, String password) {
            this.profile = profile;
            this.username = username;
            this.password = password;
        }

        /** Follows a URL without logging in. */
        public Page open(URI url) {
            var page = profile.newPage();
            page.setDefaultTimeout(30_000);
            page.navigate(url.toString());
            return page;
        }

        /** Follows a URL; logs in when asked; ends wherever that leads. */
        public Page visit(URI url) {
            var page = open(url);
            login(page);
            return page;
        }

        /** Fills in the login form, if this is one. */
        public void login(Page page) {
            page.waitForLoadState();
            if (page.locator("input[name=password]").count() > 0) {
                page.fill("input[name=username]", username);
                page.fill("input[name=password]", password);
                page.click("[type=submit]");
                page.waitForLoadState();
            }
        }

        /** Follows a client's authorization URL to the consent page. */
        public Consent consent(URI authorizationUrl) {
            return Consent.on(visit(authorizationUrl));
        }

        public String username() {
            return username;
        }

        @Override
        public void close() {
            profile.close();
        }
    }
}
