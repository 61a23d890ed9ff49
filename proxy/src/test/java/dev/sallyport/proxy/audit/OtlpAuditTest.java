package dev.sallyport.proxy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.testkit.otlp.Collector;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a receiver of OTLP over HTTP that reads what it gets. */
@Timeout(60)
class OtlpAuditTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final AtomicInteger status = new AtomicInteger(200);
    private HttpServer collector;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/base/v1/logs", exchange -> {
            var body = JSON.readTree(exchange.getRequestBody());
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
            if (status.get() == 200 && !records(body).isEmpty()) {
                received.add(body);
            }
        });
        collector.start();
    }

    @AfterEach
    void stop() {
        collector.stop(0);
    }

    @Test
    void an_event_arrives_as_a_log_record() throws Exception {
        try (var audit = new OtlpAudit(url(), Loss.STOPS_CALLS)) {
            audit.record(decision("get_note"));

            var body = next();

            assertThat(body.at("/resourceLogs/0/resource/attributes/0/value/stringValue")
                            .asText())
                    .isEqualTo("sallyport");
            var record = records(body).get(0);
            assertThat(record.get("timeUnixNano").asText()).isEqualTo("1795395723000000007");
            assertThat(record.get("traceId").asText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(record.get("severityText").asText()).isEqualTo("INFO");
            assertThat(JSON.readTree(record.at("/body/stringValue").asText())
                            .get("target")
                            .asText())
                    .isEqualTo("get_note");
            assertThat(record.get("attributes").toString())
                    .contains("mcp.method.name", "tools/call", "enduser.id", "alice");
        }
    }

    @Test
    void what_is_sent_is_what_the_specification_generates() {
        try (var strict = Collector.start();
                var audit = new OtlpAudit(strict.url(), Loss.STOPS_CALLS)) {
            audit.record(decision("get_note"));

            var record = strict.log(_ -> true);

            assertThat(Collector.hex(record.getTraceId())).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(record.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_INFO);
            assertThat(Collector.attributes(record.getAttributesList()))
                    .containsEntry("mcp.method.name", "tools/call")
                    .containsEntry("sallyport.outcome", "allowed");
        }
    }

    @Test
    void a_collector_that_refuses_stops_calls_until_it_does_not() throws Exception {
        status.set(500);
        try (var audit = new OtlpAudit(url(), Loss.STOPS_CALLS)) {
            audit.record(decision("first"));
            awaitRefusal(audit);

            status.set(200);

            assertThat(records(next()).get(0).at("/body/stringValue").asText()).contains("first");
            awaitAcceptance(audit);
        }
    }

    @Test
    void a_collector_that_is_gone_stops_nothing_if_loss_is_only_counted() {
        var nowhere = URI.create("http://127.0.0.1:1");
        try (var audit = new OtlpAudit(nowhere, Loss.IS_COUNTED)) {
            for (var i = 0; i < 12_000; i++) {
                audit.record(decision("x"));
            }

            assertThat(audit.lost()).isGreaterThanOrEqualTo(1_000);
        }
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/base");
    }

    private JsonNode next() throws InterruptedException {
        var body = received.poll(30, TimeUnit.SECONDS);
        assertThat(body).isNotNull();
        return body;
    }

    private static JsonNode records(JsonNode body) {
        return body.at("/resourceLogs/0/scopeLogs/0/logRecords");
    }

    private static void awaitRefusal(OtlpAudit audit) {
        assertThatThrownBy(() -> {
                    while (true) {
                        audit.record(decision("more"));
                        Thread.onSpinWait();
                    }
                })
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(new Refusal.Unavailable("audit")));
    }

    private static void awaitAcceptance(OtlpAudit audit) {
        while (true) {
            try {
                audit.record(decision("again"));
                return;
            } catch (Refused _) {
                Thread.onSpinWait();
            }
        }
    }

    private static Decision decision(String target) {
        return new Decision(
                Instant.parse("2026-11-23T01:02:03.000000007Z"),
                "request-1",
                Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
                new Decision.Who(Optional.of("alice"), Optional.empty(), Optional.of("client-1"), Optional.empty()),
                "notes",
                Optional.of("tools/call"),
                Optional.of(target),
                Optional.of("read"),
                Optional.of("allow"),
                Optional.empty(),
                Decision.Outcome.ALLOWED,
                Optional.empty(),
                Duration.ZERO,
                List.of());
    }
}
