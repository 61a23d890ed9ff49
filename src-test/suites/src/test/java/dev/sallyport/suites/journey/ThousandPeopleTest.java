package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.client.Tokens;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;

/**
 * A thousand people who each sign in, agree, enter a key of their own, and call, all in between one another: the packaged
 * proxy, Keycloak with our extension, and no page but those that people see.
 */
@Tag("journey")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ThousandPeopleTest {

    private static final int PEOPLE = 1_000;
    private static final int AT_ONCE = 8;
    private static final String CALLBACK = "http://localhost:1/callback";
    private static final JsonMapper JSON = new JsonMapper();

    private static final String SERVERS = """
            notes:
              title: Your own notes
              upstream: { url: "%URL%" }
              credential: { type: api-key, header: "X-Api-Key: {value}" }
              permissions:
                read: { title: Read your notes, default: true, effect: read, allow: { tools: [list_things] } }
            """;

    private final RecordingServer upstream = RecordingServer.start();
    private final TwoRealms realms = TwoRealms.start("thousand");

    ThousandPeopleTest() {
        signUp();
        realms.open(SERVERS.replace("%URL%", upstream.url().toString()));
    }

    @AfterAll
    void stop() {
        realms.close();
        upstream.close();
    }

    /** Hashing a thousand passwords as they should be would take most of the time, and is not what this is about. */
    private void signUp() {
        var admin = realms.keycloak().admin();
        admin.put("/mcp", "{\"passwordPolicy\":\"hashAlgorithm(pbkdf2-sha256) and hashIterations(1)\"}");
        var all = JSON.createObjectNode().put("ifResourceExists", "FAIL");
        var users = all.putArray("users");
        for (var person = 0; person < PEOPLE; person++) {
            var user = users.addObject();
            user.put("username", name(person))
                    .put("enabled", true)
                    .put("email", name(person) + "@example.test")
                    .put("emailVerified", true)
                    .put("firstName", "First")
                    .put("lastName", "Last");
            user.putArray("realmRoles").add("default-roles-mcp");
            user.putArray("credentials").addObject().put("type", "password").put("value", name(person));
        }
        admin.post("/mcp/partialImport", all.toString());
    }

    @Test
    void a_thousand_people_in_any_order_never_get_the_key_of_another() throws Exception {
        var server = realms.server("notes");
        var app = OAuthClient.register(Discovered.at(server), "An app of many", CALLBACK);

        var tokens = together(person -> connect(app, person));
        var again = together(person -> {
            assertThat(call(server, tokens.get(person), person).status()).isEqualTo(200);
            var fresh = app.refresh(tokens.get(person));
            assertThat(call(server, fresh, person).status()).isEqualTo(200);
            return fresh;
        });

        assertThat(again).hasSize(PEOPLE);
        var calls = upstream.received().stream()
                .filter(request -> request.body().contains("tools/call"))
                .toList();
        assertThat(calls)
                .hasSize(2 * PEOPLE)
                .allSatisfy(call -> assertThat(call.body())
                        .contains("\"I am "
                                + call.header("x-api-key").orElse("nobody").replace("canary-of-", "") + "\""));
    }

    private static Tokens connect(OAuthClient app, int person) {
        var browser = new PlainBrowser();
        var request = app.authorization("notes:read");
        var login = browser.open(request.url().toString());
        var consent = browser.login(login, name(person), name(person));
        var key = browser.submit(consent, List.of(Map.entry("decision", "allow"), Map.entry("scope", "notes:read")));
        assertThat(key.url()).contains("/connect/notes");
        var left = browser.submit(key, Map.of("value", "canary-of-" + name(person)));
        assertThat(left.left()).as(left.url() + left.body()).isTrue();
        return app.exchange(request, URI.create(left.url()));
    }

    private static Answer call(URI server, Tokens tokens, int person) {
        return Http.send(Http.request(server, "Authorization", "Bearer " + tokens.accessToken())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"list_things\",\"arguments\":"
                                + "{\"text\":\"I am " + name(person) + "\"}}}")));
    }

    private static String name(int person) {
        return "person-" + person;
    }

    /** What each person gets, in the order of the people; a few at once, in no order. */
    private static <T> List<T> together(IntFunction<T> each) throws ExecutionException, InterruptedException {
        var order = new ArrayList<Integer>();
        for (var person = 0; person < PEOPLE; person++) {
            order.add(person);
        }
        Collections.shuffle(order, new Random(20261124));
        var room = new Semaphore(AT_ONCE);
        var results = new ArrayList<Future<T>>(Collections.nCopies(PEOPLE, null));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var person : order) {
                Callable<T> task = () -> {
                    room.acquire();
                    try {
                        return each.apply(person);
                    } finally {
                        room.release();
                    }
                };
                results.set(person, threads.submit(task));
            }
            var all = new ArrayList<T>();
            for (var result : results) {
                all.add(result.get());
            }
            return all;
        }
    }
}
