package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.upstream.StreamableServer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What 2026-07-28 demands of the headers of a request, and what its errors are over HTTP, is the same on every way to a server. */
@Timeout(120)
class ModernHeadersTest {

    private static final ModernServer MODERN = ModernServer.start();
    private static final StreamableServer STREAMABLE = StreamableServer.start();
    private static final SseServer SSE = SseServer.start();

    private static final Map<Way, RunningGate> GATES = Map.of(
            Way.DIRECTLY, RunningGate.before(MODERN.url()),
            Way.TO_2025, RunningGate.before(STREAMABLE.url()),
            Way.TO_HTTP_SSE, RunningGate.beforeUpstream("sse: \"" + SSE.url() + '"'),
            Way.TO_A_COMMAND, RunningGate.beforeUpstream(CommandServerTest.command("user", "")));

    /** To which server, and so through what of the proxy. */
    enum Way {
        DIRECTLY,
        TO_2025,
        TO_HTTP_SSE,
        TO_A_COMMAND
    }

    @AfterAll
    static void close() {
        GATES.values().forEach(RunningGate::close);
        MODERN.close();
        STREAMABLE.close();
        SSE.close();
    }

    private static StatelessClient client(Way way) {
        return StatelessClient.of(Objects.requireNonNull(GATES.get(way)), "alice");
    }

    @ParameterizedTest
    @EnumSource
    void a_header_that_is_missing_is_named_with_the_error_made_for_it(Way way) {
        var client = client(way);
        var body = echo(client);
        for (var header : new String[] {"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"}) {
            var answer =
                    client.post(body, StatelessClient.standardHeaders(body).replaceAll("\n" + header + ": [^\n]*", ""));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"id\":7", "-32020", header + " is missing");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_header_that_says_something_else_is_refused(Way way) {
        var client = client(way);
        var body = echo(client);
        var headers = StatelessClient.standardHeaders(body);
        for (var other : new String[] {
            headers.replace("2026-07-28", "2025-11-25"),
            headers.replace("tools/call", "tools/list"),
            headers.replace("tools/call", "TOOLS/CALL"),
            headers.replace("Name: echo", "Name: die"),
            headers.replace("Name: echo", "Name: =?base64?ZGll?="),
            headers.replace("Name: echo", "Name: =?base64?***?="),
            headers.replace("Name: echo", "Name: \u00e9cho"),
        }) {
            var answer = client.post(body, other);

            assertThat(answer.status()).as(other).isEqualTo(400);
            assertThat(answer.body()).as(other).contains("-32020");
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_argument_that_is_repeated_in_a_header_is_what_the_body_says(Way way) {
        var client = client(way);
        var body = client.tool(7, "echo", "Grüße", "");
        var headers = StatelessClient.standardHeaders(body) + "\nMcp-Param-Text: ";
        var encoded = Base64.getEncoder().encodeToString("Grüße".getBytes(StandardCharsets.UTF_8));

        for (var other : List.of("hello", "=?base64?aGVsbG8=?=", "=?base64?***?=")) {
            if (way == Way.DIRECTLY && other.contains("*")) {
                // The server's own matter, and ours has no words for it.
                continue;
            }
            var answer = client.post(body, headers + other);

            assertThat(answer.status()).as(other).isEqualTo(400);
            assertThat(answer.body()).as(other).contains("\"id\":7", "-32020", "Mcp-Param-Text");
        }
        var right = client.post(body, headers + "=?base64?" + encoded + "?=");
        assertThat(right.status()).as(right.body()).isEqualTo(200);
        assertThat(right.body()).contains("Grüße");
    }

    @ParameterizedTest
    @EnumSource
    void a_task_is_named_as_in_the_body_if_it_is_named_in_a_header(Way way) {
        var client = client(way);
        var body = client.request(7, "tasks/get", "\"taskId\":\"mine\"", "");
        var headers = StatelessClient.standardHeaders(body);

        assertThat(client.post(body, headers + "\nMcp-Name: another").body()).contains("-32020");
        assertThat(client.post(body, headers + "\nMcp-Name: mine").body()).contains("no such task");
        assertThat(client.post(body, headers).body()).contains("no such task");
    }

    @ParameterizedTest
    @EnumSource
    void a_name_may_be_encoded_and_headers_may_be_written_in_any_case(Way way) {
        var client = client(way);
        var body = client.ask(1, "tools/list", "").status() == 200 ? echo(client) : "";
        var encoded = Base64.getEncoder().encodeToString("echo".getBytes(StandardCharsets.UTF_8));
        var headers = StatelessClient.standardHeaders(body)
                .replace("Mcp-Method", "MCP-METHOD")
                .replace("Name: echo", "Name: =?base64?" + encoded + "?=\nMcp-Param-Text: hello");

        // A server that reads these headers itself gets them as they were sent.
        assertThat(client.post(body, way == Way.DIRECTLY ? headers.replaceAll("=.base64.*.=", "echo") : headers)
                        .body())
                .contains("hello", "\"resultType\":\"complete\"");
    }

    @ParameterizedTest
    @EnumSource
    void what_every_request_has_to_say_of_itself_is_demanded(Way way) {
        var client = client(way);
        var body = echo(client);
        var headers = StatelessClient.standardHeaders(body);
        for (var key : new String[] {"protocolVersion", "clientCapabilities"}) {
            var answer = client.post(body.replace("io.modelcontextprotocol/" + key, "com.example/" + key), headers);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"id\":7", "-32602", "io.modelcontextprotocol/" + key);
        }
        var anonymous = body.replace("io.modelcontextprotocol/clientInfo", "com.example/clientInfo");
        assertThat(client.post(anonymous, headers + "\nMcp-Param-Text: hello").status())
                .as("may be left out")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void a_revision_that_nobody_knows_yet_gets_the_error_from_which_clients_recover(Way way) {
        var client = client(way);
        var body = echo(client).replace("2026-07-28", "2031-01-01");

        var answer = client.post(body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("-32022", "\"id\":7");
    }

    @ParameterizedTest
    @EnumSource(names = "DIRECTLY", mode = EnumSource.Mode.EXCLUDE)
    void a_revision_that_only_a_header_names_does_so_too(Way way) {
        var client = client(way);
        // What is known of the server is found out by a request in an era that is known.
        assertThat(client.ask(1, "tools/list", "").status()).isEqualTo(200);
        var body = "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/list\"}";

        var answer = client.post(body, "\nMCP-Protocol-Version: 2031-01-01");

        assertThat(answer.status()).isEqualTo(400);
        if (way != Way.TO_2025) {
            assertThat(answer.body())
                    .contains("-32022", "\"supported\":[\"2026-07-28\",\"2025-11-25\"", "\"requested\":\"2031-01-01\"");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_method_that_the_server_does_not_have_is_not_found(Way way) {
        var answer = client(way).ask(7, "resources/templates/list", "");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).contains("-32601", "\"id\":7");
    }

    /** They choose their form by {@code initialize}, so that a header left over from another try does not stop them. */
    @ParameterizedTest
    @EnumSource(names = "DIRECTLY", mode = EnumSource.Mode.EXCLUDE)
    void a_client_that_falls_back_to_initialize_is_let_in(Way way) {
        var answer = client(way)
                .post(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                                + "\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}",
                        "\nMCP-Protocol-Version: 2026-07-28\nMcp-Method: initialize");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"protocolVersion\":\"2025-11-25\"");
    }

    private static String echo(StatelessClient client) {
        return client.tool(7, "echo", "hello", "");
    }
}
