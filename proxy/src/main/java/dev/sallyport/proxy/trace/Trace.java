package dev.sallyport.proxy.trace;

import dev.sallyport.proxy.audit.Decision;
import dev.sallyport.proxy.mcp.KnownMethods;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One request's part of a trace: a span of kind server from its arrival to the end of its answer, and below it one of kind
 * client for each time it was sent to the MCP server. The parent is the header's context, else that of {@code _meta}; if both
 * name one, the other is linked.
 *
 * <p>Begins with the decision: a request without a token that holds leaves no span, so that a stranger costs the collector
 * nothing. Used by one thread at a time.
 */
public final class Trace {

    /** Names are chosen by whoever writes the MCP server, and may be long. */
    private static final int MAX_NAME = 128;

    /** As OpenTelemetry's conventions for HTTP write a method that they do not know: collectors count by this attribute. */
    private static final String OTHER_METHOD = "_OTHER";

    /** What stands for the method of a request without a body, and of a message that has none. */
    private static final Set<String> WITHOUT_METHOD = Set.of("GET", "POST", "DELETE", "response");

    private static final int SERVER_ERROR = 500;

    private final Optional<Tracer> tracer;
    private final TraceContext header;
    private final Instant arrived;
    private Optional<Span> span = Optional.empty();
    private Optional<Span> sent = Optional.empty();
    private boolean described;

    Trace(Optional<Tracer> tracer, TraceContext header) {
        this.tracer = tracer;
        this.header = header;
        this.arrived = tracer.isPresent() ? Instant.now() : Instant.EPOCH;
    }

    /** Of a request that belongs to no trace and begins none. */
    public static Trace none() {
        return new Trace(Optional.empty(), TraceContext.NONE);
    }

    /** Begins the span, unless it has begun or there are none. */
    public void begin(TraceContext meta) {
        if (tracer.isEmpty() || span.isPresent()) {
            return;
        }
        var fromHeader = header.span();
        var fromMeta = meta.span();
        var builder = tracer.get()
                .spanBuilder("MCP")
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(arrived)
                .setParent(fromHeader.isValid() ? header.under() : meta.under());
        if (fromHeader.isValid() && fromMeta.isValid() && !fromHeader.equals(fromMeta)) {
            builder.addLink(fromMeta);
        }
        span = Optional.of(builder.startSpan());
    }

    /** The trace that audit events are to name: that of the span, else that of the header. */
    public Optional<String> traceId() {
        return span.map(Span::getSpanContext)
                .filter(SpanContext::isValid)
                .map(SpanContext::getTraceId)
                .or(header::traceId);
    }

    /** Describes the span; of a batch, the messages after the first as events of it. */
    public void decided(Decision decision) {
        if (span.isEmpty() || !span.get().isRecording()) {
            return;
        }
        if (described) {
            span.get().updateName("batch").addEvent("message", attributes(decision));
            return;
        }
        described = true;
        span.get().updateName(name(decision)).setAllAttributes(attributes(decision));
    }

    /** A request is now sent to the MCP server; if it was before, that one had its answer. */
    public void sending() {
        if (tracer.isEmpty() || span.isEmpty()) {
            return;
        }
        sent.ifPresent(Span::end);
        sent = Optional.of(tracer.get()
                .spanBuilder("MCP server")
                .setSpanKind(SpanKind.CLIENT)
                .setParent(Context.root().with(span.get()))
                .startSpan());
    }

    /** What the MCP server is to continue; empty means what the client sent. */
    public Optional<TraceContext> outgoing() {
        return sent.map(Span::getSpanContext).filter(SpanContext::isValid).map(TraceContext::of);
    }

    /** What an MCP server is to continue that sees no header of the client: empty means what the message says itself. */
    public Optional<TraceContext> continued() {
        return outgoing()
                .or(() ->
                        Optional.of(header.span()).filter(SpanContext::isValid).map(TraceContext::of));
    }

    /**
     * The answer has ended.
     *
     * @param status what the client got
     * @param broken an answer that broke off after its head was sent
     */
    public void ended(int status, boolean broken) {
        sent.ifPresent(Span::end);
        span.ifPresent(each -> {
            each.setAttribute("http.response.status_code", status);
            if (broken || status >= SERVER_ERROR) {
                each.setStatus(StatusCode.ERROR);
            }
            each.end();
        });
        sent = Optional.empty();
        span = Optional.empty();
    }

    /** Only what was allowed is named: what is refused may be called anything. */
    private static String name(Decision decision) {
        var method = decision.method().filter(Trace::isKnown).orElse("MCP");
        return decision.outcome() == Decision.Outcome.ALLOWED
                ? target(decision).map(target -> method + " " + target).orElse(method)
                : "refused";
    }

    /** A tool's or a prompt's name. A URI may hold what an argument would, so it is left out. */
    private static Optional<String> target(Decision decision) {
        return decision.target()
                .filter(_ -> decision.outcome() == Decision.Outcome.ALLOWED)
                .filter(_ -> isTool(decision) || isPrompt(decision))
                .map(name -> name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name);
    }

    private static boolean isKnown(String method) {
        return KnownMethods.contains(method) || WITHOUT_METHOD.contains(method);
    }

    private static boolean isTool(Decision decision) {
        return decision.method().filter("tools/call"::equals).isPresent();
    }

    private static boolean isPrompt(Decision decision) {
        return decision.method().filter("prompts/get"::equals).isPresent();
    }

    private static Attributes attributes(Decision decision) {
        var attributes = Attributes.builder()
                .put("sallyport.request", decision.requestId())
                .put("sallyport.server", decision.server())
                .put("sallyport.outcome", decision.outcome().name().toLowerCase(Locale.ROOT));
        decision.method()
                .ifPresent(method -> attributes.put("mcp.method.name", isKnown(method) ? method : OTHER_METHOD));
        target(decision)
                .ifPresent(name -> attributes.put(isTool(decision) ? "gen_ai.tool.name" : "gen_ai.prompt.name", name));
        decision.set().ifPresent(set -> attributes.put("sallyport.set", set));
        decision.rule().ifPresent(rule -> attributes.put("sallyport.rule", rule));
        decision.who().client().ifPresent(client -> attributes.put("sallyport.client", client));
        decision.reason().ifPresent(reason -> attributes.put("error.type", reason.split(":", 2)[0]));
        return attributes.build();
    }
}
