package dev.sallyport.proxy.pages;

import static dev.sallyport.proxy.pages.Browsing.get;
import static dev.sallyport.proxy.pages.Browsing.html;
import static dev.sallyport.proxy.pages.Browsing.location;
import static dev.sallyport.proxy.pages.Browsing.parameter;
import static dev.sallyport.proxy.pages.Browsing.post;
import static dev.sallyport.proxy.pages.Browsing.status;
import static dev.sallyport.proxy.pages.Browsing.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.KeycloakBroker;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BrokerPageTest {

    private static final String PATH = "/connect/notes";

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();
    private final FakeAccounts accounts = new FakeAccounts();
    private final Login login = new Login(
            accounts, new Sealer(Secret.of("k".repeat(32)), "test", random, clock), random, clock, Browsing.PUBLIC);
    private final BrokerPage page = new BrokerPage(login, accounts);
    private final KeycloakBroker settings = new KeycloakBroker("corp<orate", "Corp & Co", List.of(), "");
    private final ServerSettings server = new ServerSettings(
            "notes",
            "Team notes",
            "",
            ResourceId.of(Browsing.PUBLIC + "/notes/mcp"),
            new UpstreamSettings.Url(URI.create("https://notes.example/mcp")),
            Optional.empty(),
            settings,
            List.of());

    @Test
    void who_is_not_signed_in_signs_in_first() {
        assertThat(location(page.answer(get(PATH, Map.of(), Map.of()), server, settings))
                        .toString())
                .startsWith(FakeAccounts.ISSUER)
                .doesNotContain("kc_idp_hint", "kc_action");
    }

    @Test
    void who_has_an_account_there_signs_in_through_it_once_more() {
        accounts.brokered.put("corp<orate alice", new Accounts.Brokered(true, false, "alice.c"));

        var sent = location(pressed(signedIn())).toString();

        assertThat(sent).contains("&prompt=login&kc_idp_hint=corp%3Corate");
    }

    @Test
    void who_has_none_is_asked_to_link_one() {
        assertThat(location(pressed(signedIn())).toString()).contains("&kc_action=idp_link%3Acorp%3Corate");
    }

    @Test
    void a_form_that_is_not_ours_sends_nobody_anywhere() {
        var cookies = signedIn();

        var forged = page.answer(post(PATH, Map.of("token", "guessed"), cookies), server, settings);

        assertThat(status(forged)).isEqualTo(403);
        assertThat(html(forged)).contains("Corp &amp; Co").doesNotContain("Corp & Co", "corp<orate");
    }

    @Test
    void without_the_operators_words_the_page_says_with_which_account_and_what_for() {
        var form = html(page.answer(get(PATH, Map.of(), signedIn()), server, settings));

        assertThat(form)
                .contains("This server works with your account at \u201cCorp &amp; Co\u201d.")
                .contains("Sign in with Corp &amp; Co</button>");
    }

    private PageAnswer pressed(Map<String, String> cookies) {
        var form = html(page.answer(get(PATH, Map.of(), cookies), server, settings));
        var token = form.replaceAll("(?s).*name=\"token\" value=\"([^\"]*)\".*", "$1");
        return page.answer(post(PATH, Map.of("token", token), cookies), server, settings);
    }

    private Map<String, String> signedIn() {
        var begun = login.begin("/connections");
        accounts.nonce = parameter(begun, "nonce");
        var back = Map.of("code", "c", "state", parameter(begun, "state"), "iss", FakeAccounts.ISSUER);
        var arrived = login.finish(get(Login.CALLBACK, back, with(Map.of(), begun)));
        return with(Map.of(), arrived);
    }
}
