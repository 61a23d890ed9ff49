package dev.sallyport.proxy.pages;

import static dev.sallyport.proxy.pages.Browsing.PUBLIC;
import static dev.sallyport.proxy.pages.Browsing.get;
import static dev.sallyport.proxy.pages.Browsing.html;
import static dev.sallyport.proxy.pages.Browsing.location;
import static dev.sallyport.proxy.pages.Browsing.parameter;
import static dev.sallyport.proxy.pages.Browsing.post;
import static dev.sallyport.proxy.pages.Browsing.status;
import static dev.sallyport.proxy.pages.Browsing.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.identity.AssertionKeys;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.PinMemory;
import dev.sallyport.proxy.provider.FakeProvider;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.AuditSettings;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Account linking at a provider, and every way in which somebody could link the wrong account. */
class ConnectAtProviderTest {

    private final FakeProvider provider = FakeProvider.start();
    private final FakeAccounts accounts = new FakeAccounts();
    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
    private Upstreams.Tried verdict = new Upstreams.Tried.Accepted();
    private final ChangeDesk changes = new ChangeDesk(
            new ChangeDesk.Means(
                    new MemoryStore().area(AreaName.CHANGES),
                    new Sealer(Secret.of("c".repeat(32)), "test", random, InstantSource.system()),
                    InstantSource.system(),
                    Runnable::run),
            new PinMemory(),
            PUBLIC);
    private final Pages pages = pages();

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void a_person_connects_an_account_at_the_provider() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);

        var answer = back("notes", provider.agree(location(begun), "alice@service"), with(alice, begun));

        assertThat(location(answer)).hasToString("/connections");
        assertThat(connected("notes", "alice")).isTrue();
        assertThat(accounts.told).contains("connected notes alice");
        assertThat(html(pages.answer(get("/connections", Map.of(), alice))))
                .contains("Connected")
                .doesNotContain("access-of")
                .doesNotContain("refresh-of");
    }

    @Test
    void the_provider_is_asked_with_pkce_state_and_resource() {
        var location = location(begin("notes", signIn("alice"))).toString();

        assertThat(location)
                .contains("code_challenge_method=S256")
                .contains("&state=")
                .contains("resource=")
                .contains("scope=read")
                .contains("client_id=client-of-ours");
    }

    @Test
    void looking_at_the_page_begins_nothing_and_says_where_it_leads() {
        var answer = pages.answer(get("/connect/notes", Map.of(), signIn("alice")));

        assertThat(html(answer))
                .contains("You go on to <strong>" + provider.mcp().getAuthority() + "</strong>");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void a_provider_that_cannot_be_found_is_not_named_and_the_page_says_why() {
        provider.close();

        var page = html(pages.answer(get("/connect/notes", Map.of(), signIn("alice"))));

        assertThat(page)
                .contains(
                        "Connect Team notes",
                        "does not answer right now, so it cannot be said where you would sign in.")
                .doesNotContain("You go on to");
    }

    /** The attacker agrees with an account of theirs, and gets the victim to open the way back. */
    @Test
    void an_answer_that_a_victim_is_made_to_open_connects_the_attackers_account_to_nobody() {
        var mallory = signIn("mallory");
        var answerOfMallory = provider.agree(location(begin("notes", mallory)), "mallory@service");
        var alice = signIn("alice");

        var answer = back("notes", answerOfMallory, alice);

        assertThat(status(answer)).isEqualTo(403);
        assertThat(connected("notes", "alice")).isFalse();
        assertThat(connected("notes", "mallory")).isFalse();
        assertThat(provider.requests()).doesNotContain("authorization_code");
    }

    /** The attacker begins, and gets the victim to agree with theirs: the answer reaches the victim's browser. */
    @Test
    void an_account_that_a_victim_agrees_with_for_an_attacker_is_not_the_attackers() {
        var begun = begin("notes", signIn("mallory"));
        var answerOfAlice = provider.agree(location(begun), "alice@service");

        assertThat(status(back("notes", answerOfAlice, Map.of()))).isEqualTo(403);
        assertThat(status(back("notes", answerOfAlice, with(signIn("alice"), begin("notes", signIn("alice"))))))
                .isEqualTo(403);
        assertThat(connected("notes", "mallory")).isFalse();
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void an_answer_for_one_person_does_not_count_when_another_is_signed_in() {
        var begun = begin("notes", signIn("alice"));
        var answer = provider.agree(location(begun), "alice@service");

        assertThat(status(back("notes", answer, with(signIn("bob"), begun)))).isEqualTo(403);
        assertThat(connected("notes", "alice")).isFalse();
        assertThat(connected("notes", "bob")).isFalse();
    }

    @Test
    void an_answer_counts_once() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        var answer = provider.agree(location(begun), "alice@service");
        back("notes", answer, with(alice, begun));
        var redeemed = provider.requests().size();

        assertThat(status(back("notes", answer, with(alice, begun)))).isEqualTo(403);
        assertThat(provider.requests()).hasSize(redeemed);
    }

    @Test
    void an_answer_for_one_server_does_not_count_at_another() {
        var alice = signIn("alice");
        var notes = begin("notes", alice);
        var wiki = begin("wiki", alice);
        var cookies = with(with(alice, notes), wiki);

        assertThat(status(back("wiki", provider.agree(location(notes), "alice@service"), cookies)))
                .isEqualTo(403);
        var cookie = notes.cookies().getFirst();
        var moved = new HashMap<>(alice);
        moved.put("__Host-sallyport-link-wiki", cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';')));
        assertThat(status(back("wiki", provider.agree(location(notes), "alice@service"), moved)))
                .isEqualTo(403);
        assertThat(connected("wiki", "alice")).isFalse();
    }

    @Test
    void an_answer_of_another_provider_is_not_taken_to_this_one() {
        for (var iss : List.of("https://evil.example", "")) {
            var alice = signIn("alice");
            var begun = begin("notes", alice);
            var answer = new HashMap<>(provider.agree(location(begun), "alice@service"));
            answer.remove("iss");
            if (!iss.isEmpty()) {
                answer.put("iss", iss);
            }

            assertThat(status(back("notes", answer, with(alice, begun)))).isEqualTo(400);
        }
        assertThat(provider.requests()).doesNotContain("authorization_code");
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void a_forged_answer_connects_nothing() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        var forged = Map.of("code", "guessed", "state", "guessed", "iss", provider.issuer());

        assertThat(status(back("notes", forged, with(alice, begun)))).isEqualTo(403);
        var guessed = new HashMap<>(provider.agree(location(begun), "alice@service"));
        guessed.put("code", "guessed");
        assertThat(status(back("notes", guessed, with(alice, begun)))).isEqualTo(400);
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void a_code_of_another_transaction_does_not_pass_pkce() {
        var mallory = begin("notes", signIn("mallory"));
        var stolen = provider.agree(location(mallory), "alice@service");
        var own = signIn("mallory");
        var begun = begin("notes", own);
        var injected = new HashMap<>(provider.agree(location(begun), "mallory@service"));
        injected.put("code", stolen.getOrDefault("code", ""));

        assertThat(status(back("notes", injected, with(own, begun)))).isEqualTo(400);
        assertThat(connected("notes", "mallory")).isFalse();
    }

    @Test
    void who_declines_at_the_provider_reads_so_and_nothing_the_provider_sent() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        var state = provider.agree(location(begun), "x").getOrDefault("state", "");
        var answer = back(
                "notes",
                Map.of(
                        "error",
                        "access_denied",
                        "error_description",
                        "<script>canary</script>",
                        "state",
                        state,
                        "iss",
                        provider.issuer()),
                with(alice, begun));

        assertThat(html(answer)).contains("You did not agree").doesNotContain("canary");
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void an_account_that_the_server_refuses_is_not_stored() {
        verdict = new Upstreams.Tried.Rejected();
        var alice = signIn("alice");
        var begun = begin("notes", alice);

        var answer = back("notes", provider.agree(location(begun), "alice@service"), with(alice, begun));

        assertThat(html(answer)).contains("did not accept");
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void disconnecting_revokes_at_the_provider() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        back("notes", provider.agree(location(begun), "alice"), with(alice, begun));

        pages.answer(post("/connections", Map.of("disconnect", "notes", "token", token("/connections", alice)), alice));

        assertThat(provider.revoked()).anyMatch(token -> token.startsWith("refresh-of-alice"));
        assertThat(connected("notes", "alice")).isFalse();
        assertThat(accounts.told).contains("disconnected notes alice");
    }

    @Test
    void when_the_provider_does_not_revoke_ours_is_gone_and_the_person_knows() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        back("notes", provider.agree(location(begun), "alice"), with(alice, begun));
        provider.down(true);

        var answer = pages.answer(
                post("/connections", Map.of("disconnect", "notes", "token", token("/connections", alice)), alice));

        assertThat(location(answer)).hasToString("/connections?done=forgotten&server=notes");
        assertThat(connected("notes", "alice")).isFalse();
    }

    @Test
    void a_person_tries_a_connection() {
        var alice = signIn("alice");
        var begun = begin("notes", alice);
        back("notes", provider.agree(location(begun), "alice"), with(alice, begun));

        var answer = pages.answer(
                post("/connections", Map.of("test", "notes", "token", token("/connections", alice)), alice));

        assertThat(location(answer)).hasToString("/connections?done=works&server=notes");
    }

    @Test
    void our_client_metadata_document_names_itself_and_the_way_back() {
        var answer = pages.answer(get("/connect/notes/client-metadata", Map.of(), Map.of()));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        PageAnswer.Json.class,
                        json -> assertThat(json.body())
                                .contains("\"client_id\":\"https://mcp.example.com/connect/notes/client-metadata\"")
                                .contains("https://mcp.example.com/connect/notes/callback"));
    }

    private ServerSettings server(String name) {
        return new ServerSettings(
                name,
                "Team " + name,
                "",
                ResourceId.of(PUBLIC + "/" + name + "/mcp"),
                new UpstreamSettings.Url(provider.mcp()),
                Optional.empty(),
                new CredentialSettings.OAuth2(
                        new CredentialSettings.OAuthSettings(
                                new CredentialSettings.Source.McpServer(),
                                new CredentialSettings.Client.Own(CredentialSettings.Way.AUTOMATIC),
                                List.of("read"),
                                Optional.empty(),
                                Map.of()),
                        List.of(new CredentialSettings.HeaderTemplate("Authorization", "Bearer ", "")),
                        ""),
                List.of());
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
                List.of(server("notes"), server("wiki")));
        var clock = InstantSource.system();
        var leases = new Leases(store, random, System::nanoTime);
        var providers = Providers.of(new Providers.Means(vault, leases, new Secrets(Map.of()), PUBLIC), random, clock);
        var desk = new ApprovalDesk(
                store.area(AreaName.APPROVALS),
                new Sealer(Secret.of("a".repeat(32)), "test", random, clock),
                PUBLIC,
                random,
                clock);
        return Pages.of(
                () -> settings,
                new Pages.Parts(
                        accounts,
                        Optional.of(vault),
                        (_, _) -> verdict,
                        Secret.of("k".repeat(32)),
                        new Pages.Decisions(desk, changes, _ -> {}),
                        Optional.of(new Pages.Linking(
                                providers,
                                store.area(AreaName.FLOWS),
                                new AssertionKeys(vault, leases, random, clock)))),
                random,
                clock);
    }

    private boolean connected(String server, String person) {
        return vault.show(Vault.userRecord(server(server).resource(), FakeAccounts.ISSUER, person))
                .isPresent();
    }

    private Map<String, String> signIn(String person) {
        accounts.subject = person;
        var begun = pages.answer(get("/connections", Map.of(), Map.of()));
        accounts.nonce = parameter(begun, "nonce");
        var callback = Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER);
        return with(Map.of(), pages.answer(get("/connections/callback", callback, with(Map.of(), begun))));
    }

    private PageAnswer begin(String server, Map<String, String> session) {
        return pages.answer(post("/connect/" + server, Map.of("token", token("/connect/" + server, session)), session));
    }

    private PageAnswer back(String server, Map<String, String> answer, Map<String, String> cookies) {
        return pages.answer(get("/connect/" + server + "/callback", answer, cookies));
    }

    private String token(String path, Map<String, String> session) {
        var matcher = Pattern.compile("name=\"token\" value=\"([^\"]*)\"")
                .matcher(html(pages.answer(get(path, Map.of(), session))));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
