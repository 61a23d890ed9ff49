package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Await;
import dev.sallyport.suites.product.Gate;
import dev.sallyport.suites.product.RecordingServer;
import dev.sallyport.testkit.otlp.Collector;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What an operator relies on when somebody tries too much: rates hold, every decision is told to one of the three places where
 * it can be, and a call that could not be told does not happen.
 */
@Tag("attack")
final class OperationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String READ =
            "read: { title: Look, default: true, effect: read, allow: { tools: [\"list_*\"] } }";

    private final RecordingServer server = RecordingServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void who_calls_too_often_waits_and_learns_how_long() {
        try (var gate = gate("{ file: audit.jsonl }", "\n    rates: { perUser: 3/h }")) {
            for (var call = 0; call < 3; call++) {
                assertThat(status(gate)).isEqualTo(200);
            }

            var answer = gate.post("alpha", token(gate), LIST);

            assertThat(answer.status()).isEqualTo(429);
            assertThat(Integer.parseInt(answer.header("Retry-After").orElseThrow()))
                    .isBetween(1, 1200);
            assertThat(answer.body()).contains("\"id\":1", "Too many requests");
            assertThat(server.received()).hasSize(3);
            assertThat(gate.audit()).hasSize(4);
            assertThat(gate.audit().getLast()).contains("\"outcome\":\"refused\"");
        }
    }

    @Test
    void a_file_that_cannot_be_written_stops_calls_until_it_can() throws IOException {
        try (var gate = gate("{ file: audit.jsonl, required: true }", "")) {
            assertThat(status(gate)).isEqualTo(200);
            assertThat(gate.audit()).hasSize(1);

            obstruct(gate);
            Await.until(PATIENCE, "calls to stop", () -> status(gate) == 503);
            var reached = server.received().size();
            assertThat(status(gate)).isEqualTo(503);
            assertThat(server.received()).hasSize(reached);

            Files.delete(gate.folder().resolve("audit.jsonl"));
            Await.until(PATIENCE, "calls to go on", () -> status(gate) == 200);
        }
    }

    @Test
    void a_file_that_cannot_be_written_stops_nothing_where_events_are_not_required() throws IOException {
        try (var gate = gate("{ file: audit.jsonl, required: false }", "")) {
            assertThat(status(gate)).isEqualTo(200);

            obstruct(gate);
            Await.until(PATIENCE, "the log to tell", () -> {
                assertThat(status(gate)).isEqualTo(200);
                return gate.process().output().contains("audit");
            });
        }
    }

    @Test
    void without_a_file_and_a_collector_events_are_in_the_log() {
        try (var gate = gate("{ values: true }", "")) {
            assertThat(status(gate)).isEqualTo(200);

            Await.until(
                    PATIENCE,
                    "the event in the log",
                    () -> gate.process()
                            .output()
                            .lines()
                            .anyMatch(line -> line.contains("dev.sallyport.audit") && line.contains("list_things")));
        }
    }

    @Test
    void a_collector_gets_every_decision_and_its_loss_stops_calls() {
        var collector = Collector.start();
        try (var gate = gate("{ collector: \"" + collector.url() + "\", required: true }", "")) {
            assertThat(status(gate)).isEqualTo(200);
            var event = collector.log(log -> log.getBody().getStringValue().contains("list_things"));
            assertThat(Collector.attributes(event.getAttributesList()))
                    .containsEntry("mcp.method.name", "tools/call")
                    .containsEntry("sallyport.outcome", "allowed")
                    .containsEntry("sallyport.set", "read");

            collector.close();
            Await.until(PATIENCE, "calls to stop", () -> status(gate) == 503);
        } finally {
            collector.close();
        }
    }

    @Test
    void the_loss_of_a_collector_stops_nothing_where_events_are_not_required() {
        var collector = Collector.start();
        collector.close();
        try (var gate = gate("{ collector: \"" + collector.url() + "\", required: false }", "")) {
            for (var call = 0; call < 5; call++) {
                assertThat(status(gate)).isEqualTo(200);
            }
        }
    }

    private Gate gate(String audit, String more) {
        return Gate.beforeUpstreams(Map.of("alpha", "upstream: { url: \"" + server.url() + "\" }" + more), READ, audit);
    }

    private static String token(Gate gate) {
        return gate.token("alpha", "alpha:read");
    }

    private static int status(Gate gate) {
        return gate.post("alpha", token(gate), LIST).status();
    }

    /** A folder where the file was. */
    private static void obstruct(Gate gate) throws IOException {
        var file = gate.folder().resolve("audit.jsonl");
        Files.move(file, gate.folder().resolve("audit.1"));
        Files.createDirectory(file);
    }
}
