package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sallyport.suites.product.TwoRealms;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.otlp.Collector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Everything that a proxy wrote, answered and showed of itself while somebody looked. */
final class Seen {

    private static final List<String> SHOWN =
            List.of("/health", "/health/live", "/health/ready", "/metrics", "/q/info");

    /** Of the span of what was sent to the MCP server. */
    private static final String SPAN = "mcp.method.name";

    private final TwoRealms realms;
    private final Collector collector;
    private final List<String> seen = new ArrayList<>();

    Seen(TwoRealms realms, Collector collector) {
        this.realms = realms;
        this.collector = collector;
    }

    void add(String text) {
        seen.add(text);
    }

    void show(Answer answer) {
        seen.add(answer.headers().map() + answer.body());
    }

    void show(Page page) {
        seen.add(page.content() + page.url());
    }

    /** Everything at rest, and all that the process shows of itself while it runs. */
    void look() {
        seen.add(realms.everythingWritten());
        seen.add(collector.heard());
        if (!realms.running()) {
            return;
        }
        SHOWN.forEach(path -> seen.add(realms.management(path)));
        seen.add(realms.process().commandLine());
        for (var file : List.of("cmdline", "environ")) {
            seen.add(read(Path.of("/proc", Long.toString(realms.process().pid()), file)));
        }
    }

    /** Exported traces, metrics, audit events, the log, pages, arguments and threads were among it. */
    void everything() {
        for (var sign :
                List.of("# TYPE ", "\"tools/call\"", "Quarkus", "<h1>", "quarkus-run.jar", "vert.x-eventloop", SPAN)) {
            assertThat(seen.stream().anyMatch(text -> text.contains(sign)))
                    .as("something with " + sign + " was looked through")
                    .isTrue();
        }
    }

    void holdsNo(Canary canary) {
        seen.forEach(text -> canary.notIn("what was written or shown", text));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
