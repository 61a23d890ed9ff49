package dev.sallyport.testkit.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Takes spans at {@code /v1/traces} and log records at {@code /v1/logs} on a port of the loopback. */
public final class Collector implements AutoCloseable {

    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";

    /** OTLP's JSON writes ids in hexadecimal, where protobuf's own mapping has Base64. */
    private static final Pattern ID = Pattern.compile("\"(traceId|spanId|parentSpanId)\":\"([0-9a-f]*)\"");

    private static final long PATIENCE = 60;

    private final HttpServer server;
    private final BlockingQueue<Span> spans = new LinkedBlockingQueue<>();
    private final BlockingQueue<LogRecord> logs = new LinkedBlockingQueue<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private Collector(HttpServer server) {
        this.server = server;
    }

    public static Collector start() {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var collector = new Collector(server);
            server.createContext("/v1/traces", collector::traces);
            server.createContext("/v1/logs", collector::logs);
            server.start();
            return collector;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The next span of which this is true; others before it are forgotten. Waits for it. */
    public Span span(Predicate<Span> wanted) {
        return next(spans, wanted);
    }

    /** As {@link #span}. */
    public LogRecord log(Predicate<LogRecord> wanted) {
        return next(logs, wanted);
    }

    /** Spans that are here and were not asked for. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** Every body that came, whatever is in it, byte for character. */
    public String heard() {
        return String.join("\n", heard);
    }

    /** Attributes by key, as text. */
    public static Map<String, String> attributes(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        each -> each.getValue().hasStringValue()
                                ? each.getValue().getStringValue()
                                : Long.toString(each.getValue().getIntValue())));
    }

    /** As W3C Trace Context writes it. */
    public static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    @Override
    public void close() {
        server.stop(0);
        if (!problems.isEmpty()) {
            throw new AssertionError("the collector was sent what is not OTLP: " + problems);
        }
    }

    private static <T> T next(BlockingQueue<T> from, Predicate<T> wanted) {
        try {
            while (true) {
                var each = from.poll(PATIENCE, TimeUnit.SECONDS);
                if (each == null) {
                    throw new AssertionError("nothing more came");
                }
                if (wanted.test(each)) {
                    return each;
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void traces(HttpExchange exchange) throws IOException {
        var read = ExportTraceServiceRequest.newBuilder();
        if (taken(exchange, read, ExportTraceServiceResponse.getDefaultInstance())) {
            read.build().getResourceSpansList().stream()
                    .flatMap(resource -> resource.getScopeSpansList().stream())
                    .flatMap(scope -> scope.getSpansList().stream())
                    .forEach(this::take);
        }
    }

    private void take(Span span) {
        if (span.getTraceId().size() != 16
                || span.getSpanId().size() != 8
                || span.getEndTimeUnixNano() < span.getStartTimeUnixNano()) {
            problems.add("a span without ids, or that ended before it began");
        }
        spans.add(span);
    }

    private void logs(HttpExchange exchange) throws IOException {
        var read = ExportLogsServiceRequest.newBuilder();
        if (taken(exchange, read, ExportLogsServiceResponse.getDefaultInstance())) {
            read.build().getResourceLogsList().stream()
                    .flatMap(resource -> resource.getScopeLogsList().stream())
                    .flatMap(scope -> scope.getLogRecordsList().stream())
                    .forEach(logs::add);
        }
    }

    private boolean taken(HttpExchange exchange, com.google.protobuf.Message.Builder into, MessageLite answer)
            throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            heard.add(new String(body, StandardCharsets.ISO_8859_1));
            var type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            try {
                switch (type) {
                    case PROTOBUF -> into.mergeFrom(body);
                    case JSON -> JsonFormat.parser().merge(protobufIds(new String(body, StandardCharsets.UTF_8)), into);
                    default -> {
                        problems.add("content type " + type);
                        exchange.sendResponseHeaders(415, -1);
                        return false;
                    }
                }
            } catch (InvalidProtocolBufferException e) {
                problems.add(String.valueOf(e.getMessage()));
                exchange.sendResponseHeaders(400, -1);
                return false;
            }
            exchange.getResponseHeaders().set("Content-Type", type);
            var bytes = type.equals(PROTOBUF) ? answer.toByteArray() : "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            return true;
        }
    }

    private static String protobufIds(String json) {
        return ID.matcher(json)
                .replaceAll(found -> "\"" + found.group(1) + "\":\""
                        + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(found.group(2))) + "\"");
    }
}
