package dev.sallyport.suites.imitation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sallyport.testkit.keycloak.LoginDriver;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Imitations of clients that name themselves by a document: their documents as they were published, served by us, so that
 * {@code client_id} is the one field that differs.
 */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DocumentTest {

    private final TestRealm realm = TestRealm.create(SharedKeycloak.server());
    private final HttpServer web = start();

    @AfterAll
    void stop() {
        web.stop(0);
        realm.close();
    }

    @ParameterizedTest(name = "imitation of {0}")
    @ValueSource(strings = {"claude", "claude-code", "vscode", "cursor"})
    void who_names_itself_by_a_document_connects_and_stays_connected(String name) {
        var redirectUri =
                new JsonMapper().readTree(file(name)).path("redirectUri").asString();
        var client = new LoginDriver.Client(url(name), "", redirectUri);
        var alice = new LoginDriver(realm);

        var tokens = alice.connect(client, TestRealm.NOTES, "notes:read");

        assertThat(tokens.scopes()).containsExactly("notes:read");
        assertThat(tokens.claims().path("client_id").asString()).isEqualTo(client.clientId());
        assertThat(alice.refresh(client, tokens.refresh()).ok()).isTrue();
    }

    private String url(String name) {
        return "http://127.0.0.1:" + web.getAddress().getPort() + "/" + name + "/client.json";
    }

    private static String file(String name) {
        try (var in = Objects.requireNonNull(DocumentTest.class.getResourceAsStream("documents/" + name + ".json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpServer start() {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    var name = exchange.getRequestURI().getPath().split("/", -1)[1];
                    var body = new JsonMapper()
                            .readTree(file(name))
                            .path("document")
                            .toString()
                            .replace("SELF", url(name))
                            .getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
