package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every way in which access ends reaches the feed, and covers the tokens that it is about and no others. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RevocationFeedTest {
    private final GrantScene scene = new GrantScene();
    private final LoginDriver alice = scene.alice;

    @AfterAll
    void remove() {
        scene.close();
    }

    @Test
    void a_client_that_revokes_its_grant_is_heard_and_its_other_grant_is_not_touched() {
        var client = scene.client();
        var revoked = alice.connect(client, TestRealm.NOTES, "notes:read");
        var other = alice.connect(client, TestRealm.CALENDAR, "calendar:read");
        var cursor = scene.cursor();

        var answer = alice.revoke(client, revoked.refresh());

        assertThat(answer.status()).isEqualTo(200);
        var events = scene.eventsAfter(cursor);
        assertThat(GrantScene.covered(events, revoked.claims())).isTrue();
        assertThat(GrantScene.covered(events, other.claims())).isFalse();
        assertThat(alice.refresh(client, revoked.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(alice.refresh(client, other.refresh()).ok()).isTrue();
    }

    @Test
    void keycloaks_own_revocation_endpoint_is_heard_too() {
        var client = scene.client();
        var revoked = alice.connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        scene.realm.form(
                "/protocol/openid-connect/revoke",
                Map.of("client_id", client.clientId(), "token", revoked.refresh()),
                Map.of());

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), revoked.claims()))
                .isTrue();
        assertThat(alice.refresh(client, revoked.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void consent_withdrawn_in_the_account_console_is_heard_and_ends_the_grant() {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        assertThat(scene.withdrawConsent(client).status()).isEqualTo(204);

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void consent_withdrawn_in_part_is_heard_and_the_next_token_is_narrower() {
        var client = scene.client();
        var wide = alice.connect(client, TestRealm.NOTES, "notes:read notes:write");
        var cursor = scene.cursor();

        assertThat(scene.keepConsent(client, "notes:read").status()).isEqualTo(200);

        var events = scene.eventsAfter(cursor);
        var narrow = alice.refresh(client, wide.refresh());
        assertThat(GrantScene.covered(events, wide.claims())).isTrue();
        assertThat(narrow.scopes()).containsExactly("notes:read");
        assertThat(GrantScene.covered(events, narrow.claims())).isFalse();
    }

    @Test
    void consent_withdrawn_by_an_administrator_is_heard() {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        scene.realm
                .server()
                .admin()
                .delete(scene.admin("/users/" + scene.realm.userId() + "/consents/" + client.clientId()));

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void a_grant_that_the_proxys_page_ends_is_heard() {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var id = tokens.claims().path("grant_id").asString();
        var cursor = scene.cursor();

        var foreign = scene.proxy("DELETE", "/grants/" + id + "?sub=somebody-else");
        var stillThere = scene.proxy("GET", "/grants?sub=" + scene.realm.userId());
        var answer = scene.proxy("DELETE", "/grants/" + id + "?sub=" + scene.realm.userId());

        assertThat(foreign.status()).isEqualTo(204);
        assertThat(stillThere.body()).contains(id, client.clientId(), TestRealm.NOTES, "\"notes\"", "notes:read");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(scene.proxy("GET", "/grants?sub=" + scene.realm.userId()).body())
                .doesNotContain(id);
    }

    @Test
    void a_user_who_is_disabled_is_heard_and_refused_until_enabled_again() {
        var bob = bob("disabled");
        var client = scene.client();
        var tokens = bob.driver().connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        scene.realm.server().admin().put(scene.admin("/users/" + bob.id()), "{\"enabled\": false}");

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");

        scene.realm.server().admin().put(scene.admin("/users/" + bob.id()), "{\"enabled\": true}");

        assertThat(alice.refresh(client, tokens.refresh()).ok()).isTrue();
    }

    @Test
    void a_user_who_is_deleted_is_heard() {
        var bob = bob("deleted");
        var client = scene.client();
        var tokens = bob.driver().connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        scene.realm.server().admin().delete(scene.admin("/users/" + bob.id()));

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void a_client_that_is_deleted_is_heard_and_told_to_register_again() {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var id = scene.realm
                .server()
                .admin()
                .client(scene.realm.name(), client.clientId())
                .path("id")
                .asString();
        var cursor = scene.cursor();

        scene.realm.server().admin().delete(scene.admin("/clients/" + id));

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        var refused = alice.refresh(client, tokens.refresh());
        assertThat(refused.answer().status()).isEqualTo(401);
        assertThat(refused.error()).isEqualTo("invalid_client");
    }

    @Test
    void an_administrator_who_signs_a_user_out_everywhere_is_heard() {
        var bob = bob("signed-out");
        var client = scene.client();
        var tokens = bob.driver().connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();

        scene.realm.server().admin().logout(scene.realm.name(), bob.id());

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void an_administrator_who_deletes_the_offline_session_is_heard() {
        var bob = bob("session");
        var client = scene.client();
        var tokens = bob.driver().connect(client, TestRealm.NOTES, "notes:read");
        var sid = tokens.claims().path("sid").asString();
        var cursor = scene.cursor();

        scene.realm.server().admin().delete(scene.admin("/sessions/" + sid + "?isOffline=true"));

        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void a_logout_ends_a_grant_that_depends_on_the_login_and_no_other() {
        var bob = bob("online");
        var client = scene.client();
        var offline = bob.driver().connect(client, TestRealm.CALENDAR, "calendar:read");
        withoutOfflineAccess(bob.id());
        var online = bob.driver().connect(client, TestRealm.NOTES, "notes:read");
        assertThat(LoginDriver.claimsOf(online.refresh()).path("typ").asString())
                .isEqualTo("Refresh");
        var cursor = scene.cursor();

        scene.realm
                .server()
                .admin()
                .delete(scene.admin("/sessions/" + online.claims().path("sid").asString()));

        var events = scene.eventsAfter(cursor);
        assertThat(GrantScene.covered(events, online.claims())).isTrue();
        assertThat(GrantScene.covered(events, offline.claims())).isFalse();
    }

    @Test
    void readers_go_on_where_they_were_and_each_sees_everything_once_in_order() throws Exception {
        var client = scene.client();
        var cursor = scene.cursor();
        var ended = new HashSet<String>();
        for (var i = 0; i < 6; i++) {
            var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
            ended.add(tokens.claims().path("grant_id").asString());
            alice.revoke(client, tokens.access());
        }

        for (var reader = 0; reader < 2; reader++) {
            var seen = new HashSet<String>();
            var at = cursor;
            long last = Long.parseLong(cursor);
            while (!seen.containsAll(ended)) {
                var page = scene.feed("?after=" + at + "&wait=2");
                for (var event : page.path("events")) {
                    assertThat(event.path("id").asLong()).isGreaterThan(last);
                    last = event.path("id").asLong();
                    assertThat(seen.add(event.path("grantId").asString("user" + last)))
                            .isTrue();
                }
                at = page.path("cursor").asString();
            }
        }
    }

    /** Numbers given out before a commit would appear out of order here, and the reader would miss some. */
    @Test
    void a_reader_misses_nothing_of_what_happens_at_once() throws Exception {
        var client = scene.client();
        var at = scene.cursor();
        var ends = new ArrayList<LoginDriver.Tokens>();
        for (var i = 0; i < 24; i++) {
            ends.add(alice.connect(client, TestRealm.NOTES, "notes:read"));
        }
        var expected = ends.stream()
                .map(tokens -> tokens.claims().path("grant_id").asString())
                .collect(Collectors.toSet());

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ends.forEach(tokens -> threads.execute(() -> alice.revoke(client, tokens.refresh())));
            var seen = new HashSet<String>();
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!seen.containsAll(expected) && System.nanoTime() < deadline) {
                var page = scene.feed("?after=" + at + "&wait=2");
                page.path("events")
                        .forEach(event -> seen.add(event.path("grantId").asString("user")));
                at = page.path("cursor").asString();
            }

            assertThat(seen).containsAll(expected);
        }
    }

    @Test
    void a_reader_who_waits_gets_the_event_when_it_happens() throws Exception {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var cursor = scene.cursor();
        var waiting = CompletableFuture.supplyAsync(() -> scene.feed("?after=" + cursor + "&wait=20"));

        alice.revoke(client, tokens.access());

        var events = waiting.get(15, TimeUnit.SECONDS).path("events");
        assertThat(events.size()).isEqualTo(1);
        assertThat(events.get(0).path("type").asString()).isEqualTo("grant");
    }

    @Test
    void a_cursor_that_is_not_of_this_feed_is_gone_and_one_that_is_no_number_is_refused() {
        assertThat(scene.revocations("?after=999999999").status()).isEqualTo(410);
        assertThat(scene.revocations("?after=x").status()).isEqualTo(400);
    }

    @Test
    void nobody_else_reads_the_feed_or_the_grants() {
        var client = scene.client();
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        var bearer = Map.of("Authorization", "Bearer " + tokens.access());

        assertThat(scene.realm.get("/sallyport/revocations", bearer).status()).isEqualTo(401);
        assertThat(scene.realm.get("/sallyport/grants?sub=x", bearer).status()).isEqualTo(401);
        assertThat(scene.realm.get("/sallyport/revocations", Map.of()).status()).isEqualTo(401);
    }

    private record Bob(String id, LoginDriver driver) {}

    private Bob bob(String name) {
        var id = scene.realm.server().admin().createUser(scene.realm.name(), name, name);
        return new Bob(id, new LoginDriver(scene.realm, name, name));
    }

    private void withoutOfflineAccess(String userId) {
        var role = scene.realm.server().admin().get(scene.admin("/roles/default-roles-" + scene.realm.name()));
        scene.realm.server().admin().delete(scene.admin("/users/" + userId + "/role-mappings/realm"), "[" + role + "]");
    }
}
