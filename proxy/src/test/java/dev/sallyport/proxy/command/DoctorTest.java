package dev.sallyport.proxy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

    @TempDir
    Path folder;

    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final HttpServer gate = start();
    private boolean wrongResource;
    private boolean open;
    private int upstream = 200;

    private static HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void listen() {
        gate.createContext("/", this::answer);
        gate.start();
    }

    @AfterEach
    void stop() {
        gate.stop(0);
        issuer.close();
    }

    @Test
    void a_sound_installation_gets_no_cross_but_for_what_the_test_issuer_lacks() throws IOException {
        doctor();

        assertThat(text())
                .contains(
                        "✓ notes: resource metadata names " + origin() + "/notes/mcp",
                        "✓ notes: resource metadata can be read by browsers",
                        "✓ notes: a call without a token is sent to log in",
                        "✓ authorization server " + issuer.issuer() + " names itself so",
                        "✓ notes: the MCP server at " + origin() + "/upstream answers initialize")
                .contains("✗ authorization server metadata cannot be read by browsers", "1 thing is wrong.");
    }

    @Test
    void an_origin_that_does_not_answer_is_said_with_what_to_do() throws IOException {
        var file = configuration();
        gate.stop(0);

        assertThat(run(file)).isEqualTo(1);

        assertThat(text()).contains("does not answer", "→ start the proxy");
    }

    @Test
    void another_proxy_at_the_address_is_noticed() throws IOException {
        wrongResource = true;

        doctor();

        assertThat(text()).contains("✗ notes: the metadata names resource https://elsewhere.example/mcp");
    }

    @Test
    void a_gate_that_lets_anybody_through_is_noticed() throws IOException {
        open = true;

        doctor();

        assertThat(text()).contains("✗ notes: a call without a token is not answered with a challenge (status 200)");
    }

    @Test
    void an_upstream_that_refuses_the_credential_is_noticed_without_printing_it() throws IOException {
        upstream = 401;

        doctor();

        assertThat(text()).contains("does not take the credential").doesNotContain("s3cr3t");
    }

    @Test
    void all_of_it_is_there_as_json() throws IOException {
        assertThat(run(configuration(), "--json")).isEqualTo(1);

        var json = new JsonMapper().readTree(text());
        assertThat(json.path("wrong").asInt()).isEqualTo(1);
        assertThat(json.path("exit").asInt()).isEqualTo(1);
        assertThat(json.path("findings"))
                .anySatisfy(finding -> {
                    assertThat(finding.path("level").asText()).isEqualTo("good");
                    assertThat(finding.path("what").asText())
                            .isEqualTo("notes: a call without a token is sent to log in");
                    assertThat(finding.has("advice")).isFalse();
                })
                .anySatisfy(finding -> {
                    assertThat(finding.path("level").asText()).isEqualTo("bad");
                    assertThat(finding.path("advice").asText()).isNotEmpty();
                });
        assertThat(text()).doesNotContain("s3cr3t");
    }

    @Test
    void a_file_with_problems_is_json_too() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), "publicUrl: ftp://x\n");

        assertThat(run(file, "--json")).isEqualTo(2);

        var json = new JsonMapper().readTree(text());
        assertThat(json.path("exit").asInt()).isEqualTo(2);
        assertThat(json.path("findings"))
                .allSatisfy(
                        finding -> assertThat(finding.path("level").asText()).isEqualTo("bad"))
                .isNotEmpty();
    }

    @Test
    void a_file_with_problems_is_not_used() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), "publicUrl: ftp://x\n");

        assertThat(run(file)).isEqualTo(2);
    }

    private void doctor() throws IOException {
        assertThat(run(configuration())).isEqualTo(1);
    }

    private int run(Path file, String... more) {
        var arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of("--config", file.toString()));
        return new DoctorCommand(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of("KEY", "s3cr3t"))
                .execute(arguments);
    }

    private Path configuration() throws IOException {
        return Files.writeString(folder.resolve("sallyport.yaml"), """
                publicUrl: ORIGIN
                servers:
                  notes:
                    upstream: { url: "ORIGIN/upstream" }
                    authorizationServer: { issuer: "ISSUER" }
                    credential: { type: shared, header: "X-Key: {value}", value: { env: KEY } }
                    permissions: { read: { title: Read, default: true, allow: { hints: readOnly } } }
                """.replace("ORIGIN", origin())
                .replace("ISSUER", issuer.issuer()));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String origin() {
        return "http://127.0.0.1:" + gate.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            if (path.equals("/.well-known/oauth-protected-resource/notes/mcp")) {
                var resource = wrongResource ? "https://elsewhere.example/mcp" : origin() + "/notes/mcp";
                send(
                        exchange,
                        200,
                        "{\"resource\":\"" + resource + "\",\"authorization_servers\":[\"" + issuer.issuer() + "\"]}");
            } else if (path.equals("/notes/mcp") && !open) {
                exchange.getResponseHeaders()
                        .set(
                                "WWW-Authenticate",
                                "Bearer resource_metadata=\"" + origin()
                                        + "/.well-known/oauth-protected-resource/notes/mcp\"");
                send(exchange, 401, "{}");
            } else if (path.equals("/upstream")) {
                var known = "s3cr3t".equals(exchange.getRequestHeaders().getFirst("X-Key"));
                send(exchange, known ? upstream : 500, "{}");
            } else {
                send(exchange, 200, "{}");
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
