package dev.sallyport.proxy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.approval.ChangeDesk;
import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.ChangedTools.Change;
import dev.sallyport.proxy.permission.PinMemory;
import dev.sallyport.proxy.permission.ToolPins;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.store.AreaName;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ChangesPageTest {

    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final ToolPins.Key KEY = new ToolPins.Key("notes", "grant", "get_note");
    private static final ToolPins.Pin BEFORE = new ToolPins.Pin("a".repeat(32), true, false);
    private static final ToolPins.Pin NOW = new ToolPins.Pin("b".repeat(32), false, true);
    private static final List<ServerSettings> SERVERS = List.of(new ServerSettings(
            "notes",
            "Team <notes>",
            "",
            NOTES,
            new dev.sallyport.proxy.settings.UpstreamSettings.Url(URI.create("http://127.0.0.1:9/mcp")),
            Optional.empty(),
            new CredentialSettings.None(),
            List.of()));

    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore();
    private final PinMemory pins = new PinMemory();
    private final ChangeDesk desk = new ChangeDesk(
            new ChangeDesk.Means(
                    store.area(AreaName.CHANGES),
                    new Sealer(Secret.of("c".repeat(32)), "test", random, InstantSource.system()),
                    InstantSource.system(),
                    Runnable::run),
            pins,
            PUBLIC);
    private final List<Decision> decisions = new ArrayList<>();
    private final Sealer cookies = new Sealer(Secret.of("k".repeat(32)), "test", random, InstantSource.system());
    private final ChangesPage page = new ChangesPage(
            new Login(new FakeAccounts(), cookies, random, InstantSource.system(), PUBLIC),
            desk,
            decisions::add,
            InstantSource.system());

    @Test
    void a_person_sees_the_difference_and_accepts_it() {
        pins.first(KEY, BEFORE);
        var path = changed(true);

        var shown = html(get(path, "alice"), 200);

        assertThat(shown)
                .contains("Team &lt;notes&gt;")
                .contains("It could only read; now it can change things.")
                .contains("It says now that it may destroy things.")
                .contains("<del>- ")
                .contains("Reads a note")
                .contains("<ins>+ ")
                .contains("<span class=\"odd\">U+200B</span>&lt;b&gt;")
                .doesNotContain("<b>");
        assertThat(pins.first(KEY, BEFORE)).isEqualTo(BEFORE);

        assertThat(post(path, shown, "alice")).isInstanceOf(PageAnswer.SeeOther.class);

        assertThat(pins.first(KEY, BEFORE)).isEqualTo(NOW);
        assertThat(decisions).singleElement().satisfies(decision -> {
            assertThat(decision.method()).contains("tool change");
            assertThat(decision.target()).contains("get_note");
            assertThat(decision.who().subject()).contains("alice");
        });
    }

    @Test
    void somebody_else_sees_nothing_and_accepts_nothing() {
        pins.first(KEY, BEFORE);
        var path = changed(true);
        var form = html(get(path, "alice"), 200);

        assertThat(html(get(path, "mallory"), 404)).isEqualTo(html(get("/changes/" + "0".repeat(64), "mallory"), 404));
        html(post(path, form, "mallory"), 404);

        assertThat(pins.first(KEY, BEFORE)).isEqualTo(BEFORE);
        assertThat(decisions).isEmpty();
    }

    @Test
    void what_the_operator_has_to_accept_the_person_can_only_look_at() {
        pins.first(KEY, BEFORE);
        var path = changed(false);

        assertThat(html(get(path, "alice"), 200))
                .contains("Whoever runs this server has to accept it.")
                .doesNotContain("<form");
        html(page.answer(request("POST", path, Map.of("token", "x"), session("alice")), SERVERS), 403);
        assertThat(pins.first(KEY, BEFORE)).isEqualTo(BEFORE);
    }

    @Test
    void a_form_of_another_change_accepts_nothing() {
        pins.first(KEY, BEFORE);
        var path = changed(true);
        var other = show(new ToolPins.Pin("c".repeat(32), false, true), true);
        var form = html(get(other, "alice"), 200);

        html(post(path, form, "alice"), 403);

        assertThat(pins.first(KEY, BEFORE)).isEqualTo(BEFORE);
    }

    @Test
    void a_stranger_signs_in_first() {
        assertThat(page.answer(request("GET", changed(true), Map.of(), Map.of()), SERVERS))
                .isInstanceOf(PageAnswer.SeeOther.class);
    }

    @Test
    void without_the_store_it_says_so() {
        var path = changed(true);
        store.down(true);

        html(get(path, "alice"), 503);
    }

    @Test
    void lines_that_are_the_same_stay_and_the_others_are_marked() {
        var diff = Difference.of(new Html().raw("a\nb\nc\nd"), new Html().raw("a\nx\nc\nd\ne"))
                .toString();

        assertThat(diff).isEqualTo("""
                <span class="same">  a</span>
                <del>- b</del>
                <ins>+ x</ins>
                <span class="same">  c</span>
                <span class="same">  d</span>
                <ins>+ e</ins>
                """);
    }

    private String changed(boolean byPerson) {
        desk.keep(BEFORE.digest(), bytes("{\"name\":\"get_note\",\"description\":\"Reads a note\"}"));
        desk.keep(NOW.digest(), bytes("{\"name\":\"get_note\",\"description\":\"Reads\u200b<b> a note and tells\"}"));
        return show(NOW, byPerson);
    }

    private String show(ToolPins.Pin now, boolean byPerson) {
        var alice = TokenFixture.tokenOf(NOTES, FakeAccounts.ISSUER, "alice");
        return URI.create(
                        desk.show(new Change(KEY, alice, BEFORE, now, byPerson)).orElseThrow())
                .getPath();
    }

    private PageAnswer get(String path, String subject) {
        return page.answer(request("GET", path, Map.of(), session(subject)), SERVERS);
    }

    private PageAnswer post(String path, String form, String subject) {
        var matcher = Pattern.compile("name=\"token\" value=\"([^\"]*)\"").matcher(form);
        assertThat(matcher.find()).isTrue();
        return page.answer(request("POST", path, Map.of("token", matcher.group(1)), session(subject)), SERVERS);
    }

    private Map<String, String> session(String subject) {
        return Map.of(
                "__Host-sallyport-session",
                cookies.seal(
                        "page session",
                        InstantSource.system().instant().plusSeconds(600),
                        List.of(FakeAccounts.ISSUER, subject, "Somebody")));
    }

    private static PageRequest request(
            String method, String path, Map<String, String> form, Map<String, String> cookies) {
        return new PageRequest(
                method, path, Map.of(), form, cookies, Optional.of(PUBLIC.toString()), Optional.of("same-origin"));
    }

    private static String html(PageAnswer answer, int status) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        PageAnswer.Html.class,
                        shown -> assertThat(shown.status()).isEqualTo(status));
        return ((PageAnswer.Html) answer).body();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
