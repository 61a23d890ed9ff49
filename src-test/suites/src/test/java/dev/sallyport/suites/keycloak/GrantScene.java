package dev.sallyport.suites.keycloak;

import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A realm with a person, the account console's API, the proxy's endpoints, and a switch for the time that passes. */
final class GrantScene implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    final LoginDriver alice = new LoginDriver(realm);

    GrantScene() {
        realm.server().admin().createClient(realm.name(), """
                        {"clientId": "console", "publicClient": true, "directAccessGrantsEnabled": true,
                         "fullScopeAllowed": true, "defaultClientScopes": ["basic", "roles"]}
                        """);
    }

    Client client() {
        var name = "client-" + NUMBER.incrementAndGet();
        return LoginDriver.client(realm, name, "https://" + name + ".test/callback");
    }

    String admin(String path) {
        return "/" + realm.name() + path;
    }

    /** From now on no refresh token that was followed gets an answer: as if the window had passed. */
    void letTheWindowPass() {
        attribute("0");
    }

    void openTheWindow() {
        attribute("120");
    }

    private void attribute(String seconds) {
        var representation = (ObjectNode) realm.server().admin().get("/" + realm.name());
        ((ObjectNode) representation.path("attributes")).put("sallyport.refreshGraceSeconds", seconds);
        realm.server().admin().put("/" + realm.name(), representation.toString());
    }

    /** What the proxy has read of the feed so far. */
    String cursor() {
        return feed("").path("cursor").asString();
    }

    JsonNode feed(String query) {
        return revocations(query).json();
    }

    TestRealm.Answer revocations(String query) {
        return realm.get("/sallyport/revocations" + query, Map.of("Authorization", "Bearer " + realm.proxyToken()));
    }

    /** The events after a cursor, waiting for the first. */
    List<JsonNode> eventsAfter(String cursor) {
        var events = new ArrayList<JsonNode>();
        feed("?after=" + cursor + "&wait=5").path("events").forEach(events::add);
        return events;
    }

    /** Whether one of the events voids a token with these claims, as the contract says. */
    static boolean covered(List<JsonNode> events, JsonNode claims) {
        return events.stream()
                .anyMatch(
                        event -> claims.path("iat").asLong() <= event.path("at").asLong()
                                && same(event, "grantId", claims, "grant_id")
                                && same(event, "sub", claims, "sub")
                                && same(event, "clientId", claims, "client_id")
                                && same(event, "sid", claims, "sid")
                                && same(event, "resource", claims, "aud"));
    }

    private static boolean same(JsonNode event, String field, JsonNode claims, String claim) {
        return !event.has(field)
                || event.path(field).asString().equals(claims.path(claim).asString());
    }

    TestRealm.Answer proxy(String method, String path) {
        return TestRealm.send(
                method, realm.url("/sallyport" + path), "", Map.of("Authorization", "Bearer " + realm.proxyToken()));
    }

    /** As the account console's page would: only these scopes stay. */
    TestRealm.Answer keepConsent(Client client, String... scopes) {
        var ids = Set.of(scopes);
        var kept = new ArrayList<String>();
        for (var scope : realm.server().admin().get(admin("/client-scopes"))) {
            if (ids.contains(scope.path("name").asString())) {
                kept.add("{\"id\": \"" + scope.path("id").asString() + "\"}");
            }
        }
        return account(
                "PUT",
                "/applications/" + client.clientId() + "/consent",
                "{\"grantedScopes\": " + kept.stream().collect(Collectors.joining(",", "[", "]")) + "}");
    }

    TestRealm.Answer withdrawConsent(Client client) {
        return account("DELETE", "/applications/" + client.clientId() + "/consent", "");
    }

    TestRealm.Answer account(String method, String path, String body) {
        return TestRealm.send(
                method,
                realm.url("/account" + path),
                body,
                Map.of("Authorization", "Bearer " + accountToken(), "Accept", "application/json"));
    }

    private String accountToken() {
        var form = Map.of(
                "grant_type",
                "password",
                "client_id",
                "console",
                "username",
                TestRealm.USER,
                "password",
                TestRealm.USER);
        return realm.form("/protocol/openid-connect/token", form, Map.of())
                .json()
                .path("access_token")
                .asString();
    }

    @Override
    public void close() {
        realm.close();
    }
}
