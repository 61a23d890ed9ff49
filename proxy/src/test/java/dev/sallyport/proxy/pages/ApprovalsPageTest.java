package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.approval.ApprovalDesk;
import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.audit.AuditLog;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.AskedCall;
import dev.sallyport.proxy.permission.PinMemory;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.AuditSettings;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ApprovalsPageTest {

    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final ServerSettings SERVER = new ServerSettings(
            "notes",
            "Team <notes>",
            "",
            NOTES,
            new dev.sallyport.proxy.settings.UpstreamSettings.Url(URI.create("http://127.0.0.1:9/mcp")),
            Optional.empty(),
            new CredentialSettings.None(),
            List.of());

    private final FakeAccounts accounts = new FakeAccounts();
    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore();
    private final ApprovalDesk desk = new ApprovalDesk(
            store.area(AreaName.APPROVALS),
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
    private AuditLog audit = decisions::add;
    private final Pages pages = pages();

    @Test
    void a_person_sees_exactly_what_is_sent_and_approves_it_once() {
        accounts.grants.add(new Accounts.Grant(
                "4b1f7f0e-0000-4000-8000-000000000001",
                "Claude <b>",
                "notes",
                List.of("notes:delete"),
                Instant.EPOCH,
                Instant.EPOCH));
        var path = asked("alice", "{\"name\":\"delete_note\",\"arguments\":{\"id\":\"<script>\\u202e\"}}");
        var alice = signIn("alice");

        var page = html(pages.answer(get(path, alice)), 200);
        assertThat(page)
                .contains("Claude &lt;b&gt;")
                .contains("the tool &quot;delete_note&quot;")
                .contains("Team &lt;notes&gt;")
                .contains("&lt;script&gt;<span class=\"odd\">U+202E</span>")
                .contains("One character")
                .doesNotContain("<script");

        var answer = pages.answer(post(path, page, "approve", alice));

        assertThat(answer).isInstanceOf(PageAnswer.SeeOther.class);
        assertThat(html(pages.answer(get(path, alice)), 200)).contains("Approved");
        assertThat(decisions).singleElement().satisfies(decision -> {
            assertThat(decision.outcome()).isEqualTo(Decision.Outcome.ALLOWED);
            assertThat(decision.who().subject()).contains("alice");
            assertThat(decision.approval()).contains(path.substring("/approvals/".length()));
        });
        assertThat(html(pages.answer(post(path, page, "approve", alice)), 404)).contains("nothing to decide");
    }

    @Test
    void a_person_declines() {
        var path = asked("alice", "{}");
        var alice = signIn("alice");

        pages.answer(post(path, html(pages.answer(get(path, alice)), 200), "decline", alice));

        assertThat(html(pages.answer(get(path, alice)), 200)).contains("Declined");
        assertThat(decisions).extracting(Decision::outcome).containsExactly(Decision.Outcome.REFUSED);
    }

    @Test
    void somebody_elses_link_says_the_same_as_one_that_was_made_up() {
        var path = asked("alice", "{\"name\":\"canary\"}");
        var mallory = signIn("mallory");

        var foreign = html(pages.answer(get(path, mallory)), 404);

        assertThat(foreign).doesNotContain("canary");
        assertThat(html(pages.answer(get("/approvals/" + "0".repeat(32) + "." + "0".repeat(24), mallory)), 404))
                .isEqualTo(foreign);
        assertThat(html(pages.answer(get("/approvals/x", mallory)), 404)).isEqualTo(foreign);
        assertThat(html(pages.answer(get("/approvals", mallory)), 200)).contains("Nothing waits for you");
    }

    @Test
    void somebody_else_cannot_decide_even_with_the_form_of_the_person() {
        var path = asked("alice", "{}");
        var form = html(pages.answer(get(path, signIn("alice"))), 200);

        assertThat(html(pages.answer(post(path, form, "approve", signIn("mallory"))), 404))
                .contains("nothing to decide");
        assertThat(decisions).isEmpty();
    }

    @Test
    void a_form_of_another_page_or_origin_approves_nothing() {
        var path = asked("alice", "{\"a\":1}");
        var other = asked("alice", "{\"a\":2}");
        var alice = signIn("alice");
        var form = html(pages.answer(get(other, alice)), 200);
        var own = html(pages.answer(get(path, alice)), 200);

        html(pages.answer(post(path, form, "approve", alice)), 403);
        html(pages.answer(post(path, own, "whatever", alice)), 403);
        html(
                pages.answer(new PageRequest(
                        "POST",
                        path,
                        Map.of(),
                        Map.of("token", field(own), "decision", "approve"),
                        alice,
                        Optional.of("https://evil.example"),
                        Optional.of("cross-site"))),
                403);

        assertThat(decisions).isEmpty();
        assertThat(html(pages.answer(get(path, alice)), 200)).contains("Approve this call?");
    }

    @Test
    void a_stranger_signs_in_and_comes_back() {
        var path = asked("alice", "{}");

        var answer = pages.answer(get(path, Map.of()));

        assertThat(location(answer)).startsWith(FakeAccounts.ISSUER + "/protocol/openid-connect/auth");
    }

    @Test
    void the_list_shows_what_waits() {
        asked("alice", "{\"a\":1}");
        asked("alice", "{\"a\":2}");
        asked("mallory", "{\"a\":3}");

        assertThat(html(pages.answer(get("/approvals", signIn("alice"))), 200).split("Look at it", -1))
                .hasSize(3);
    }

    @Test
    void a_decision_that_cannot_be_recorded_does_not_count() {
        var path = asked("alice", "{}");
        var alice = signIn("alice");
        var form = html(pages.answer(get(path, alice)), 200);
        audit = _ -> {
            throw new Refused(new Refusal.Unavailable("audit"));
        };

        html(pages.answer(post(path, form, "approve", alice)), 503);

        assertThat(html(pages.answer(get(path, alice)), 200)).contains("Approve this call?");
    }

    @Test
    void without_the_store_it_says_so() {
        var path = asked("alice", "{}");
        var alice = signIn("alice");
        store.down(true);

        html(pages.answer(get(path, alice)), 503);
    }

    private String asked(String subject, String params) {
        var url = new AtomicReference<String>();
        var call = new AskedCall(
                TokenFixture.tokenOf(NOTES, FakeAccounts.ISSUER, subject),
                SERVER,
                "the tool \"delete_note\"",
                "tools/call",
                params,
                params);
        assertThatThrownBy(() -> desk.spend(call))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> url.set(((Refusal.ApprovalRequired) refused.refusal()).url()));
        return URI.create(url.get()).getPath();
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
                List.of(SERVER));
        return Pages.of(
                () -> settings,
                new Pages.Parts(
                        accounts,
                        Optional.empty(),
                        (_, _) -> new Upstreams.Tried.Accepted(),
                        Secret.of("k".repeat(32)),
                        new Pages.Decisions(desk, changes, decision -> audit.record(decision)),
                        Optional.empty()),
                random,
                InstantSource.system());
    }

    private Map<String, String> signIn(String subject) {
        accounts.subject = subject;
        var begun = pages.answer(get("/connections", Map.of()));
        accounts.nonce = parameter(begun, "nonce");
        var callback = new PageRequest(
                "GET",
                "/connections/callback",
                Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER),
                Map.of(),
                cookies(begun),
                Optional.empty(),
                Optional.empty());
        return cookies(pages.answer(callback));
    }

    private static PageRequest get(String path, Map<String, String> cookies) {
        return new PageRequest("GET", path, Map.of(), Map.of(), cookies, Optional.empty(), Optional.empty());
    }

    private static PageRequest post(String path, String form, String decision, Map<String, String> cookies) {
        return new PageRequest(
                "POST",
                path,
                Map.of(),
                Map.of("token", field(form), "decision", decision),
                cookies,
                Optional.of(PUBLIC.toString()),
                Optional.of("same-origin"));
    }

    private static String html(PageAnswer answer, int status) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        PageAnswer.Html.class, page -> assertThat(page.status()).isEqualTo(status));
        return ((PageAnswer.Html) answer).body();
    }

    private static String location(PageAnswer answer) {
        return ((PageAnswer.SeeOther) answer).location().toString();
    }

    private static String field(String html) {
        var matcher = Pattern.compile("name=\"token\" value=\"([^\"]*)\"").matcher(html);
        assertThat(matcher.find()).as(html).isTrue();
        return matcher.group(1);
    }

    private static String parameter(PageAnswer answer, String name) {
        var matcher = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(location(answer));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
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
