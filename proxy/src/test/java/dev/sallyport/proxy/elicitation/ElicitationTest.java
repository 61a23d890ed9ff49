package dev.sallyport.proxy.elicitation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElicitationTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ResourceId NOTES = ResourceId.of("https://mcp.example.com/notes/mcp");
    private static final VerifiedToken ALICE = TokenFixture.token(NOTES, "alice", List.of(), "notes:read");
    private static final VerifiedToken MALLORY = TokenFixture.token(NOTES, "mallory", List.of(), "notes:read");
    private static final Refusal.AtPage CONNECT =
            new Refusal.ConnectionRequired("Team notes", "https://mcp.example.com/connect/notes");
    private static final String MODERN = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
            + "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"url\":{}}}}";
    private static final String MODERN_FORMS = MODERN.replace("{\"url\":{}}", "{}");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T06:00:00Z"));
    private final Elicitation elicitation =
            new Elicitation(new Sealer(Secret.of("k".repeat(32)), "test", new SecureRandom(), now::get), now::get);

    @Test
    void a_client_of_2025_11_25_that_opens_urls_gets_the_error_made_for_it() {
        elicitation.hear(ALICE, initialize("{\"elicitation\":{\"url\":{}}}"));

        var error = answer(ALICE, call("1", ""), "2025-11-25").get("error");

        assertThat(error.get("code").intValue()).isEqualTo(-32042);
        var wanted = error.at("/data/elicitations/0");
        assertThat(wanted.get("mode").asText()).isEqualTo("url");
        assertThat(wanted.get("url").asText()).isEqualTo("https://mcp.example.com/connect/notes");
        assertThat(wanted.get("message").asText()).isEqualTo("Connect your account at Team notes first.");
        assertThat(wanted.get("elicitationId").asText()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"elicitation\":{}}",
                "{\"elicitation\":{\"form\":{}}}",
                "{\"elicitation\":{\"url\":null}}"
            })
    void a_client_that_opens_no_urls_is_told_in_words(String capabilities) {
        elicitation.hear(ALICE, initialize(capabilities));

        var result = answer(ALICE, call("\"a\"", ""), "2025-11-25");

        assertThat(result.at("/id").asText()).isEqualTo("a");
        assertThat(result.at("/result/isError").booleanValue()).isTrue();
        assertThat(result.at("/result/content/0/text").asText())
                .isEqualTo(
                        "Connect your account at Team notes first. Open https://mcp.example.com/connect/notes in a browser,"
                                + " then try again.");
        assertThat(result.at("/result").has("resultType")).isFalse();
    }

    @Test
    void what_a_client_said_counts_until_it_says_something_else_and_for_nobody_else() {
        elicitation.hear(ALICE, initialize("{\"elicitation\":{\"url\":{}}}"));

        assertThat(answer(MALLORY, call("1", ""), "2025-11-25").has("result")).isTrue();
        elicitation.hear(ALICE, initialize("{}"));
        assertThat(answer(ALICE, call("1", ""), "2025-11-25").has("result")).isTrue();
    }

    @Test
    void a_session_of_an_older_revision_gets_no_error_that_came_later() {
        elicitation.hear(ALICE, initialize("{\"elicitation\":{\"url\":{}}}"));

        assertThat(answer(ALICE, call("1", ""), "2025-06-18").has("result")).isTrue();
    }

    @Test
    void a_client_of_2026_07_28_gets_a_round_with_one_request() {
        var result = answer(ALICE, call("7", MODERN), "2026-07-28").get("result");

        assertThat(result.get("resultType").asText()).isEqualTo("input_required");
        assertThat(result.get("inputRequests").size()).isEqualTo(1);
        assertThat(result.at("/inputRequests/sallyport/method").asText()).isEqualTo("elicitation/create");
        assertThat(result.at("/inputRequests/sallyport/params/mode").asText()).isEqualTo("url");
        assertThat(result.at("/inputRequests/sallyport/params/url").asText()).isEqualTo(CONNECT.url());
    }

    @Test
    void a_client_of_2026_07_28_without_urls_is_told_in_words() {
        var result = answer(ALICE, call("7", MODERN_FORMS), "2026-07-28").get("result");

        assertThat(result.get("resultType").asText()).isEqualTo("complete");
        assertThat(result.get("isError").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tools/list", "completion/complete", "resources/subscribe", "tasks/get"})
    void methods_that_have_no_rounds_get_an_ordinary_error(String method) {
        var body = read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + MODERN + "}}");

        assertThat(elicitation.answer(asked(ALICE, body, "2026-07-28"), CONNECT))
                .isEmpty();
    }

    @Test
    void a_notification_and_a_batch_get_an_ordinary_error() {
        var notification = read("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}");
        var batch = read("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}]");

        assertThat(elicitation.answer(asked(ALICE, notification, ""), CONNECT)).isEmpty();
        assertThat(elicitation.answer(asked(ALICE, batch, ""), CONNECT)).isEmpty();
    }

    @Test
    void the_mcp_server_sees_nothing_of_a_round_that_we_added() {
        var first = call("1", MODERN);
        var retry = retry(ALICE, first, MODERN, "accept");

        var resumed = resumed(ALICE, retry);

        assertThat(resumed)
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"x\","
                        + "\"arguments\":{\"a\":1}," + MODERN + "}}");
    }

    @Test
    void a_round_of_the_mcp_servers_own_survives_ours() {
        var own = MODERN + ",\"requestState\":\"of the server\",\"inputResponses\":{\"who\":{\"action\":\"accept\"}}";
        var state = state(answer(ALICE, call("1", own), "2026-07-28"));
        var retry = call(
                "2",
                MODERN + ",\"inputResponses\":{\"sallyport\":{\"action\":\"accept\"}},\"requestState\":\"" + state
                        + "\"");

        var params = json(resumed(ALICE, retry)).get("params");

        assertThat(params.get("requestState").asText()).isEqualTo("of the server");
        assertThat(params.at("/inputResponses/who/action").asText()).isEqualTo("accept");
        assertThat(params.at("/inputResponses").has("sallyport")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"decline", "cancel"})
    void who_declines_in_the_client_is_not_asked_again(String action) {
        var retry = retry(ALICE, call("1", MODERN), MODERN, action);

        assertThatThrownBy(() -> resumed(ALICE, retry))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.NotPermitted.class));
    }

    @Test
    void a_state_opens_for_its_principal_its_request_and_its_time_only() {
        var retry = retry(ALICE, call("1", MODERN), MODERN, "accept");
        var other = retry.replace("{\"a\":1}", "{\"a\":2}");
        var forged = retry.replace("sallyport1.", "sallyport1.AAAA");

        assertBad(() -> resumed(MALLORY, retry));
        assertBad(() -> resumed(ALICE, other));
        assertBad(() -> resumed(ALICE, forged));
        now.set(now.get().plusSeconds(16 * 60));
        assertBad(() -> resumed(ALICE, retry));
    }

    @Test
    void a_state_of_the_mcp_servers_own_is_none_of_our_business() {
        var body = call("1", MODERN + ",\"requestState\":\"whatever\"");

        assertThat(elicitation.resumed(ALICE, read(body), bytes(body))).isEmpty();
    }

    @Test
    void a_request_that_brings_too_much_to_carry_is_answered_in_words() {
        var large = MODERN + ",\"requestState\":\"" + "x".repeat(40_000) + "\"";

        assertThat(answer(ALICE, call("1", large), "2026-07-28")
                        .at("/result/isError")
                        .booleanValue())
                .isTrue();
    }

    private static void assertBad(org.assertj.core.api.ThrowableAssert.ThrowingCallable retry) {
        assertThatThrownBy(retry)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal())
                                .isInstanceOfSatisfying(
                                        Refusal.BadMessage.class,
                                        bad -> assertThat(bad.code()).isEqualTo(-32602)));
    }

    private String retry(VerifiedToken token, String first, String meta, String action) {
        var state = state(answer(token, first, "2026-07-28"));
        return call(
                "2",
                meta + ",\"inputResponses\":{\"sallyport\":{\"action\":\"" + action + "\"}},\"requestState\":\"" + state
                        + "\"");
    }

    private static String state(JsonNode answer) {
        return answer.at("/result/requestState").asText();
    }

    private String resumed(VerifiedToken token, String body) {
        return elicitation
                .resumed(token, read(body), bytes(body))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElseThrow();
    }

    private JsonNode answer(VerifiedToken token, String body, String revision) {
        return json(
                elicitation.answer(asked(token, read(body), revision), CONNECT).orElseThrow());
    }

    private static Elicitation.Asked asked(VerifiedToken token, Body body, String revision) {
        return new Elicitation.Asked(token, body, Optional.of(revision).filter(text -> !text.isEmpty()));
    }

    private static String call(String id, String more) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id
                + ",\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"arguments\":{\"a\":1}"
                + (more.isEmpty() ? "" : "," + more) + "}}";
    }

    private static Body initialize(String capabilities) {
        return read(
                "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":" + capabilities + "}}");
    }

    private static Body read(String body) {
        return MessageReader.read(bytes(body));
    }

    private static byte[] bytes(String body) {
        return body.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}
