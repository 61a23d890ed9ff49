package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.audit.Decision;
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
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.RecordId;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {

    private static final String HASH_OF_BROWSER_1 = "XibXFGvQ9JyLQKELldzdLV2p34fqFtW8YiTEWgdBk8w";
    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ServerSettings NOTES = new ServerSettings(
            "notes",
            "Team <notes>",
            "Where the team writes things down",
            ResourceId.of("https://mcp.example.com/notes/mcp"),
            new UpstreamSettings.Url(URI.create("http://127.0.0.1:9/mcp")),
            Optional.empty(),
            new CredentialSettings.PerUser(
                    CredentialSettings.Form.API_KEY,
                    List.of(new CredentialSettings.HeaderTemplate("X-Api-Key", "", "")),
                    "API key",
                    "Under Settings, Keys.",
                    CredentialSettings.Binding.USER),
            List.of());

    private static final ServerSettings TOOL = server(
            "tool",
            "A tool",
            new UpstreamSettings.Command(
                    List.of("serve"),
                    UpstreamSettings.Sharing.USER,
                    Optional.empty(),
                    Map.of(),
                    Map.of(),
                    Optional.empty(),
                    UpstreamSettings.ProcessLimits.defaults()),
            NOTES.credential());
    private static final ServerSettings WIKI = brokered("wiki", "Wiki", "corporate");
    private static final ServerSettings FILES = brokered("files", "Files", "corporate");

    private final FakeAccounts accounts = new FakeAccounts();
    private final SecureRandom random = new SecureRandom();
    private Upstreams.Tried verdict = new Upstreams.Tried.Accepted();

    private final Vault vault = Vault.open(new MemoryStore(), KeyRing.fresh(random, Instant.EPOCH), random);
    private final ApprovalDesk desk = new ApprovalDesk(
            new MemoryStore().area(AreaName.APPROVALS),
            new Sealer(Secret.of("a".repeat(32)), "test", random, InstantSource.system()),
            PUBLIC,
            random,
            InstantSource.system());
    private final ChangeDesk changes = new ChangeDesk(
            new ChangeDesk.Means(
                    new MemoryStore().area(AreaName.CHANGES),
                    new Sealer(Secret.of("c".repeat(32)), "test", random, InstantSource.system()),
                    InstantSource.system(),
                    Runnable::run),
            new PinMemory(),
            PUBLIC);
    private final List<Decision> decisions = new ArrayList<>();
    private final Pages pages = pages();

    @Test
    void a_stranger_is_sent_to_sign_in_and_back() {
        var answer = pages.answer(get("/connections", Map.of(), Map.of()));

        assertThat(location(answer))
                .startsWith(FakeAccounts.ISSUER + "/protocol/openid-connect/auth?response_type=code");
        assertThat(answer.cookies())
                .singleElement()
                .asString()
                .startsWith("__Host-sallyport-login=")
                .contains("HttpOnly");
    }

    @Test
    void a_sign_in_that_another_browser_began_signs_nobody_in() {
        var begun = pages.answer(get("/connections", Map.of(), Map.of()));
        var callback = Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER);

        var answer = pages.answer(get("/connections/callback", callback, Map.of()));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        PageAnswer.Html.class, page -> assertThat(page.status()).isEqualTo(400));
        assertThat(accounts.told).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "iss", "code"})
    void a_callback_that_lacks_or_changes_a_part_signs_nobody_in(String part) {
        var begun = pages.answer(get("/connections", Map.of(), Map.of()));
        var callback =
                new HashMap<>(Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER));
        callback.remove(part);

        var answer = pages.answer(get("/connections/callback", callback, cookies(begun)));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        PageAnswer.Html.class, page -> assertThat(page.status()).isEqualTo(400));
        assertThat(accounts.told).isEmpty();
    }

    @Test
    void a_person_connects_an_account_that_the_server_accepts() {
        var session = signIn();

        var answer = pages.answer(post(
                "/connect/notes", Map.of("value", "canary-key", "token", token("/connect/notes", session)), session));

        assertThat(location(answer)).isEqualTo("/connections");
        assertThat(accounts.told).contains("connected notes alice");
        assertThat(vault.show(Vault.userRecord(NOTES.resource(), FakeAccounts.ISSUER, "alice")))
                .isPresent();
        assertThat(html(pages.answer(get("/connections", Map.of(), session))))
                .contains("Connected")
                .doesNotContain("canary-key");
    }

    @Test
    void a_key_that_the_server_refuses_is_not_stored() {
        verdict = new Upstreams.Tried.Rejected();
        var session = signIn();

        var answer = pages.answer(post(
                "/connect/notes", Map.of("value", "canary-key", "token", token("/connect/notes", session)), session));

        assertThat(html(answer)).contains("did not accept").doesNotContain("canary-key");
        assertThat(vault.show(Vault.userRecord(NOTES.resource(), FakeAccounts.ISSUER, "alice")))
                .isEmpty();
    }

    @Test
    void a_form_without_our_token_connects_nothing() {
        var session = signIn();

        var answer = pages.answer(post("/connect/notes", Map.of("value", "canary-key"), session));

        assertThat(html(answer)).contains("Nothing was connected");
        assertThat(accounts.told).doesNotContain("connected notes alice");
    }

    @Test
    void a_form_of_one_person_connects_nothing_for_another() {
        var alices = token("/connect/notes", signIn());
        accounts.subject = "bob";
        var bob = signIn();

        var answer = pages.answer(post("/connect/notes", Map.of("value", "canary-key", "token", alices), bob));

        assertThat(html(answer)).contains("Nothing was connected");
        assertThat(accounts.told).noneMatch(line -> line.startsWith("connected"));
    }

    @Test
    void a_form_posted_from_another_site_connects_nothing() {
        var session = signIn();
        var form = Map.of("value", "canary-key", "token", token("/connect/notes", session));
        var request = new PageRequest(
                "POST",
                "/connect/notes",
                Map.of(),
                form,
                session,
                Optional.of("https://evil.example"),
                Optional.of("cross-site"));

        var answer = pages.answer(request);

        assertThat(html(answer)).contains("Nothing was connected");
    }

    @Test
    void a_consents_link_connects_for_the_browser_it_was_made_for() {
        accounts.requests.put(
                "signed",
                new Accounts.ConnectRequest(
                        "alice",
                        "Alice of Notes",
                        "request-1",
                        "notes",
                        HASH_OF_BROWSER_1,
                        URI.create(FakeAccounts.ISSUER + "/back")));
        var cookies = Map.of("__Host-sallyport-connect", "browser-1");
        var form = html(pages.answer(get("/connect/notes", Map.of("request", "signed"), cookies)));

        var answer = pages.answer(post(
                "/connect/notes",
                Map.of("value", "canary-key", "request", "signed", "token", field(form, "token")),
                cookies));

        assertThat(form).contains("For <strong>Alice of Notes</strong>");
        assertThat(location(answer)).isEqualTo(FakeAccounts.ISSUER + "/back");
        assertThat(accounts.told).containsExactly("connected notes alice");
    }

    @Test
    void a_consents_link_opened_by_somebody_else_connects_nothing() {
        accounts.requests.put(
                "signed",
                new Accounts.ConnectRequest(
                        "mallory", "", "request-2", "notes", "browser-of-mallory", URI.create(FakeAccounts.ISSUER)));

        var noCookie = pages.answer(get("/connect/notes", Map.of("request", "signed"), Map.of()));
        var signedInVictim = pages.answer(get("/connect/notes", Map.of("request", "signed"), signIn()));

        assertThat(html(noCookie)).contains("not for this browser");
        assertThat(html(signedInVictim)).contains("not for this browser");
    }

    @Test
    void names_from_outside_are_text_and_never_markup() {
        accounts.grants.add(new Accounts.Grant(
                "g", "<script>alert(1)</script>\u202e", "notes", List.of("notes:read"), Instant.EPOCH, Instant.EPOCH));

        var page = html(pages.answer(get("/connections", Map.of(), signIn())));

        assertThat(page)
                .doesNotContain("<script")
                .doesNotContain("\u202e")
                .contains("&lt;script&gt;")
                .contains("Team &lt;notes&gt;");
    }

    @Test
    void a_person_removes_an_app() {
        accounts.grants.add(
                new Accounts.Grant("g-1", "An app", "notes", List.of("notes:read"), Instant.EPOCH, Instant.EPOCH));
        var session = signIn();

        pages.answer(post("/connections", Map.of("revoke", "g-1", "token", token("/connections", session)), session));

        assertThat(accounts.told).contains("revoke alice g-1");
    }

    /** A key for a command could never be stored: the page said that the server does not answer. */
    @Test
    void a_key_for_a_command_is_stored_without_a_try_and_the_page_says_so() {
        var session = signIn();
        var form = html(pages.answer(get("/connect/tool", Map.of(), session)));
        var answer = pages.answer(
                post("/connect/tool", Map.of("value", "canary-key", "token", field(form, "token")), session));

        assertThat(form).contains("tried with the first call").doesNotContain("It is tried once");
        assertThat(location(answer)).isEqualTo("/connections");
        assertThat(vault.show(Vault.userRecord(TOOL.resource(), FakeAccounts.ISSUER, "alice")))
                .isPresent();
        assertThat(html(pages.answer(get("/connections", Map.of(), session))))
                .contains("name=\"disconnect\" value=\"tool\"")
                .doesNotContain("name=\"test\" value=\"tool\"", "canary-key");
    }

    @Test
    void what_a_sign_in_brought_is_disconnected_for_every_server_that_uses_it_and_no_other() {
        accounts.brokered.put("corporate alice", new Accounts.Brokered(true, true, "alice@corp"));
        var ended = new ArrayList<RecordId>();
        vault.onEnd(ended::add);
        var session = signIn();
        var before = html(pages.answer(get("/connections", Map.of(), session)));
        var answer = pages.answer(
                post("/connections", Map.of("disconnect", "wiki", "token", field(before, "token")), session));

        assertThat(before)
                .contains("alice@corp", "by your sign-in through Corp &amp; Co")
                .contains(
                        "Disconnect forgets the access that this sign-in brought, also for Files. The service is not told");
        assertThat(location(answer)).isEqualTo("/connections?done=unsigned&server=wiki");
        assertThat(accounts.told).contains("forget corporate of alice");
        assertThat(ended).extracting(RecordId::resource).containsExactly(WIKI.resource(), FILES.resource());
        assertThat(ended).extracting(RecordId::subject).containsOnly("alice");
        assertThat(html(pages.answer(get("/connections", Map.of("done", "unsigned", "server", "wiki"), session))))
                .contains("<strong>Wiki</strong>: ", "Your next sign-in through it brings a new one.")
                .doesNotContain("alice@corp");
    }

    private static ServerSettings brokered(String name, String title, String provider) {
        var broker = new CredentialSettings.KeycloakBroker(provider, "Corp & Co", List.of(), "");
        return server(name, title, NOTES.upstream(), broker);
    }

    private static ServerSettings server(
            String name, String title, UpstreamSettings upstream, CredentialSettings credential) {
        var resource = ResourceId.of(PUBLIC + "/" + name + "/mcp");
        return new ServerSettings(name, title, "", resource, upstream, Optional.empty(), credential, List.of());
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
                List.of(NOTES, TOOL, WIKI, FILES, brokered("mail", "Mail", "another")));
        return Pages.of(
                () -> settings,
                new Pages.Parts(
                        accounts,
                        Optional.of(vault),
                        (server, connection) ->
                                server.equals(TOOL) ? new HttpUpstreams().tryOut(server, connection) : verdict,
                        Secret.of("k".repeat(32)),
                        new Pages.Decisions(desk, changes, decisions::add),
                        Optional.empty()),
                random,
                InstantSource.system());
    }

    private Map<String, String> signIn() {
        var begun = pages.answer(get("/connections", Map.of(), Map.of()));
        accounts.nonce = parameter(begun, "nonce");
        var callback = Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER);
        return cookies(pages.answer(get("/connections/callback", callback, cookies(begun))));
    }

    private String token(String path, Map<String, String> session) {
        return field(html(pages.answer(get(path, Map.of(), session))), "token");
    }

    private static PageRequest get(String path, Map<String, String> query, Map<String, String> cookies) {
        return new PageRequest("GET", path, query, Map.of(), cookies, Optional.empty(), Optional.empty());
    }

    private static PageRequest post(String path, Map<String, String> form, Map<String, String> cookies) {
        return new PageRequest(
                "POST", path, Map.of(), form, cookies, Optional.of(PUBLIC.toString()), Optional.of("same-origin"));
    }

    private static String html(PageAnswer answer) {
        return ((PageAnswer.Html) answer).body();
    }

    private static String location(PageAnswer answer) {
        return ((PageAnswer.SeeOther) answer).location().toString();
    }

    private static String field(String html, String name) {
        var matcher =
                Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(html);
        assertThat(matcher.find()).as(html).isTrue();
        return matcher.group(1);
    }

    private static String parameter(PageAnswer answer, String name) {
        var matcher = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(location(answer));
        assertThat(matcher.find()).isTrue();
        return URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
    }

    private static Map<String, String> cookies(PageAnswer answer) {
        var cookies = new HashMap<String, String>();
        for (var cookie : answer.cookies()) {
            var pair = cookie.substring(0, cookie.indexOf(';'));
            var value = pair.substring(pair.indexOf('=') + 1);
            if (!value.isEmpty()) {
                cookies.put(pair.substring(0, pair.indexOf('=')), value);
            }
        }
        return cookies;
    }
}
