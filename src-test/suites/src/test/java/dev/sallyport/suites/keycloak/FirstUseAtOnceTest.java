package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/** Many people whose logins begin in the same moment, with a client of which something has yet to be written down. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FirstUseAtOnceTest {
    private static final int PEOPLE = 12;
    private static final String CALLBACK = "https://client.test/callback";
    private static final String LATER = "https://client.test/later";

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final HttpServer web = start();
    private volatile String callback = CALLBACK;

    @AfterAll
    void stop() {
        web.stop(0);
        realm.close();
    }

    @RepeatedTest(3)
    void of_a_client_that_asks_for_these_scopes_for_the_first_time() throws Exception {
        var client = register(CALLBACK);

        assertThat(together(_ -> open(client, CALLBACK))).allSatisfy(FirstUseAtOnceTest::isLogin);
    }

    @RepeatedTest(3)
    void of_a_client_that_listens_on_a_new_port_each_time() throws Exception {
        var client = register("http://[::1]/callback");

        assertThat(together(person -> open(client, "http://[::1]:" + (41_000 + person) + "/callback")))
                .allSatisfy(FirstUseAtOnceTest::isLogin);
    }

    @RepeatedTest(3)
    void of_a_document_that_nobody_has_brought_before() throws Exception {
        callback = CALLBACK;
        var client = document();

        assertThat(together(_ -> open(client, CALLBACK))).allSatisfy(FirstUseAtOnceTest::isLogin);
    }

    @RepeatedTest(3)
    void of_a_document_that_has_expired_and_changed() throws Exception {
        callback = CALLBACK;
        var client = document();
        isLogin(open(client, CALLBACK));
        expire(client);
        callback = LATER;

        assertThat(together(_ -> open(client, LATER))).allSatisfy(FirstUseAtOnceTest::isLogin);
        assertThat(open(client, CALLBACK).status()).isEqualTo(400);
    }

    private static void isLogin(PlainBrowser.Page page) {
        assertThat(page.status()).as(page.url()).isEqualTo(200);
        assertThat(page.body()).contains("name=\"password\"");
    }

    private String register(String redirect) {
        var answer = TestRealm.send(
                "POST",
                realm.url("/clients-registrations/mcp"),
                "{\"client_name\": \"App\", \"redirect_uris\": [\"" + redirect
                        + "\"], \"token_endpoint_auth_method\": \"none\"}",
                Map.of("Content-Type", "application/json"));
        return answer.json().path("client_id").asString();
    }

    private String document() {
        return "http://127.0.0.1:" + web.getAddress().getPort() + "/" + UUID.randomUUID() + "/client.json";
    }

    private void expire(String id) {
        var client = SharedKeycloak.server().admin().client(realm.name(), id);
        SharedKeycloak.server()
                .admin()
                .put(
                        "/" + realm.name() + "/clients/" + client.path("id").asString(),
                        client.toString()
                                .replaceAll(
                                        "\"sallyport.document.expires\":\"\\d+\"",
                                        "\"sallyport.document.expires\":\"" + (System.currentTimeMillis() / 1000 - 60)
                                                + "\""));
    }

    private PlainBrowser.Page open(String client, String redirect) {
        return new PlainBrowser()
                .open(realm.url("/sallyport/authorize?response_type=code&resource=" + TestRealm.NOTES
                        + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
                        + "&client_id=" + encoded(client) + "&redirect_uri=" + encoded(redirect)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static <T> List<T> together(IntFunction<T> each) throws Exception {
        var start = new CyclicBarrier(PEOPLE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Callable<T>>();
            for (var person = 0; person < PEOPLE; person++) {
                var number = person;
                tasks.add(() -> {
                    start.await();
                    return each.apply(number);
                });
            }
            return threads.invokeAll(tasks).stream().map(Future::resultNow).toList();
        }
    }

    private HttpServer start() {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                try (exchange) {
                    var id = "http://127.0.0.1:" + server.getAddress().getPort() + exchange.getRequestURI();
                    var body = "{\"client_id\": \"" + id + "\", \"client_name\": \"App\", \"redirect_uris\": [\""
                            + callback + "\"]}";
                    exchange.getResponseHeaders().add("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length());
                    exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
