package dev.sallyport.proxy.trace;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where spans go: to a collector by OTLP over HTTP (protobuf), in batches by a thread of its own, or nowhere. At most 2,048
 * wait; what finds no room, and what the collector does not take, is lost.
 */
public final class Traces implements AutoCloseable {

    private static final int MAX_WAITING = 2048;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Optional<SdkTracerProvider> provider;
    private final Optional<Tracer> tracer;

    private Traces(Optional<SdkTracerProvider> provider) {
        this.provider = provider;
        this.tracer = provider.map(each -> each.get("dev.sallyport.proxy"));
    }

    /** No spans; requests still know which trace they belong to. */
    public static Traces off() {
        return new Traces(Optional.empty());
    }

    /**
     * @param collector its base URL; spans go to {@code v1/traces} below it
     * @param percent of the requests that come without a trace of their own, how many begin one; the others follow what
     *     their trace says about sampling
     */
    public static Traces to(URI collector, int percent) {
        var base = collector.toString();
        var exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint((base.endsWith("/") ? base : base + "/") + "v1/traces")
                .setConnectTimeout(PATIENCE)
                .setTimeout(PATIENCE)
                .build();
        return new Traces(Optional.of(SdkTracerProvider.builder()
                .setResource(Resource.builder().put("service.name", "sallyport").build())
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(percent / 100.0)))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(MAX_WAITING)
                        .setScheduleDelay(EVERY)
                        .setExporterTimeout(PATIENCE)
                        .build())
                .build()));
    }

    /** The part of a request that has just come in. */
    public Trace of(TraceContext header) {
        return new Trace(tracer, header);
    }

    /** Sends what waits, if the collector takes it within five seconds. */
    @Override
    public void close() {
        provider.ifPresent(each -> each.shutdown().join(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
}
