package dev.sallyport.bench;

import dev.sallyport.testkit.keycloak.KeycloakServer;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One realm, and the requests that a client makes in its life, each made ready beforehand so that it can be timed alone. */
final class RealmScene {
    private static final String REDIRECT = "http://127.0.0.1:39517/callback";
    private static final String MACHINE = "machine";
    private static final int SETS_OF_A_SERVER = 20;

    static final List<Step> STEPS = List.of(
            new Step("registration", RealmScene::registrations),
            new Step("authorization endpoint, up to the login, a client's first time", RealmScene::firsts),
            new Step("authorization with consent page, allowed, to the code (5 requests)", RealmScene::consents),
            new Step("code exchange", RealmScene::exchanges),
            new Step("refresh", RealmScene::refreshes),
            new Step("client credentials", RealmScene::machines));

    private final String name;
    private final TestRealm realm;
    private final LoginDriver person;
    private int crowd;
    private int seen;

    /** What is measured, and how it is made ready. */
    record Step(String title, BiFunction<RealmScene, Integer, List<Runnable>> prepare) {}

    RealmScene(String name, KeycloakServer server, int sets) {
        this.name = name;
        this.realm = TestRealm.create(server);
        this.person = new LoginDriver(realm);
        if (sets > 0) {
            realm.publish(registry(sets));
        }
        server.admin().createClient(realm.name(), """
                        {"clientId": "machine", "secret": "secret", "publicClient": false, "standardFlowEnabled": false,
                         "serviceAccountsEnabled": true, "defaultClientScopes": ["basic", "notes:read"]}
                        """);
    }

    String name() {
        return name;
    }

    /** A client that registered and was allowed something; Keycloak's own identifier of it. */
    String used() {
        var client = registered();
        connect(client);
        return realm.server()
                .admin()
                .client(realm.name(), client.clientId())
                .path("id")
                .asString();
    }

    void crowdOf(int count) {
        crowd = count;
    }

    List<Runnable> prepared(Step step, int count) {
        // No session is to collect more clients than those of one round.
        person.browser().forgetCookies();
        connect(registered());
        return step.prepare().apply(this, count);
    }

    private List<Runnable> registrations(int count) {
        return repeat(count, this::registered);
    }

    /** Clients of the crowd where there is one, each once. */
    private List<Runnable> firsts(int count) {
        var clients = IntStream.range(0, count)
                .mapToObj(each -> crowd == 0 ? registered().clientId() : Crowd.name(1 + seen++ * 97 % crowd))
                .toList();
        return clients.stream()
                .<Runnable>map(client ->
                        () -> expect(303, realm.get("/sallyport/authorize?" + request(client), Map.of())))
                .toList();
    }

    private List<Runnable> consents(int count) {
        return clients(count).stream()
                .<Runnable>map(client -> () -> code(client))
                .toList();
    }

    private List<Runnable> exchanges(int count) {
        var ready = new ArrayList<Runnable>();
        for (var client : clients(count)) {
            var code = code(client);
            ready.add(() -> tokens(person.exchange(client, TestRealm.NOTES, code)));
        }
        return ready;
    }

    private List<Runnable> refreshes(int count) {
        var ready = new ArrayList<Runnable>();
        for (var client : clients(count)) {
            var refresh = connect(client).refresh();
            ready.add(() -> tokens(person.refresh(client, refresh)));
        }
        return ready;
    }

    private List<Runnable> machines(int count) {
        var client = new Client(MACHINE, "secret", "");
        var form = Map.of("grant_type", "client_credentials", "resource", TestRealm.NOTES);
        return repeat(count, () -> tokens(person.token(client, form)));
    }

    private LoginDriver.Tokens connect(Client client) {
        return tokens(person.exchange(client, TestRealm.NOTES, code(client)));
    }

    private List<Client> clients(int count) {
        return IntStream.range(0, count).mapToObj(each -> registered()).toList();
    }

    private String code(Client client) {
        return person.code(client, TestRealm.NOTES, "notes:read");
    }

    private Client registered() {
        var answer = TestRealm.send(
                "POST",
                realm.url("/clients-registrations/mcp"),
                "{\"client_name\": \"Bench\", \"redirect_uris\": [\"" + REDIRECT
                        + "\"], \"token_endpoint_auth_method\": \"none\"}",
                Map.of());
        expect(201, answer);
        return new Client(answer.json().path("client_id").asString(), "", REDIRECT);
    }

    private static LoginDriver.Tokens tokens(LoginDriver.Tokens tokens) {
        expect(200, tokens.answer());
        return tokens;
    }

    private static void expect(int status, TestRealm.Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("not " + status + ": " + answer);
        }
    }

    private static List<Runnable> repeat(int count, Runnable request) {
        return IntStream.range(0, count).mapToObj(each -> request).toList();
    }

    private static String request(String client) {
        var parameters = new HashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", client);
        parameters.put("redirect_uri", REDIRECT);
        parameters.put("resource", TestRealm.NOTES);
        parameters.put("scope", "notes:read");
        parameters.put("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        parameters.put("code_challenge_method", "S256");
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "="
                        + java.net.URLEncoder.encode(parameter.getValue(), java.nio.charset.StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** The servers of the test realm, and others of twenty sets each until there are so many sets. */
    private static String registry(int sets) {
        var servers = IntStream.rangeClosed(1, sets / SETS_OF_A_SERVER)
                .mapToObj(RealmScene::server)
                .collect(Collectors.joining(","));
        var known = TestRealm.REGISTRY.strip();
        return known.substring(0, known.length() - "]}".length()) + "," + servers + "]}";
    }

    private static String server(int number) {
        var sets = IntStream.rangeClosed(1, SETS_OF_A_SERVER)
                .mapToObj(set -> """
                        {"name": "set%2$d", "scope": "server%1$d:set%2$d", "title": "Set %2$d", "description": "One of many.",
                         "effect": "read", "tools": ["tool_%2$d"]}""".replace("%1$d", Integer.toString(number)).replace("%2$d", Integer.toString(set)))
                .collect(Collectors.joining(","));
        return """
                {"name": "server%1$d", "resource": "https://gate.test/server%1$d/mcp", "title": "Server %1$d",
                 "description": "One of many.", "connect": "none", "permissionSets": [""".replace("%1$d", Integer.toString(number)) + sets + "]}";
    }
}
