package dev.sallyport.proxy.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Decisions as log records of OpenTelemetry, sent to a collector in batches by one thread (OTLP/HTTP 1.x, JSON encoding); at
 * most 10,000 wait. The body of a record is the line that a file would get.
 *
 * <p>When the collector does not take them: {@link Loss#STOPS_CALLS} refuses every call until it does again, {@link
 * Loss#IS_COUNTED} goes on and says how many were lost. A batch that was answered badly is sent again, so a collector may get
 * an event twice.
 */
public final class OtlpAudit implements AuditLog, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OtlpAudit.class);
    private static final int MAX_WAITING = 10_000;
    private static final int BATCH = 500;
    private static final int INFO = 9;
    private static final int WARN = 13;
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final URI logs;
    private final Loss loss;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final BlockingQueue<Decision> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread sender;
    private volatile boolean broken;

    /** @param collector its base URL; records go to {@code v1/logs} below it */
    public OtlpAudit(URI collector, Loss loss) {
        var base = collector.toString();
        this.logs = URI.create((base.endsWith("/") ? base : base + "/") + "v1/logs");
        this.loss = loss;
        this.sender = Thread.ofPlatform().daemon().name("audit").start(this::run);
    }

    @Override
    public void record(Decision decision) {
        if (closing.getCount() == 0 || (broken && loss == Loss.STOPS_CALLS) || !waiting.offer(decision)) {
            lost.incrementAndGet();
            if (loss == Loss.STOPS_CALLS) {
                throw new Refused(new Refusal.Unavailable("audit"));
            }
        }
    }

    /** Events that were not sent, since the start. */
    public long lost() {
        return lost.get();
    }

    /** Sends what waits, if the collector takes it, then ends. */
    @Override
    public void close() {
        closing.countDown();
        try {
            sender.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }

    private void run() {
        var batch = new ArrayList<Decision>(BATCH);
        try {
            while (closing.getCount() > 0 || !waiting.isEmpty()) {
                if (batch.isEmpty()) {
                    Optional.ofNullable(waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS))
                            .ifPresent(batch::add);
                    waiting.drainTo(batch, BATCH - batch.size());
                }
                if (batch.isEmpty() && !broken) {
                    continue;
                }
                if (sent(batch)) {
                    batch.clear();
                } else if (closing.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    lost.addAndGet(batch.size());
                    batch.clear();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** An empty batch asks whether the collector is there again. */
    private boolean sent(List<Decision> batch) throws InterruptedException {
        var why = problem(batch);
        if (why.isEmpty() == broken) {
            broken = why.isPresent();
            why.ifPresentOrElse(
                    problem -> LOG.errorf(
                            "audit events cannot be sent to %s (%s)%s",
                            logs, problem, loss == Loss.STOPS_CALLS ? ": calls are refused until they can" : ""),
                    () -> LOG.infof("audit events can be sent to %s again; %d were lost", logs, lost.get()));
        }
        return why.isEmpty();
    }

    private Optional<String> problem(List<Decision> batch) throws InterruptedException {
        var request = HttpRequest.newBuilder(logs)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(message(batch)))
                .build();
        try {
            var status =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status >= 200 && status < 300 ? Optional.empty() : Optional.of("HTTP " + status);
        } catch (IOException e) {
            return Optional.of(e.getClass().getSimpleName());
        }
    }

    private static String message(List<Decision> batch) {
        var message = JsonNodeFactory.instance.objectNode();
        var resource = message.putArray("resourceLogs").addObject();
        attribute(resource.putObject("resource").putArray("attributes"), "service.name", Optional.of("sallyport"));
        var scope = resource.putArray("scopeLogs").addObject();
        scope.putObject("scope").put("name", "dev.sallyport.audit");
        var records = scope.putArray("logRecords");
        batch.forEach(decision -> record(records.addObject(), decision));
        return message.toString();
    }

    private static void record(ObjectNode record, Decision decision) {
        var refused = decision.outcome() == Decision.Outcome.REFUSED;
        var at = decision.at();
        record.put("timeUnixNano", Long.toString(at.getEpochSecond() * 1_000_000_000L + at.getNano()))
                .put("severityNumber", refused ? WARN : INFO)
                .put("severityText", refused ? "WARN" : "INFO");
        record.putObject("body").put("stringValue", JsonLine.of(decision));
        decision.traceId().filter(OtlpAudit::isTraceId).ifPresent(id -> record.put("traceId", id));
        var attributes = record.putArray("attributes");
        attribute(attributes, "sallyport.request", Optional.of(decision.requestId()));
        attribute(
                attributes,
                "sallyport.outcome",
                Optional.of(decision.outcome().name().toLowerCase(Locale.ROOT)));
        attribute(attributes, "sallyport.server", Optional.of(decision.server()));
        attribute(attributes, "sallyport.set", decision.set());
        attribute(attributes, "sallyport.rule", decision.rule());
        attribute(attributes, "mcp.method.name", decision.method());
        attribute(attributes, "enduser.id", decision.who().subject());
        attribute(attributes, "sallyport.client", decision.who().client());
    }

    private static void attribute(ArrayNode attributes, String key, Optional<String> value) {
        value.ifPresent(text ->
                attributes.addObject().put("key", key).putObject("value").put("stringValue", text));
    }

    private static boolean isTraceId(String text) {
        return text.matches("[0-9a-f]{32}");
    }
}
