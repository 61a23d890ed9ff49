package dev.sallyport.suites.journey;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.List;

/** The consent page, as a person uses it. */
public final class Consent {

    private static final String BOX = "input[type=checkbox][name=scope]";

    private final Page page;

    private Consent(Page page) {
        this.page = page;
    }

    /** Any other page than the consent page fails the test. */
    static Consent on(Page page) {
        page.waitForLoadState();
        if (page.locator("button[name=decision][value=allow]").count() == 0) {
            throw new AssertionError("no consent page at " + page.url() + ":\n" + page.innerText("body"));
        }
        return new Consent(page);
    }

    /** The page's words. */
    public String words() {
        return page.innerText("body");
    }

    /** The permission sets that can be ticked. */
    public List<String> offered() {
        return values(page.locator(BOX));
    }

    public List<String> ticked() {
        return values(page.locator(BOX + ":checked"));
    }

    public Consent tick(String scope) {
        box(scope).check();
        return this;
    }

    public Consent untick(String scope) {
        box(scope).uncheck();
        return this;
    }

    /** Allows what is ticked; gives the URL at which the browser ends. */
    public URI allow() {
        return decide("allow");
    }

    public URI deny() {
        return decide("deny");
    }

    public Page page() {
        return page;
    }

    private URI decide(String decision) {
        page.click("button[name=decision][value=" + decision + "]");
        page.waitForLoadState();
        var url = URI.create(page.url());
        page.close();
        return url;
    }

    private Locator box(String scope) {
        return page.locator(BOX + "[value='" + scope + "']");
    }

    private static List<String> values(Locator boxes) {
        return boxes.all().stream().map(box -> box.getAttribute("value")).toList();
    }
}
