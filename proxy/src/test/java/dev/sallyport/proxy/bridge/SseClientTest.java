package dev.sallyport.proxy.bridge;

import static dev.sallyport.proxy.bridge.LegacyClient.call;
import static dev.sallyport.proxy.bridge.SharingTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.testkit.as.TestToken;
import dev.sallyport.testkit.wire.RawClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP+SSE, the transport of 2024-11-05, in front of a command. */
@Timeout(120)
class SseClientTest {

    private static final RunningGate GATE = RunningGate.beforeUpstream(CommandServerTest.command("user", ""));

    @AfterAll
    static void close() {
        GATE.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/notes/mcp", "/notes/mcp/sse"})
    void a_stream_begins_with_the_address_for_messages(String path) {
        try (var client = SseClient.at(GATE, token("alice"), path, "")) {
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(client.head().header("content-type")).contains("text/event-stream");
            assertThat(client.endpoint()).startsWith("/notes/mcp/messages?sessionId=");
        }
    }

    @Test
    void a_client_begins_calls_and_hears_its_answers_on_the_stream() {
        try (var client = SseClient.open(GATE, token("alice"))) {
            assertThat(client.begin())
                    .contains("event: message", "\"protocolVersion\":\"2024-11-05\"", "\"instructions\":\"Be kind.\"");

            var accepted = client.post(call(1, "echo", "hello"));

            assertThat(accepted.status()).isEqualTo(202);
            assertThat(accepted.body()).isEmpty();
            assertThat(client.until("\"id\":1}")).contains("hello");
        }
    }

    @Test
    void progress_and_questions_of_the_server_come_on_the_stream_and_answers_go_back() {
        try (var client = SseClient.begun(GATE, token("alice"))) {
            client.post("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"progress\","
                    + "\"arguments\":{},\"_meta\":{\"progressToken\":\"mine\"}}}");
            assertThat(client.until("\"id\":2}")).contains("notifications/progress", "\"progressToken\":\"mine\"");

            client.post("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"ask\","
                    + "\"arguments\":{\"text\":\"sampling/createMessage\"}}}");
            var question = client.until("sampling/createMessage");
            var id = question.replaceAll("(?s).*\"id\":(\"[^\"]+\").*", "$1");
            client.post("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"said\":\"by the client\"}}");

            assertThat(client.until("\"id\":3}")).contains("by the client");
        }
    }

    @Test
    void cancelling_reaches_the_server_under_the_id_that_it_knows() {
        try (var client = SseClient.begun(GATE, token("frank"))) {
            client.post(call(16, "never", ""));
            client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":16}}");

            client.post(call(17, "received", ""));
            assertThat(client.until("\"id\":17}"))
                    .contains("notifications/cancelled")
                    .doesNotContain("\\\"requestId\\\":16}");
        }
    }

    @Test
    void what_a_grant_does_not_cover_is_refused_on_the_stream_where_the_client_waits() {
        var token = GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:read")
                .subject("carol")
                .sign();
        try (var client = SseClient.begun(GATE, token)) {
            assertThat(client.post(call(4, "echo", "hello")).status()).isEqualTo(202);

            assertThat(client.until("\"id\":4"))
                    .contains("\"error\"", "notes:all")
                    .doesNotContain("hello");
            client.post("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/list\"}");
            assertThat(client.until("\"id\":5")).contains("\"tools\":[]").doesNotContain("echo");
        }
    }

    @Test
    void the_address_of_one_principal_does_not_exist_for_another() {
        try (var alice = SseClient.begun(GATE, token("alice"))) {
            var body = call(6, "echo", "from mallory");

            assertThat(alice.post(body, token("mallory"), alice.endpoint()).status())
                    .isEqualTo(404);
            assertThat(alice.post(body, otherClient("alice"), alice.endpoint()).status())
                    .isEqualTo(404);
            assertThat(alice.post(body, "nonsense", alice.endpoint()).status()).isEqualTo(401);
            assertThat(alice.post(body, token("alice"), "/notes/mcp/messages?sessionId=AAAA")
                            .status())
                    .isEqualTo(404);
            assertThat(alice.post(body, token("alice"), "/notes/mcp/messages").status())
                    .isEqualTo(404);

            alice.post(call(7, "echo", "still mine"));
            assertThat(alice.until("\"id\":7}")).contains("still mine").doesNotContain("mallory");
        }
    }

    @Test
    void a_stream_that_broke_goes_on_after_the_event_that_was_seen_last() {
        var seen = "";
        var endpoint = "";
        try (var first = SseClient.begun(GATE, token("alice"))) {
            seen = first.lastId();
            endpoint = first.endpoint();
        }
        var poster = SseClient.open(GATE, token("alice"));
        poster.post(call(8, "echo", "while away"), token("alice"), endpoint);
        poster.close();

        try (var again = SseClient.at(GATE, token("alice"), "/notes/mcp/sse", "\nLast-Event-ID: " + seen)) {
            assertThat(again.endpoint()).isEqualTo(endpoint);
            assertThat(again.until("\"id\":8}")).contains("while away");
        }
    }

    @Test
    void the_last_event_of_another_principal_opens_a_stream_of_ones_own() {
        try (var alice = SseClient.begun(GATE, token("alice"));
                var mallory =
                        SseClient.at(GATE, token("mallory"), "/notes/mcp/sse", "\nLast-Event-ID: " + alice.lastId())) {
            assertThat(mallory.head().status()).isEqualTo(200);
            assertThat(mallory.endpoint()).isNotEqualTo(alice.endpoint());

            mallory.begin();
            alice.post(call(9, "echo", "for alice"));
            assertThat(alice.until("\"id\":9}")).contains("for alice");
            mallory.post(call(10, "echo", "for mallory"));
            assertThat(mallory.until("\"id\":10}")).doesNotContain("for alice");
        }
    }

    @Test
    void a_client_whose_stream_was_opened_anew_goes_on_without_beginning_again() {
        try (var client = SseClient.open(GATE, token("alice"))) {
            client.post(call(11, "echo", "as before"));

            assertThat(client.until("\"id\":11}")).contains("as before");
        }
    }

    @Test
    void sessions_of_the_two_transports_are_no_way_into_each_other() {
        var streamable = LegacyClient.of(GATE, "alice");
        try (var client = SseClient.begun(GATE, token("alice"))) {
            var sse = client.endpoint().replaceAll(".*sessionId=", "");
            var body = call(12, "echo", "crossed");

            var crossed = RawClient.exchange(
                    GATE.port(),
                    "POST /notes/mcp HTTP/1.1\nHost: mcp.example.com\nAuthorization: Bearer " + token("alice")
                            + "\nContent-Type: application/json\nAccept: application/json, text/event-stream"
                            + "\nMcp-Session-Id: " + sse + "\nContent-Length: " + body.length(),
                    body);

            assertThat(crossed.status()).isEqualTo(404);
            assertThat(client.post(body, token("alice"), "/notes/mcp/messages?sessionId=" + streamable.session())
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void a_stream_on_which_nothing_is_said_is_kept_from_looking_dead() {
        try (var client = SseClient.begun(GATE, token("alice"))) {
            assertThat(client.until(": still here")).doesNotContain("event: message");
        }
    }

    @Test
    void a_revoked_grant_ends_the_stream_and_its_address() {
        var token = GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject("dave")
                .client("client-of-dave")
                .claim("grant_id", "grant-of-dave")
                .sign();
        try (var client = SseClient.begun(GATE, token)) {
            client.post(call(13, "never", ""));
            GATE.revoke(new Revocation(
                    Instant.now(),
                    "grant",
                    Optional.of("grant-of-dave"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));

            assertThat(client.isOver()).isTrue();
            assertThat(client.post(call(14, "echo", "?")).status()).isEqualTo(401);
        }
        var later = LegacyClient.of(GATE, "dave");
        await(() -> later.post(call(15, "received", "")).body().contains("notifications/cancelled"));
    }

    @Test
    void a_stream_outlives_its_token_while_calls_come_with_newer_ones() {
        // As old as our tolerance for clocks lets a token be, so that the test need not wait for long.
        var brief = of("erin")
                .client("client-of-erin")
                .expiresIn(Duration.ofSeconds(-10))
                .sign();
        try (var client = SseClient.begun(GATE, brief);
                var idle = SseClient.begun(GATE, brief)) {
            client.post(call(20, "echo", "in time"), token("erin"), client.endpoint());
            client.until("\"id\":20}");

            assertThat(idle.isOver()).isTrue();
            client.post(call(21, "echo", "later"), token("erin"), client.endpoint());
            assertThat(client.until("\"id\":21}")).contains("later");
        }
    }

    @Test
    void the_addresses_take_what_they_are_for_and_nothing_else() {
        assertThat(GATE.raw(head("POST", "/notes/mcp/sse", "Content-Length: 0")).status())
                .isEqualTo(405);
        assertThat(GATE.raw(head("GET", "/notes/mcp/messages", "")).status()).isEqualTo(405);
        assertThat(GATE.raw(head("DELETE", "/notes/mcp/sse", "")).header("allow"))
                .contains("GET");
        assertThat(GATE.raw("GET /notes/mcp/sse HTTP/1.1\nHost: mcp.example.com")
                        .header("www-authenticate"))
                .hasValueSatisfying(value -> assertThat(value)
                        .startsWith("Bearer ")
                        .contains("/.well-known/oauth-protected-resource/notes/mcp\""));
        assertThat(GATE.raw("GET /notes/mcp/sse/more HTTP/1.1\nHost: mcp.example.com")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void the_metadata_below_the_stream_names_the_one_resource() {
        var at = "/.well-known/oauth-protected-resource/notes/mcp";

        var stream = GATE.raw("GET " + at + "/sse HTTP/1.1\nHost: mcp.example.com");

        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.body()).contains("\"resource\":\"" + RunningGate.RESOURCE + '"');
        assertThat(stream.body())
                .isEqualTo(GATE.raw("GET " + at + " HTTP/1.1\nHost: mcp.example.com")
                        .body());
    }

    private static String head(String method, String path, String more) {
        return method + " " + path + " HTTP/1.1\nHost: mcp.example.com\nAuthorization: Bearer " + token("alice")
                + "\nAccept: text/event-stream\n" + more;
    }

    private static String token(String person) {
        return of(person).client("client-of-" + person).sign();
    }

    private static String otherClient(String person) {
        return of(person).client("another").sign();
    }

    private static TestToken of(String person) {
        return GATE.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person);
    }
}
