package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.upstream.SseServer;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A grant to read gets nothing else through, whatever kind of server is behind the gate and however the client reaches it:
 * every message below holds a marker, and the server tells everything that it received.
 */
@Timeout(180)
class BypassTest {

    private static final String META = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
            + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"t\",\"version\":\"1\"},"
            + "\"io.modelcontextprotocol/clientCapabilities\":{}}";

    private static final List<String> SMUGGLED = Stream.of(
                    "'id':5,'method':'tools/call','params':{'name':'echo','arguments':{'text':'smuggled'}}",
                    "'id':5,'method':'tools/call','params':{'name':'GET_smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':' get_smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':'get_x\\n','x':'smuggled'}",
                    "'id':5,'method':'tools\\/call','params':{'name':'smuggled'}",
                    "'id':5,'method':'tools/call\\u0000','params':{'name':'get_x','x':'smuggled'}",
                    "'id':5,'method':'Tools/Call','params':{'name':'get_x','x':'smuggled'}",
                    "'id':5,'method':'ping','method':'tools/call','params':{'name':'smuggled'}",
                    "'id':5,'method':'ping','m\\u0065thod':'tools/call','params':{'name':'smuggled'}",
                    "'id':5,'method':'ping','Method':'tools/call','params':{'name':'smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':'get_x','Name':'smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':'get_x','name':'smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':'get_x'},'PARAMS':{'name':'smuggled'}",
                    "'id':1e400,'method':'tools/call','params':{'name':'get_x','arguments':{'x':'smuggled'}}",
                    "'id':5,'method':'tools/call','params':{'name':'get_x','arguments':{'n':1e999,'x':'smuggled'}}",
                    "'id':5.5,'method':'tools/call','params':{'name':'get_x','arguments':{'x':'smuggled'}}",
                    "'id':null,'method':'tools/call','params':{'name':'get_x','arguments':{'x':'smuggled'}}",
                    "'method':'tools/call','params':{'name':'smuggled'}",
                    "'id':5,'method':'tools/call','params':{'name':['get_x'],'x':'smuggled'}",
                    "'id':5,'method':'tools/call','params':['get_x','smuggled']",
                    "'id':5,'result':{'x':'smuggled'},'method':'tools/call','params':{'name':'get_x'}",
                    "'id':5,'method':'prompts/get','params':{'name':'smuggled'}",
                    "'id':5,'method':'resources/read','params':{'uri':'file:///smuggled'}",
                    "'id':5,'method':'resources/read','params':{'uri':'notes://../../%2e%2e/smuggled\\u0000'}",
                    "'id':5,'method':'resources/subscribe','params':{'uri':'file:///smuggled'}",
                    "'id':5,'method':'resources/unsubscribe','params':{'uri':'file:///smuggled'}",
                    "'id':5,'method':'completion/complete','params':{'ref':{'type':'ref/prompt','name':'smuggled'}}",
                    "'id':5,'method':'completion/complete','params':{'ref':{'type':'ref/resource','uri':'file:///smuggled'}}",
                    "'id':5,'method':'completion/complete','params':{'ref':{'type':'ref/tool','name':'smuggled'}}",
                    "'id':5,'method':'subscriptions/listen','params':{'notifications':{'resourceSubscriptions':['file:///smuggled']}}",
                    "'id':5,'method':'subscriptions/listen','params':{'notifications':{'smuggled':true}}",
                    "'id':5,'method':'tasks/get','params':{'taskId':'smuggled'}",
                    "'id':5,'method':'tasks/result','params':{'taskId':'smuggled'}",
                    "'id':5,'method':'tasks/cancel','params':{'taskId':'smuggled'}",
                    "'id':5,'method':'tasks/update','params':{'taskId':'smuggled'}",
                    "'id':5,'method':'tasks/list','params':{'cursor':'smuggled'}",
                    "'id':5,'method':'sampling/createMessage','params':{'x':'smuggled'}",
                    "'id':5,'method':'elicitation/create','params':{'x':'smuggled'}",
                    "'id':5,'method':'not/yet-invented','params':{'x':'smuggled'}",
                    "'id':5,'method':'notifications/initialized/../../tools/call','params':{'name':'smuggled'}",
                    "'method':'notifications/not-yet-invented','params':{'x':'smuggled'}",
                    "'method':'notifications/tasks/status','params':{'taskId':'smuggled'}")
            .map(body -> "{\"jsonrpc\":\"2.0\"," + body.replace('\'', '"') + "}")
            .toList();

    private static final Pattern METHOD = Pattern.compile("\"method\":\"([^\"]*)\"");

    private static final Pattern NAME = Pattern.compile("\"params\":\\{\"(?:name|uri)\":\"([^\"]*)\"");

    private static final String THROUGH =
            "{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"tools/call\",\"params\":{\"name\":\"get_through\",\"arguments\":{}}}";

    /** All of them, and each behind something harmless in a batch. */
    private static void tryAll(Function<String, RawAnswer> send) {
        for (var message : SMUGGLED) {
            assertThat(refused(send.apply(message))).as(message).isTrue();
            var batch = "[{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"ping\"}," + message + "]";
            assertThat(refused(send.apply(batch))).as(batch).isTrue();
        }
        assertThat(refused(send.apply("\uFEFF" + SMUGGLED.getFirst()))).isTrue();
        assertThat(refused(send.apply(SMUGGLED.getFirst() + SMUGGLED.getFirst())))
                .isTrue();
    }

    private static boolean refused(RawAnswer answer) {
        return answer.status() >= 400 || answer.body().contains("\"error\"");
    }

    @Test
    void not_directly() {
        try (var server = ScriptedServer.answering("{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}");
                var gate = RunningGate.before(server.url("/mcp"))) {
            tryAll(body -> post(gate, body));
            tryAll(body -> post(gate, body, "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: ping", "Mcp-Name: get_x"));
            tryAll(body -> post(gate, modern(body), repeating(body)));
            post(gate, THROUGH);

            assertThat(bodies(server.received())).contains("get_through").doesNotContain("smuggled");
        }
    }

    @Test
    void not_at_a_command() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var reader = begun(gate);
            tryAll(reader::post);
            reader.post("{\"jsonrpc\":\"2.0\",\"id\":\"smuggled\",\"result\":{\"x\":\"smuggled\"}}");
            reader.post(THROUGH);

            assertThat(heard(gate)).contains("get_through").doesNotContain("smuggled");
        }
    }

    @Test
    void not_by_the_stream_of_2024() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""));
                var reader = SseClient.begun(gate, reader(gate))) {
            for (var message : SMUGGLED) {
                reader.post(message);
                reader.post("[{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"ping\"}," + message + "]");
            }
            reader.post(THROUGH);
            reader.until("\"id\":77");

            assertThat(heard(gate)).contains("get_through").doesNotContain("smuggled");
        }
    }

    @Test
    void not_by_the_modern_revision_at_a_command() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            tryAll(body -> post(gate, modern(body), "MCP-Protocol-Version: 2026-07-28"));
            tryAll(body -> post(gate, modern(body), repeating(body)));
            var through = post(gate, modern(THROUGH), repeating(THROUGH));
            assertThat(through.body()).contains("\"id\":77");

            assertThat(heard(gate)).contains("get_through").doesNotContain("smuggled");
        }
    }

    @Test
    void not_at_a_server_of_http_and_sse() {
        try (var server = SseServer.start();
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url() + '"')) {
            var reader = begun(gate);
            tryAll(reader::post);
            reader.post(THROUGH);

            assertThat(bodies(server.received())).contains("get_through").doesNotContain("smuggled");
        }
    }

    @Test
    void not_at_a_server_of_the_modern_revision() {
        try (var server = ModernServer.start();
                var gate = RunningGate.before(server.url())) {
            var reader = begun(gate);
            tryAll(reader::post);
            reader.post(THROUGH);

            assertThat(bodies(server.received())).contains("get_through").doesNotContain("smuggled");
        }
    }

    private static String modern(String body) {
        return body.replace("\"params\":{", "\"params\":{" + META + ",");
    }

    /** The headers that say what this body says first, so that it is not refused for them. */
    private static String[] repeating(String body) {
        return Stream.of(
                        Stream.of("MCP-Protocol-Version: 2026-07-28"),
                        first(METHOD, body).map(method -> "Mcp-Method: " + method),
                        first(NAME, body).map(name -> "Mcp-Name: " + name))
                .flatMap(Function.identity())
                .toArray(String[]::new);
    }

    private static Stream<String> first(Pattern member, String body) {
        return member.matcher(body).results().limit(1).map(found -> found.group(1));
    }

    private static String bodies(List<Received> received) {
        return received.stream().map(Received::body).collect(Collectors.joining("\n"));
    }

    private static LegacyClient begun(RunningGate gate) {
        var client = new LegacyClient(gate, reader(gate));
        client.begin("2025-03-26", LegacyClient.ALL);
        return client;
    }

    /** The same person with a grant for everything asks the server what has come. */
    private static String heard(RunningGate gate) {
        var all = new LegacyClient(gate, gate.token());
        all.begin("2025-11-25", "{}");
        return all.post(LegacyClient.call(9, "received", "")).body();
    }

    private static String reader(RunningGate gate) {
        return gate.authorizationServer().mint(RunningGate.RESOURCE, "notes:read");
    }

    private static RawAnswer post(RunningGate gate, String body, String... lines) {
        var length = body.getBytes(StandardCharsets.UTF_8).length;
        return RawClient.exchange(
                gate.port(),
                "POST /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + reader(gate)
                        + "\nContent-Type: application/json\nAccept: application/json, text/event-stream\nContent-Length: "
                        + length + "\n" + String.join("\n", lines),
                body);
    }
}
