package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.KeycloakSetup;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Two nodes that have nothing in common but the database: what has to hold for all of them together holds there, and in no
 * node's memory.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TwoNodes {
    private static final int PER_ADDRESS = 12;

    private final KeycloakServer one;
    private final TestRealm realm;
    private final LoginDriver alice;
    private final KeycloakServer two;

    TwoNodes(KeycloakSetup setup) {
        one = KeycloakServer.start(
                setup.withEnvironment("KC_SPI_CLIENT_REGISTRATION__MCP__PER_ADDRESS", Integer.toString(PER_ADDRESS)));
        realm = TestRealm.create(one);
        alice = new LoginDriver(realm);
        two = one.secondNode();
    }

    @AfterAll
    void stop() {
        two.close();
        one.close();
    }

    @Test
    void refreshes_at_both_nodes_at_once_have_one_successor() throws Exception {
        var client = LoginDriver.client(realm, "races", "https://races.test/callback");
        var first = alice.connect(client, TestRealm.NOTES, "notes:read");
        var refreshes = new ArrayList<Callable<Tokens>>();
        for (var i = 0; i < 20; i++) {
            var node = i % 2 == 0 ? one : two;
            refreshes.add(() -> refresh(node, client, first));
        }

        var answers = new ArrayList<Tokens>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var answer : threads.invokeAll(refreshes)) {
                answers.add(answer.get());
            }
        }

        assertThat(answers).allMatch(Tokens::ok);
        assertThat(answers.stream()
                        .map(tokens -> LoginDriver.claimsOf(tokens.refresh())
                                .path("generation")
                                .asLong())
                        .distinct())
                .containsExactly(1L);
        assertThat(refresh(two, client, refresh(one, client, answers.getFirst()))
                        .ok())
                .isTrue();
    }

    @Test
    void what_ends_at_one_node_is_over_at_the_other_and_read_there() {
        var client = LoginDriver.client(realm, "ends", "https://ends.test/callback");
        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");
        assertThat(refresh(two, client, tokens).ok()).isTrue();
        var bearer = Map.of("Authorization", "Bearer " + realm.proxyToken());
        var feed = path(two, "/sallyport/revocations");
        var cursor =
                TestRealm.send("GET", feed, "", bearer).json().path("cursor").asString();

        alice.revoke(client, tokens.refresh());

        var events = TestRealm.send("GET", feed + "?wait=20&after=" + cursor, "", bearer)
                .json()
                .path("events")
                .valueStream()
                .toList();
        assertThat(GrantScene.covered(events, tokens.claims())).isTrue();
        assertThat(refresh(two, client, tokens).error()).isEqualTo("invalid_grant");
    }

    @Test
    void registrations_are_counted_over_both_nodes() {
        var nodes = List.of(one, two);
        for (var i = 0; i < PER_ADDRESS; i++) {
            assertThat(register(nodes.get(i % 2))).isEqualTo(201);
        }

        assertThat(register(one)).isEqualTo(429);
        assertThat(register(two)).isEqualTo(429);
    }

    private Tokens refresh(KeycloakServer node, Client client, Tokens tokens) {
        return new Tokens(TestRealm.send(
                "POST",
                path(node, "/protocol/openid-connect/token"),
                "grant_type=refresh_token&client_id=" + client.clientId() + "&refresh_token=" + tokens.refresh(),
                Map.of("Content-Type", "application/x-www-form-urlencoded")));
    }

    private int register(KeycloakServer node) {
        return TestRealm.send(
                        "POST",
                        path(node, "/clients-registrations/mcp"),
                        "{\"redirect_uris\": [\"https://registered.test/callback\"],"
                                + " \"token_endpoint_auth_method\": \"none\"}",
                        Map.of())
                .status();
    }

    private String path(KeycloakServer node, String path) {
        return node.url() + "/realms/" + realm.name() + path;
    }
}
