package dev.sallyport.proxy.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.otlp.Collector;
import dev.sallyport.testkit.upstream.ModernServer;
import dev.sallyport.testkit.upstream.Received;
import dev.sallyport.testkit.upstream.SseServer;
import io.opentelemetry.proto.trace.v1.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traces of clients in {@code _meta}, where servers find them that see no header of a client. */
@Timeout(120)
class TracedTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";
    private static final String OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String CALL = "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":"
            + "\"echo\",\"arguments\":{\"text\":\"traced\"}%s}}";

    @Test
    void a_command_finds_the_trace_of_the_header_in_meta() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            assertThat(heardByCommand(gate, "")).contains(PARENT, "vendor=1");
        }
    }

    @Test
    void the_header_goes_before_what_meta_said() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            assertThat(heardByCommand(gate, ",\"_meta\":{\"traceparent\":\"" + OTHER + "\"}"))
                    .contains(PARENT)
                    .doesNotContain(OTHER);
        }
    }

    @Test
    void without_a_header_meta_stays_as_it_is() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var session = session(gate);
            gate.call(CALL.replace("%s", ",\"_meta\":{\"traceparent\":\"" + OTHER + "\",\"x\":1}"), session);

            assertThat(heard(gate, session))
                    .contains("\\\"_meta\\\":{\\\"traceparent\\\":\\\"" + OTHER + "\\\",\\\"x\\\":1}");
        }
    }

    @Test
    void a_command_goes_on_below_our_span() {
        try (var collector = Collector.start();
                var gate = RunningGate.beforeUpstream(
                        CommandServerTest.command("user", ""), "tracing: { collector: \"" + collector.url() + "\" }")) {
            var heard = heardByCommand(gate, "");

            var toServer = collector.span(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT
                    && Collector.hex(span.getTraceId()).equals(TRACE));
            assertThat(heard).contains("00-" + TRACE + "-" + Collector.hex(toServer.getSpanId()) + "-01", "vendor=1");
        }
    }

    @Test
    void a_server_of_http_and_sse_finds_it_too() {
        try (var server = SseServer.start();
                var gate = RunningGate.beforeUpstream("sse: \"" + server.url() + '"')) {
            call(gate, session(gate));

            assertThat(server.received())
                    .extracting(Received::body)
                    .anySatisfy(body -> assertThat(body)
                            .contains("traced", "\"traceparent\":\"" + PARENT + '"', "\"tracestate\":\"vendor=1\""));
        }
    }

    @Test
    void a_server_of_the_modern_revision_finds_it_too() {
        try (var server = ModernServer.start();
                var gate = RunningGate.before(server.url())) {
            call(gate, session(gate));

            assertThat(server.received())
                    .extracting(Received::body)
                    .anySatisfy(body -> assertThat(body)
                            .contains("traced", "\"traceparent\":\"" + PARENT + '"', "\"tracestate\":\"vendor=1\""));
        }
    }

    @Test
    void the_trace_of_a_modern_client_reaches_an_older_server() {
        try (var gate = RunningGate.beforeUpstream(CommandServerTest.command("user", ""))) {
            var modern = ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                    + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"t\",\"version\":\"1\"},"
                    + "\"io.modelcontextprotocol/clientCapabilities\":{},\"traceparent\":\"" + OTHER + "\"}";
            gate.call(
                    CALL.replace("%s", modern),
                    "MCP-Protocol-Version: 2026-07-28",
                    "Mcp-Method: tools/call",
                    "Mcp-Name: echo");

            assertThat(heard(gate, session(gate))).contains(OTHER);
        }
    }

    private static String heardByCommand(RunningGate gate, String meta) {
        var session = session(gate);
        gate.call(CALL.replace("%s", meta), session, "traceparent: " + PARENT, "tracestate: vendor=1");
        return heard(gate, session);
    }

    private static void call(RunningGate gate, String session) {
        var answer = gate.call(CALL.replace("%s", ""), session, "traceparent: " + PARENT, "tracestate: vendor=1");
        assertThat(answer.body()).contains("traced");
    }

    private static String heard(RunningGate gate, String session) {
        return gate.call(LegacyClient.call(9, "received", ""), session).body();
    }

    private static String session(RunningGate gate) {
        var client = new LegacyClient(gate, gate.token());
        client.begin("2025-11-25", "{}");
        return "Mcp-Session-Id: " + client.session();
    }
}
