package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What clients do that no specification foresees, each with what it comes to. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientBehaviourTest {
    private final GrantScene scene = new GrantScene();
    private final LoginDriver alice = scene.alice;
    private final Client client = scene.client();

    ClientBehaviourTest() {
        scene.openTheWindow();
    }

    @AfterAll
    void remove() {
        scene.close();
    }

    @Test
    void a_client_that_lost_the_answer_and_asks_again_stays_signed_in() {
        var first = notes();
        var lost = alice.refresh(client, first.refresh());

        var again = alice.refresh(client, first.refresh());

        assertThat(again.refresh()).isEqualTo(lost.refresh());
        assertThat(alice.refresh(client, again.refresh()).ok()).isTrue();
    }

    @Test
    void a_client_that_asks_twice_at_once_stays_signed_in() throws Exception {
        var first = notes();

        var answers = atOnce(2, () -> alice.refresh(client, first.refresh()));

        assertThat(answers).allMatch(Tokens::ok);
        assertThat(successors(answers)).hasSize(1);
    }

    @Test
    void a_hundred_refreshes_at_once_make_one_successor_and_its_late_reuse_ends_the_family() throws Exception {
        var first = notes();

        var answers = atOnce(100, () -> alice.refresh(client, first.refresh()));

        assertThat(answers).allMatch(Tokens::ok);
        assertThat(successors(answers)).hasSize(1);
        var next = alice.refresh(client, answers.getFirst().refresh());
        assertThat(next.ok()).isTrue();
        afterTheWindow(
                () -> assertThat(alice.refresh(client, first.refresh()).error()).isEqualTo("invalid_grant"));
        assertThat(alice.refresh(client, next.refresh()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void a_client_that_comes_from_two_addresses_stays_signed_in() throws Exception {
        var first = notes();

        var one = refreshFrom("127.0.0.1", first.refresh());
        var other = refreshFrom("127.0.0.2", first.refresh());

        assertThat(List.of(one, other)).allMatch(answer -> answer.statusCode() == 200);
        assertThat(alice.refresh(client, refreshToken(other)).ok()).isTrue();
        assertThat(refreshToken(one)).isEqualTo(refreshToken(other));
    }

    @Test
    void a_client_that_repeats_an_older_one_in_the_window_gets_the_newest_and_no_branch() {
        var first = notes();
        var second = alice.refresh(client, first.refresh());
        var third = alice.refresh(client, second.refresh());

        var repeated = alice.refresh(client, first.refresh());

        assertThat(repeated.refresh()).isEqualTo(third.refresh());
    }

    @Test
    void a_thief_who_comes_after_the_window_gets_nothing_and_ends_the_family_and_no_other() {
        var victim = notes();
        var sibling = notes();
        var next = alice.refresh(client, victim.refresh());
        var cursor = scene.cursor();

        afterTheWindow(() -> {
            var theft = alice.refresh(client, victim.refresh());

            assertThat(theft.error()).isEqualTo("invalid_grant");
            assertThat(theft.access()).isEmpty();
        });
        assertThat(alice.refresh(client, next.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(GrantScene.covered(scene.eventsAfter(cursor), next.claims())).isTrue();
        assertThat(alice.refresh(client, sibling.refresh()).ok()).isTrue();
    }

    @Test
    void a_client_that_sends_its_code_again_loses_that_grant_and_no_other() {
        var sibling = notes();
        var code = alice.code(client, TestRealm.NOTES, "notes:read");
        var tokens = alice.exchange(client, TestRealm.NOTES, code);
        var pending = alice.code(client, TestRealm.CALENDAR, "calendar:read");
        var cursor = scene.cursor();

        var replayed = alice.exchange(client, TestRealm.NOTES, code);

        assertThat(replayed.error()).isEqualTo("invalid_grant");
        assertThat(alice.refresh(client, tokens.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(GrantScene.covered(scene.eventsAfter(cursor), tokens.claims()))
                .isTrue();
        assertThat(alice.refresh(client, sibling.refresh()).ok()).isTrue();
        assertThat(alice.exchange(client, TestRealm.CALENDAR, pending).ok()).isTrue();
    }

    @Test
    void a_client_that_sends_its_code_twice_at_once_gets_tokens_once_at_most() throws Exception {
        var code = alice.code(client, TestRealm.NOTES, "notes:read");

        var answers = atOnce(2, () -> alice.exchange(client, TestRealm.NOTES, code));

        assertThat(answers.stream().filter(Tokens::ok)).hasSizeLessThanOrEqualTo(1);
        assertThat(answers).allMatch(answer -> answer.ok() || answer.error().equals("invalid_grant"));
    }

    @Test
    void a_client_that_asks_for_unknown_scopes_on_refresh_gets_what_was_granted() {
        var first = notes();

        var next = alice.refresh(client, first.refresh(), Map.of("scope", "openid email nonsense offline_access"));

        assertThat(next.scopes()).containsExactly("notes:read");
        assertThat(next.claims().path("scope").asString()).isEqualTo("notes:read");
    }

    @Test
    void a_client_that_asks_for_more_on_refresh_gets_no_more() {
        var first = notes();

        var next = alice.refresh(
                client, first.refresh(), Map.of("scope", "notes:read notes:write notes:delete calendar:read"));

        assertThat(next.scopes()).containsExactly("notes:read");
    }

    @Test
    void a_client_that_asks_for_less_on_refresh_gets_less_and_may_have_all_again() {
        var first = alice.connect(client, TestRealm.NOTES, "notes:read notes:write");

        var less = alice.refresh(client, first.refresh(), Map.of("scope", "notes:read"));
        var all = alice.refresh(client, less.refresh());

        assertThat(less.scopes()).containsExactly("notes:read");
        assertThat(all.scopes()).containsExactly("notes:read", "notes:write");
    }

    @Test
    void another_client_with_a_stolen_refresh_token_gets_nothing_and_does_no_harm() {
        var first = notes();
        var other = scene.client();

        assertThat(alice.refresh(other, first.refresh()).error()).isEqualTo("invalid_grant");
        assertThat(alice.revoke(other, first.refresh()).status()).isEqualTo(400);
        assertThat(alice.refresh(client, first.refresh()).ok()).isTrue();
    }

    @Test
    void an_access_token_a_torn_one_and_nonsense_are_no_refresh_tokens_and_do_no_harm() {
        var first = notes();
        var torn = first.refresh().substring(0, first.refresh().length() - 3);

        for (var presented : List.of(first.access(), torn, "nonsense", first.refresh() + "A")) {
            assertThat(alice.refresh(client, presented).error()).isEqualTo("invalid_grant");
        }
        assertThat(alice.refresh(client, first.refresh()).ok()).isTrue();
    }

    @Test
    void a_client_whose_user_logs_out_in_the_browser_stays_signed_in() {
        var bob = new LoginDriver(scene.realm, bob(), "bob");
        var first = bob.connect(client, TestRealm.NOTES, "notes:read");
        var page = bob.browser().open(scene.realm.url("/protocol/openid-connect/logout"));
        bob.browser().submit(page, Map.of());

        assertThat(bob.authorize(client, TestRealm.NOTES, "notes:read").left()).isTrue();
        assertThat(bob.refresh(client, first.refresh()).ok()).isTrue();
    }

    @Test
    void a_second_server_in_the_same_browser_asks_for_no_password_again() {
        notes();

        var page = alice.browser().open(scene.realm.url("/account/"));
        var second = alice.connect(scene.client(), TestRealm.CALENDAR, "calendar:read");

        assertThat(page.status()).isLessThan(500);
        assertThat(second.claims().path("sid")).isEqualTo(notes().claims().path("sid"));
    }

    @Test
    void a_step_up_that_replaces_the_scope_and_one_that_unites_it_both_end_with_the_union() {
        var replacing = scene.client();
        alice.connect(replacing, TestRealm.NOTES, "notes:read");
        var replaced = alice.connect(replacing, TestRealm.NOTES, "notes:write", "notes:read", "notes:write");
        var uniting = scene.client();
        alice.connect(uniting, TestRealm.NOTES, "notes:read");
        var united = alice.connect(uniting, TestRealm.NOTES, "notes:read notes:write");

        assertThat(replaced.scopes()).containsExactlyInAnyOrder("notes:read", "notes:write");
        assertThat(united.scopes()).containsExactlyInAnyOrder("notes:read", "notes:write");
    }

    @Test
    void a_client_that_only_refreshes_after_the_person_agreed_to_more_gets_the_union() {
        var stepping = scene.client();
        var old = alice.connect(stepping, TestRealm.NOTES, "notes:read");
        alice.connect(stepping, TestRealm.NOTES, "notes:write", "notes:read", "notes:write");

        var refreshed = alice.refresh(stepping, old.refresh());

        assertThat(refreshed.scopes()).containsExactly("notes:read", "notes:write");
    }

    private Tokens notes() {
        return alice.connect(client, TestRealm.NOTES, "notes:read");
    }

    private String bob() {
        var name = "bob";
        scene.realm.server().admin().createUser(scene.realm.name(), name, name);
        return name;
    }

    private void afterTheWindow(Runnable steps) {
        scene.letTheWindowPass();
        try {
            steps.run();
        } finally {
            scene.openTheWindow();
        }
    }

    private static List<String> successors(List<Tokens> answers) {
        return answers.stream().map(Tokens::refresh).distinct().toList();
    }

    private static <T> List<T> atOnce(int many, Supplier<T> what) throws Exception {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<CompletableFuture<T>>();
            for (var i = 0; i < many; i++) {
                results.add(CompletableFuture.supplyAsync(
                        () -> {
                            await(start);
                            return what.get();
                        },
                        threads));
            }
            start.countDown();
            return results.stream().map(CompletableFuture::join).collect(Collectors.toList());
        }
    }

    private static void await(CountDownLatch start) {
        try {
            start.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<String> refreshFrom(String address, String refreshToken) throws Exception {
        try (var from = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByName(address))
                .build()) {
            var form = "grant_type=refresh_token&client_id=" + client.clientId() + "&refresh_token=" + refreshToken;
            return from.send(
                    HttpRequest.newBuilder(URI.create(scene.realm.url("/protocol/openid-connect/token")))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString(form))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String refreshToken(HttpResponse<String> answer) {
        return new Tokens(new TestRealm.Answer(answer.statusCode(), answer.body(), Map.of())).refresh();
    }
}
