package dev.sallyport.proxy.pages;

import static dev.sallyport.proxy.pages.Browsing.get;
import static dev.sallyport.proxy.pages.Browsing.html;
import static dev.sallyport.proxy.pages.Browsing.location;
import static dev.sallyport.proxy.pages.Browsing.post;
import static dev.sallyport.proxy.pages.Browsing.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The signed request of a consent in progress, at the page to which it leads. */
class ConsentRequestTest {

    private static final URI BACK = URI.create(FakeAccounts.ISSUER + "/back");
    private static final Map<String, String> BROWSER = Map.of(ConnectPage.BROWSER_COOKIE, "browser-1");

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();
    private final MemoryStore store = new MemoryStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, clock.instant()), random);
    private final FakeAccounts accounts = new FakeAccounts();
    private final Login login = new Login(
            accounts, new Sealer(Secret.of("k".repeat(32)), "test", random, clock), random, clock, Browsing.PUBLIC);
    private final ConnectPage page = new ConnectPage(
            login,
            new ConnectPage.Means(
                    accounts, vault, (_, _) -> new Upstreams.Tried.Accepted(), Optional.of(store.area(AreaName.FLOWS))),
            Optional.empty(),
            clock);
    private final ServerSettings server = new ServerSettings(
            "notes",
            "Team notes",
            "",
            ResourceId.of(Browsing.PUBLIC + "/notes/mcp"),
            new UpstreamSettings.Url(URI.create("https://notes.example/mcp")),
            Optional.empty(),
            new CredentialSettings.PerUser(
                    CredentialSettings.Form.API_KEY,
                    List.of(new HeaderTemplate("X-Api-Key", "", "")),
                    "API key",
                    "",
                    CredentialSettings.Binding.USER),
            List.of());

    ConsentRequestTest() {
        accounts.requests.put(
                "signed",
                new Accounts.ConnectRequest("alice", "", "request-1", "notes", ConnectPage.hash("browser-1"), BACK));
    }

    @Test
    void it_is_good_for_one_connection() {
        assertThat(location(entered("canary-1"))).isEqualTo(BACK);

        assertThat(status(entered("canary-2"))).isEqualTo(403);
        assertThat(accounts.told).containsExactly("connected notes alice");
    }

    @Test
    void it_is_still_good_when_nothing_could_be_stored() {
        var form = form();
        store.down(true);
        assertThat(status(posted("canary-1", form))).isEqualTo(503);
        store.down(false);

        assertThat(location(entered("canary-2"))).isEqualTo(BACK);
    }

    private PageAnswer entered(String key) {
        return posted(key, form());
    }

    private PageAnswer posted(String key, String token) {
        return page.answer(
                post("/connect/notes", Map.of("value", key, "request", "signed", "token", token), BROWSER), server);
    }

    private String form() {
        return html(page.answer(get("/connect/notes", Map.of("request", "signed"), BROWSER), server))
                .replaceAll("(?s).*name=\"token\" value=\"([^\"]*)\".*", "$1");
    }
}
