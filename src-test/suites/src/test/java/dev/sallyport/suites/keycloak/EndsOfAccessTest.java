package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Ends of access that an administrator or Keycloak itself brings about: all are heard, and none takes more than it is about. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndsOfAccessTest {
    private static final String OWN_ENDPOINT = "/protocol/openid-connect/revoke";

    private final GrantScene scene = new GrantScene();
    private int people;

    @BeforeAll
    void aMachine() {
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "robot", "secret": "secret", "publicClient": false, "standardFlowEnabled": false,
                         "serviceAccountsEnabled": true, "defaultClientScopes": ["basic", "notes:read"]}
                        """);
    }

    @AfterAll
    void remove() {
        scene.close();
    }

    @Test
    void keycloaks_own_revocation_endpoint_ends_that_grant_and_no_sibling() {
        var alice = person();
        var client = scene.client();
        var byRefresh = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        var byAccess = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        var sibling = alice.driver().connect(client, TestRealm.CALENDAR, "calendar:read");
        var cursor = scene.cursor();

        var first = scene.realm.form(OWN_ENDPOINT, form(client, byRefresh.refresh()), Map.of());
        var second = scene.realm.form(OWN_ENDPOINT, form(client, byAccess.access()), Map.of());
        var again = scene.realm.form(OWN_ENDPOINT, form(client, byRefresh.refresh()), Map.of());

        assertThat(first.status()).isEqualTo(200);
        assertThat(second.status()).isEqualTo(200);
        assertThat(again.status()).isEqualTo(200);
        var events = scene.eventsAfter(cursor);
        assertThat(GrantScene.covered(events, byRefresh.claims())).isTrue();
        assertThat(GrantScene.covered(events, byAccess.claims())).isTrue();
        assertThat(GrantScene.covered(events, sibling.claims())).isFalse();
        assertThat(alice.driver().refresh(client, byRefresh.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(alice.driver().refresh(client, byAccess.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(alice.driver().refresh(client, sibling.refresh()).ok()).isTrue();
    }

    @Test
    void at_neither_endpoint_a_client_ends_what_is_anothers() {
        var alice = person();
        var owner = scene.client();
        var thief = scene.client();
        var tokens = alice.driver().connect(owner, TestRealm.NOTES, "notes:read");

        for (var endpoint : new String[] {OWN_ENDPOINT, "/sallyport/revoke"}) {
            assertThat(scene.realm
                            .form(endpoint, form(thief, tokens.refresh()), Map.of())
                            .status())
                    .isEqualTo(400);
        }

        assertThat(alice.driver().refresh(owner, tokens.refresh()).ok()).isTrue();
    }

    @Test
    void both_metadata_documents_name_the_endpoint_that_spares_siblings() {
        for (var document : new String[] {"oauth-authorization-server", "openid-configuration"}) {
            assertThat(scene.realm
                            .get("/.well-known/" + document, Map.of())
                            .json()
                            .path("revocation_endpoint")
                            .asString())
                    .isEqualTo(scene.realm.url("/sallyport/revoke"));
        }
    }

    @Test
    void a_machine_that_revokes_its_token_is_heard() {
        for (var endpoint : new String[] {OWN_ENDPOINT, "/sallyport/revoke"}) {
            var tokens = machine();
            var cursor = scene.cursor();

            var form = new HashMap<>(Map.of("client_id", "robot", "client_secret", "secret"));
            form.put("token", tokens.access());
            var answer = scene.realm.form(endpoint, form, Map.of());

            assertThat(answer.status()).isEqualTo(200);
            var events = scene.eventsAfter(cursor);
            assertThat(GrantScene.covered(events, tokens.claims())).isTrue();
            assertThat(GrantScene.covered(events, machine().claims())).isFalse();
        }
    }

    @Test
    void a_machine_whose_service_account_is_disabled_is_heard() {
        var tokens = machine();
        var account = tokens.claims().path("sub").asString();
        var cursor = scene.cursor();

        scene.realm.server().admin().put(scene.admin("/users/" + account), "{\"enabled\": false}");

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        scene.realm.server().admin().put(scene.admin("/users/" + account), "{\"enabled\": true}");
    }

    /** Tokens of the second of an earlier event are dated a second later, and used to be missed by the next one. */
    @Test
    void ends_in_quick_succession_all_reach_the_tokens_between_them() {
        var alice = person();
        var client = scene.client();
        for (var turn = 0; turn < 4; turn++) {
            var tokens = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
            var cursor = scene.cursor();

            scene.realm.server().admin().delete(scene.admin("/users/" + alice.id() + "/consents/" + client.clientId()));

            assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                    .isTrue();
        }
    }

    @Test
    void an_administrator_who_signs_everybody_out_is_heard_and_ends_every_grant() {
        var alice = person();
        var client = scene.client();
        var offline = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        var machine = machine();
        var cursor = scene.cursor();

        scene.realm.server().admin().post(scene.admin("/logout-all"), "");

        var events = scene.eventsAfter(cursor);
        assertThat(GrantScene.covered(events, offline.claims())).isTrue();
        assertThat(GrantScene.covered(events, machine.claims())).isTrue();
        assertThat(alice.driver().refresh(client, offline.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(grants(alice)).isEqualTo("{\"grants\":[]}");
        var afterwards = person().driver().connect(client, TestRealm.NOTES, "notes:read");
        assertThat(GrantScene.covered(events, afterwards.claims())).isFalse();
    }

    @Test
    void a_not_before_time_of_the_realm_is_heard() {
        var alice = person();
        var client = scene.client();
        var tokens = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        var now = tokens.claims().path("iat").asLong() + 1;
        var cursor = scene.cursor();
        // Of a realm with a time to come, the proxy's own tokens would be void, too, and it could not read the feed.
        awaitSecond(now);

        scene.realm.server().admin().put("/" + scene.realm.name(), "{\"notBefore\": " + now + "}");
        scene.realm.server().admin().post(scene.admin("/push-revocation"), "");

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.driver().refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    private static void awaitSecond(long second) {
        while (System.currentTimeMillis() < second * 1000) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void a_not_before_time_of_a_client_is_heard_and_is_about_that_client() {
        var alice = person();
        var client = scene.client();
        var other = scene.client();
        var tokens = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        var spared = alice.driver().connect(other, TestRealm.NOTES, "notes:read");
        var now = spared.claims().path("iat").asLong() + 1;
        var cursor = scene.cursor();

        var stored = scene.realm.server().admin().client(scene.realm.name(), client.clientId());
        scene.realm
                .server()
                .admin()
                .put(
                        scene.admin("/clients/" + stored.path("id").asString()),
                        stored.toString().replaceFirst("\"notBefore\":\\d+", "\"notBefore\":" + now));

        var events = scene.eventsAfter(cursor);
        assertThat(GrantScene.covered(events, tokens.claims())).isTrue();
        assertThat(GrantScene.covered(events, spared.claims())).isFalse();
        assertThat(alice.driver().refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(alice.driver().refresh(other, spared.refresh()).ok()).isTrue();
    }

    @Test
    void a_password_changed_with_signing_out_elsewhere_is_heard() {
        var alice = person();
        var client = scene.client();
        var tokens = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        scene.realm.server().admin().createClient(scene.realm.name(), """
                        {"clientId": "settings", "publicClient": true, "redirectUris": ["https://settings.test/"]}
                        """);
        var cursor = scene.cursor();

        var browser = new PlainBrowser();
        var login = browser.open(scene.realm.url("/protocol/openid-connect/auth?response_type=code&scope=openid"
                + "&client_id=settings&redirect_uri=https://settings.test/&kc_action=UPDATE_PASSWORD"));
        var form = browser.login(login, alice.name(), alice.name());
        var left = browser.submit(
                form, Map.of("password-new", "another", "password-confirm", "another", "logout-sessions", "on"));

        assertThat(left.left()).isTrue();
        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.driver().refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void a_person_who_is_locked_out_for_good_is_heard() {
        var alice = person();
        var client = scene.client();
        var tokens = alice.driver().connect(client, TestRealm.NOTES, "notes:read");
        scene.realm
                .server()
                .admin()
                .put(
                        "/" + scene.realm.name(),
                        "{\"bruteForceProtected\": true, \"permanentLockout\": true, \"failureFactor\": 1}");
        var cursor = scene.cursor();

        var browser = new PlainBrowser();
        for (var guess = 0; guess < 3; guess++) {
            var page = browser.open(scene.realm.url("/protocol/openid-connect/auth?response_type=code&scope=openid"
                    + "&client_id=account&redirect_uri=" + scene.realm.url("/account/")));
            browser.login(page, alice.name(), "wrong-" + guess);
        }

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.driver().refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
        scene.realm.server().admin().put("/" + scene.realm.name(), "{\"bruteForceProtected\": false}");
    }

    private record Person(String id, String name, LoginDriver driver) {}

    private Person person() {
        var name = "person-" + ++people;
        var id = scene.realm.server().admin().createUser(scene.realm.name(), name, name);
        return new Person(id, name, new LoginDriver(scene.realm, name, name));
    }

    private String grants(Person person) {
        return scene.proxy("GET", "/grants?sub=" + person.id()).body();
    }

    private Tokens machine() {
        var tokens = scene.alice.token(
                new Client("robot", "secret", ""),
                Map.of("grant_type", "client_credentials", "resource", TestRealm.NOTES));
        assertThat(tokens.ok()).isTrue();
        return tokens;
    }

    private static Map<String, String> form(Client client, String token) {
        return Map.of("client_id", client.clientId(), "token", token);
    }
}
