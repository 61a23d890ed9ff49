package dev.sallyport.suites.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.notes.NotesServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Account-linking CSRF in both directions: the attacker's account for a victim, whose notes then land there; a victim's
 * account for the attacker. And what else can be done with the way back from a provider, which is a real one here.
 */
@Tag("attack")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConnectCallbackTest {

    private static final String SERVER = """
            %NAME%:
              title: Server %NAME%
              upstream: { url: "%URL%" }
              credential: { type: oauth2, scopes: [openid], client: { id: sallyport, secret: { file: provider-secret } } }
              permissions:
                read: { title: Read, description: List., default: true, effect: read, allow: { tools: [list_notes] } }
            """;

    private final TwoRealms realms = TwoRealms.start("callback");
    private final NotesServer notes = NotesServer.start(realms.guard());
    private final NotesServer wiki = NotesServer.start(realms.guard());
    private int people;

    ConnectCallbackTest() {
        realms.clientAtProvider("sallyport", url -> url + "/connect/*");
        realms.file("provider-secret", "sallyport");
        realms.open(server("notes", notes) + server("wiki", wiki));
    }

    @AfterAll
    void stop() {
        realms.close();
        notes.close();
        wiki.close();
    }

    @Test
    void the_honest_way_connects_which_is_what_the_others_are_measured_by() {
        var alice = new Somebody();

        var back = alice.agree(alice.begin("notes"));

        assertThat(alice.arrive(back)).isEqualTo(303);
        assertThat(alice.connected("notes")).isTrue();
        assertThat(alice.connected("wiki")).isFalse();
    }

    @Test
    void a_callback_that_nobody_began_connects_nothing() {
        var alice = new Somebody();
        var code = alice.agree(alice.begin("notes"));
        var other = new Somebody();

        for (var forged : new String[] {
            "?code=c&state=s", "?state=", "?code=c&state=s&iss=" + realms.issuer(), code.substring(code.indexOf('?'))
        }) {
            assertThat(other.arrive(realms.publicUrl() + "/connect/notes/callback" + forged))
                    .isEqualTo(403);
        }
        assertThat(other.connected("notes")).isFalse();
    }

    @Test
    void a_victim_who_follows_the_attackers_callback_gets_not_the_attackers_account() {
        var attacker = new Somebody();
        var victim = new Somebody();
        var bait = attacker.agree(attacker.begin("notes"));

        assertThat(victim.arrive(bait)).isEqualTo(403);
        // Nor in the middle of an own attempt, when a cookie for one is there.
        victim.begin("notes");
        assertThat(victim.arrive(bait)).isEqualTo(403);

        assertThat(victim.connected("notes")).isFalse();
    }

    @Test
    void a_victim_who_agrees_at_the_attackers_link_connects_nothing_for_the_attacker() {
        var attacker = new Somebody();
        var victim = new Somebody();
        var link = attacker.begin("notes");

        var back = victim.agree(link);

        // The code is the victim's: in the victim's browser nothing was begun, and it goes nowhere else.
        assertThat(victim.arrive(back)).isEqualTo(403);
        assertThat(victim.connected("notes")).isFalse();
        assertThat(attacker.connected("notes")).isFalse();
    }

    @Test
    void an_answer_counts_once() {
        var alice = new Somebody();
        var back = alice.agree(alice.begin("notes"));
        var kept = alice.copy();
        assertThat(alice.arrive(back)).isEqualTo(303);
        alice.disconnect("notes");

        // Also with the cookie of that attempt, which the browser has thrown away and a thief has not.
        assertThat(kept.raw(back).statusCode()).isEqualTo(403);
        assertThat(alice.arrive(back)).isEqualTo(403);

        assertThat(alice.connected("notes")).isFalse();
    }

    @Test
    void an_answer_for_one_server_is_none_for_another() {
        var alice = new Somebody();
        var back = alice.agree(alice.begin("notes"));
        alice.begin("wiki");

        assertThat(alice.arrive(back.replace("/connect/notes/", "/connect/wiki/")))
                .isEqualTo(403);
        assertThat(alice.connected("wiki")).isFalse();
        assertThat(alice.connected("notes")).isFalse();
    }

    @Test
    void an_answer_that_names_another_provider_connects_nothing() {
        var alice = new Somebody();
        var back = alice.agree(alice.begin("notes"));
        var lying = back.replaceAll("iss=[^&]*", "iss=https%3A%2F%2Fother.example");

        assertThat(lying).isNotEqualTo(back);
        assertThat(alice.arrive(lying)).isEqualTo(400);
        assertThat(alice.connected("notes")).isFalse();
    }

    @Test
    void a_form_that_another_site_posts_begins_nothing() {
        var alice = new Somebody();

        var posted = alice.here.submit(
                new PlainBrowser.Page(
                        realms.publicUrl() + "/connect/notes", 200, "<form method=post action=\"\"></form>", false),
                Map.of("token", "guessed"));

        assertThat(posted.left()).isFalse();
        assertThat(posted.status()).isEqualTo(403);
    }

    private static String server(String name, NotesServer server) {
        return SERVER.replace("%NAME%", name).replace("%URL%", server.url().toString());
    }

    /** Somebody new, signed in at our pages; at the provider when it asks. Cookies of the two are apart, as in a browser. */
    private final class Somebody {
        private final String name = "somebody" + ++people;
        private final PlainBrowser here = new PlainBrowser();
        private final PlainBrowser there = new PlainBrowser();

        Somebody() {
            realms.person(name);
            here.login(here.open(realms.publicUrl() + "/connections"), name, name);
        }

        /** Where our page sends the browser. */
        String begin(String server) {
            var left = here.submit(here.open(realms.publicUrl() + "/connect/" + server), Map.of());
            assertThat(left.url()).startsWith(realms.issuer().toString());
            return left.url();
        }

        /** Signs in at the provider; where that sends the browser. */
        String agree(String link) {
            var page = there.open(link);
            var left = page.left() ? page : there.login(page, TwoRealms.there(name), TwoRealms.there(name));
            assertThat(left.url()).startsWith(realms.publicUrl() + "/connect/");
            return left.url();
        }

        int arrive(String callback) {
            return here.raw(callback).statusCode();
        }

        PlainBrowser copy() {
            return here.copy();
        }

        void disconnect(String server) {
            var page = here.open(realms.publicUrl() + "/connections");
            assertThat(page.body()).contains("Connected");
            var token = page.body().replaceAll("(?s).*?name=\"token\" value=\"([^\"]*)\".*", "$1");
            here.submit(
                    new PlainBrowser.Page(
                            realms.publicUrl() + "/connections", 200, "<form method=post action=\"\"></form>", false),
                    Map.of("token", token, "disconnect", server));
        }

        boolean connected(String server) {
            return here.open(realms.publicUrl() + "/connections")
                    .body()
                    .contains("name=\"disconnect\" value=\"" + server + "\"");
        }
    }
}
