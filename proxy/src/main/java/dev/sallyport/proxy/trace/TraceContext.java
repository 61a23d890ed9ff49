package dev.sallyport.proxy.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code traceparent} and {@code tracestate} (W3C Trace Context) as they came, from headers or from {@code _meta} of a
 * message. What is malformed counts as absent.
 */
public record TraceContext(Optional<String> traceparent, Optional<String> tracestate) {

    /** Of a request that belongs to no trace. */
    public static final TraceContext NONE = new TraceContext(Optional.empty(), Optional.empty());

    /** What vendors agreed to carry at least; more is no trace state of anybody. */
    private static final int MAX_STATE = 512;

    public TraceContext {
        tracestate = tracestate.filter(state -> state.length() <= MAX_STATE);
    }

    /** 32 lower case hexadecimal digits; empty if this names no trace. */
    public Optional<String> traceId() {
        return traceparent.isEmpty()
                ? Optional.empty()
                : Optional.of(span()).filter(SpanContext::isValid).map(SpanContext::getTraceId);
    }

    Context under() {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), this, Fields.INSTANCE);
    }

    SpanContext span() {
        return Span.fromContext(under()).getSpanContext();
    }

    static TraceContext of(SpanContext span) {
        var made = new String[2];
        W3CTraceContextPropagator.getInstance().inject(Context.root().with(Span.wrap(span)), made, (to, key, value) -> {
            if (to != null) {
                to[key.equals("traceparent") ? 0 : 1] = value;
            }
        });
        return new TraceContext(Optional.ofNullable(made[0]), Optional.ofNullable(made[1]));
    }

    private enum Fields implements TextMapGetter<TraceContext> {
        INSTANCE;

        @Override
        public Iterable<String> keys(TraceContext from) {
            return List.of("traceparent", "tracestate");
        }

        @Override
        public @Nullable String get(@Nullable TraceContext from, String key) {
            var context = from == null ? NONE : from;
            return (key.equals("traceparent") ? context.traceparent() : context.tracestate()).orElse(null);
        }
    }
}
