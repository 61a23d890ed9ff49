package dev.sallyport.proxy.pages;

import static dev.sallyport.proxy.pages.Browsing.PUBLIC;
import static dev.sallyport.proxy.pages.Browsing.get;
import static dev.sallyport.proxy.pages.Browsing.html;
import static dev.sallyport.proxy.pages.Browsing.parameter;
import static dev.sallyport.proxy.pages.Browsing.post;
import static dev.sallyport.proxy.pages.Browsing.status;
import static dev.sallyport.proxy.pages.Browsing.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.PinMemory;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.AuditSettings;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.FailingStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages while the store fails, at each use that a page makes of it. */
class PagesOutageTest {

    private static final ServerSettings NOTES = new ServerSettings(
            "notes",
            "Notes",
            "",
            ResourceId.of("https://mcp.example.com/notes/mcp"),
            new UpstreamSettings.Url(URI.create("http://127.0.0.1:9/mcp")),
            Optional.empty(),
            new CredentialSettings.PerUser(
                    CredentialSettings.Form.API_KEY,
                    List.of(new CredentialSettings.HeaderTemplate("X-Api-Key", "", "")),
                    "API key",
                    "",
                    CredentialSettings.Binding.USER),
            List.of());

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();
    private final FakeAccounts accounts = new FakeAccounts();
    private final FailingStore store = new FailingStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
    private final Pages pages = pages();
    private final Map<String, String> session = signIn();

    @ParameterizedTest
    @ValueSource(strings = {"/connections", "/approvals", "/connect/notes"})
    void a_page_that_cannot_be_read_says_so(String path) {
        var uses = 1;
        for (; uses < 50; uses++) {
            store.failFrom(uses);
            var answer = pages.answer(get(path, Map.of(), session));
            if (store.uses() < uses) {
                assertThat(status(answer)).isEqualTo(200);
                return;
            }
            assertThat(status(answer)).as("use " + uses).isIn(200, 503);
            if (status(answer) == 503) {
                assertThat(html(answer)).contains("right now").doesNotContain("The store is down");
            }
        }
        assertThat(uses).isLessThan(50);
    }

    @Test
    void connecting_and_disconnecting_change_nothing_when_they_cannot_be_kept() {
        var connect = Map.of("value", "canary", "token", token("/connect/notes"));
        store.failFrom(1);

        assertThat(status(pages.answer(post("/connect/notes", connect, session))))
                .isEqualTo(503);
        store.recover();
        assertThat(vault.show(record())).isEmpty();
        assertThat(accounts.told).noneMatch(line -> line.startsWith("connected"));

        pages.answer(post("/connect/notes", connect, session));
        assertThat(vault.show(record())).isPresent();
        var disconnect = Map.of("disconnect", "notes", "token", token("/connections"));
        store.failFrom(1);

        var answer = pages.answer(post("/connections", disconnect, session));

        store.recover();
        assertThat(status(answer)).isEqualTo(503);
        assertThat(vault.show(record())).isPresent();
        assertThat(accounts.told).noneMatch(line -> line.startsWith("disconnected"));
    }

    private static dev.sallyport.proxy.vault.RecordId record() {
        return Vault.userRecord(NOTES.resource(), FakeAccounts.ISSUER, "alice");
    }

    private Map<String, String> signIn() {
        var begun = pages.answer(get("/connections", Map.of(), Map.of()));
        accounts.nonce = parameter(begun, "nonce");
        var callback = Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER);
        return with(Map.of(), pages.answer(get("/connections/callback", callback, with(Map.of(), begun))));
    }

    private String token(String path) {
        var matcher = Pattern.compile("name=\"token\" value=\"([^\"]*)\"")
                .matcher(html(pages.answer(get(path, Map.of(), session))));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private Pages pages() {
        var settings = new Settings(
                PUBLIC,
                new Settings.Listen("127.0.0.1", 0, Optional.empty(), List.of()),
                new Settings.Management("127.0.0.1", 0),
                Optional.empty(),
                Limits.defaults(),
                Path.of("state"),
                new StoreSettings.Embedded(),
                new AuditSettings(Optional.empty(), false, false),
                List.of(NOTES));
        var desk = new ApprovalDesk(
                store.area(AreaName.APPROVALS),
                new Sealer(Secret.of("a".repeat(32)), "test", random, clock),
                PUBLIC,
                random,
                clock);
        var changes = new ChangeDesk(
                new ChangeDesk.Means(
                        store.area(AreaName.CHANGES),
                        new Sealer(Secret.of("c".repeat(32)), "test", random, clock),
                        clock,
                        Runnable::run),
                new PinMemory(),
                PUBLIC);
        return Pages.of(
                () -> settings,
                new Pages.Parts(
                        accounts,
                        Optional.of(vault),
                        (_, _) -> new Upstreams.Tried.Accepted(),
                        Secret.of("k".repeat(32)),
                        new Pages.Decisions(desk, changes, _ -> {}),
                        Optional.empty()),
                random,
                clock);
    }
}
