package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.otlp.Collector;
import dev.sallyport.testkit.upstream.ScriptedServer;
import dev.sallyport.testkit.wire.RawClient;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spans at a collector, for requests to the running gate. */
@Timeout(180)
class TracingTest {

    private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String OF_META = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String HEADER = "traceparent: 00-" + TRACE + "-" + PARENT + "-01";

    private static final Collector COLLECTOR = Collector.start();
    private static final ScriptedServer UPSTREAM = ScriptedServer.answering(RESULT);
    private static final RunningGate GATE =
            RunningGate.before(UPSTREAM.url("/mcp"), "tracing: { collector: \"" + COLLECTOR.url() + "\" }");

    @BeforeEach
    void answer_as_a_good_server_does() {
        UPSTREAM.script((_, wire) -> wire.json(200, RESULT));
    }

    @AfterAll
    static void close() {
        GATE.close();
        UPSTREAM.close();
        COLLECTOR.close();
    }

    @Test
    void the_trace_of_the_header_goes_on_through_the_gate_to_the_mcp_server() {
        GATE.call(call("get_note", ""), HEADER, "tracestate: vendor=1");

        var toServer = COLLECTOR.span(of(Span.SpanKind.SPAN_KIND_CLIENT));
        var atGate = COLLECTOR.span(of(Span.SpanKind.SPAN_KIND_SERVER));
        assertThat(Collector.hex(atGate.getTraceId())).isEqualTo(TRACE);
        assertThat(Collector.hex(atGate.getParentSpanId())).isEqualTo(PARENT);
        assertThat(toServer.getTraceId()).isEqualTo(atGate.getTraceId());
        assertThat(toServer.getParentSpanId()).isEqualTo(atGate.getSpanId());
        assertThat(UPSTREAM.received().getFirst().headers())
                .containsEntry(
                        "traceparent", List.of("00-" + TRACE + "-" + Collector.hex(toServer.getSpanId()) + "-01"))
                .containsEntry("tracestate", List.of("vendor=1"));
    }

    @Test
    void the_trace_of_meta_goes_on_where_the_header_has_none() {
        GATE.call(call("get_note", meta(OF_META)));

        var atGate = COLLECTOR.span(of(Span.SpanKind.SPAN_KIND_SERVER));
        assertThat(Collector.hex(atGate.getTraceId())).isEqualTo(OF_META.substring(3, 35));
        assertThat(Collector.hex(atGate.getParentSpanId())).isEqualTo(OF_META.substring(36, 52));
        assertThat(atGate.getLinksList()).isEmpty();
    }

    @Test
    void of_two_traces_the_header_goes_on_and_the_other_is_linked() {
        GATE.call(call("get_note", meta(OF_META)), HEADER);

        var atGate = COLLECTOR.span(of(Span.SpanKind.SPAN_KIND_SERVER));
        assertThat(Collector.hex(atGate.getTraceId())).isEqualTo(TRACE);
        assertThat(atGate.getLinksList())
                .singleElement()
                .satisfies(link -> assertThat(Collector.hex(link.getTraceId())).isEqualTo(OF_META.substring(3, 35)));
    }

    @Test
    void a_span_says_what_was_decided_and_the_audit_event_names_its_trace() {
        var first = GATE.decisions().size();
        GATE.call(call("get_note", ""));

        var atGate = COLLECTOR.span(of(Span.SpanKind.SPAN_KIND_SERVER));
        assertThat(atGate.getName()).isEqualTo("tools/call get_note");
        assertThat(attributes(atGate))
                .containsEntry("mcp.method.name", "tools/call")
                .containsEntry("gen_ai.tool.name", "get_note")
                .containsEntry("sallyport.server", "notes")
                .containsEntry("sallyport.outcome", "allowed")
                .containsEntry("http.response.status_code", "200");
        assertThat(GATE.decisions().get(first).traceId()).contains(Collector.hex(atGate.getTraceId()));
    }

    @Test
    void no_argument_no_secret_and_no_uri_is_in_a_span() {
        var read =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":\"notes://hidden-uri\"}}";
        GATE.call(read, "Mcp-Session-Id: hidden-session");
        GATE.call(read);
        GATE.call(call("get_note", ",\"arguments\":{\"password\":\"hidden-argument\"}"), "Cookie: hidden-cookie");
        GATE.call(call("hidden-tool", ""));

        var told = new StringBuilder();
        COLLECTOR.span(span -> {
            told.append(span);
            return attributes(span).containsValue("get_note");
        });
        COLLECTOR.span(span -> {
            told.append(span);
            return span.getKind() == Span.SpanKind.SPAN_KIND_SERVER;
        });
        COLLECTOR.spans().forEach(told::append);
        assertThat(told.toString()).doesNotContain("hidden-uri", "hidden-session", "hidden-argument", "hidden-cookie");
        assertThat(told.toString()).doesNotContain(RunningGate.SECRET, "password", "Bearer", "eyJ");
    }

    @Test
    void what_is_refused_leaves_a_span_without_its_name_and_touches_no_server() {
        var body = call("delete_all", "");
        var token = GATE.authorizationServer().mint(RunningGate.RESOURCE, "notes:read");
        var head = GATE.post(body).replaceFirst("Bearer \\S+", "Bearer " + token);

        var answer = RawClient.exchange(GATE.port(), head, body);

        assertThat(answer.status()).isEqualTo(403);
        var atGate = COLLECTOR.span(span -> attributes(span).containsValue("refused"));
        assertThat(atGate.getName()).isEqualTo("refused");
        assertThat(attributes(atGate))
                .containsEntry("error.type", "insufficient_scope")
                .containsEntry("http.response.status_code", "403");
        assertThat(atGate.toString()).doesNotContain("delete_all");
        assertThat(UPSTREAM.received()).isEmpty();
    }

    /** Whoever holds a token could make up a new one with each request, and collectors count by method. */
    @Test
    void a_method_that_somebody_made_up_is_not_named() {
        var body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"made-up/word\"}";
        var token = GATE.authorizationServer().mint(RunningGate.RESOURCE, "notes:read");
        RawClient.exchange(GATE.port(), GATE.post(body).replaceFirst("Bearer \\S+", "Bearer " + token), body);
        var refused = COLLECTOR.span(span -> attributes(span).containsValue("refused"));
        GATE.call(body);

        var allowed = COLLECTOR.span(
                of(Span.SpanKind.SPAN_KIND_SERVER).and(span -> attributes(span).containsValue("allowed")));
        assertThat(attributes(refused)).containsEntry("mcp.method.name", "_OTHER");
        assertThat(attributes(allowed)).containsEntry("mcp.method.name", "_OTHER");
        assertThat(allowed.getName()).isEqualTo("MCP");
        assertThat(refused.toString() + allowed).doesNotContain("made-up");
    }

    @Test
    void strangers_leave_no_span_and_those_who_ask_not_to_be_sampled_none_either() {
        var body = call("get_stranger", "");
        var unknown = GATE.post(body, HEADER).replaceFirst("Bearer \\S+", "Bearer nonsense");

        assertThat(RawClient.exchange(GATE.port(), unknown, body).status()).isEqualTo(401);
        GATE.call(call("get_unsampled", ""), HEADER.replaceFirst("01$", "00"));
        GATE.call(call("get_last", ""));

        COLLECTOR.span(span -> {
            assertThat(span.toString()).doesNotContain("get_stranger", "get_unsampled");
            return attributes(span).containsValue("get_last");
        });
        assertThat(UPSTREAM.received().getFirst().header("traceparent").orElseThrow())
                .startsWith("00-" + TRACE)
                .endsWith("-00")
                .doesNotContain(PARENT);
    }

    @Test
    void a_server_that_fails_is_an_error_of_the_span() {
        UPSTREAM.script((_, _) -> {
            throw new java.io.IOException("closes the connection");
        });
        GATE.call(call("get_broken", ""));

        var atGate = COLLECTOR.span(span -> span.getName().equals("tools/call get_broken"));
        assertThat(atGate.getStatus().getCode().name()).isEqualTo("STATUS_CODE_ERROR");
        assertThat(attributes(atGate)).containsEntry("http.response.status_code", "502");
    }

    private static java.util.function.Predicate<Span> of(Span.SpanKind kind) {
        return span -> span.getKind() == kind;
    }

    private static Map<String, String> attributes(Span span) {
        return Collector.attributes(span.getAttributesList());
    }

    private static String meta(String traceparent) {
        return ",\"_meta\":{\"traceparent\":\"" + traceparent + "\"}";
    }

    private static String call(String tool, String more) {
        return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\"" + more
                + "}}";
    }
}
