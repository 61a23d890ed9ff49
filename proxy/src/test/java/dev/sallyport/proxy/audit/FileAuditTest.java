package dev.sallyport.proxy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.refusal.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuditTest {

    @TempDir
    Path folder;

    static Decision decision(String target) {
        return new Decision(
                Instant.parse("2026-11-23T01:02:03Z"),
                "request-1",
                Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
                new Decision.Who(
                        Optional.of("alice"),
                        Optional.of("https://as.example"),
                        Optional.of("client-1"),
                        Optional.empty()),
                "notes",
                Optional.of("tools/call"),
                Optional.of(target),
                Optional.of("notes:read"),
                Optional.of("read.allow[0]"),
                Optional.empty(),
                Decision.Outcome.ALLOWED,
                Optional.empty(),
                Duration.ofNanos(123_456),
                List.of(new Decision.Argument("id", "string", 12, Optional.empty())));
    }

    @Test
    void a_decision_is_one_line_that_says_who_may_do_what() throws IOException {
        var file = folder.resolve("audit.jsonl");
        try (var audit = new FileAudit(file, Loss.IS_COUNTED)) {
            audit.record(decision("get_note"));
        }

        assertThat(Files.readAllLines(file)).hasSize(1);
        assertThat(new ObjectMapper().readTree(file.toFile())).isEqualTo(new ObjectMapper().readTree("""
                        {"time":"2026-11-23T01:02:03Z","request":"request-1","trace":"4bf92f3577b34da6a3ce929d0e0e4736",
                        "outcome":"allowed","user":"alice","issuer":"https://as.example","client":"client-1","server":"notes",
                        "method":"tools/call","target":"get_note","set":"notes:read","rule":"read.allow[0]","micros":123,
                        "arguments":[{"name":"id","type":"string","size":12}]}
                        """));
    }

    @Test
    void the_file_is_its_owners_alone() throws IOException {
        var file = folder.resolve("new/audit.jsonl");
        try (var audit = new FileAudit(file, Loss.STOPS_CALLS)) {
            audit.record(decision("a"));
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void earlier_events_stay() throws IOException {
        var file = Files.writeString(folder.resolve("audit.jsonl"), "{}\n");
        try (var audit = new FileAudit(file, Loss.IS_COUNTED)) {
            audit.record(decision("a"));
        }

        assertThat(Files.readAllLines(file)).hasSize(2);
    }

    @Test
    void a_file_that_was_moved_away_is_made_anew() throws IOException {
        var file = folder.resolve("audit.jsonl");
        try (var audit = new FileAudit(file, Loss.IS_COUNTED)) {
            audit.record(decision("a"));
            until(() -> Files.exists(file) && lines(file) == 1);
            Files.move(file, folder.resolve("audit.jsonl.1"));
            audit.record(decision("b"));
        }

        assertThat(Files.readString(file)).contains("\"b\"").doesNotContain("\"a\"");
    }

    @Test
    void when_events_are_required_a_broken_disk_stops_calls_until_it_works_again() throws IOException {
        var blocked = Files.writeString(folder.resolve("blocked"), "a file where a folder should be");
        var file = blocked.resolve("audit.jsonl");
        try (var audit = new FileAudit(file, Loss.STOPS_CALLS)) {
            audit.record(decision("a"));
            until(() -> refuses(audit));

            assertThatThrownBy(() -> audit.record(decision("b"))).isInstanceOf(Refused.class);

            Files.delete(blocked);
            until(() -> !refuses(audit));
        }
        assertThat(Files.readString(file)).contains("\"a\"");
    }

    @Test
    void otherwise_calls_go_on_and_losses_are_counted() throws IOException {
        var blocked = Files.writeString(folder.resolve("blocked"), "");
        var audit = new FileAudit(blocked.resolve("audit.jsonl"), Loss.IS_COUNTED);

        for (var i = 0; i < 12_000; i++) {
            audit.record(decision("a"));
        }
        audit.close();

        assertThat(audit.lost()).isEqualTo(12_000);
    }

    private static boolean refuses(FileAudit audit) {
        try {
            audit.record(decision("probe"));
            return false;
        } catch (Refused _) {
            return true;
        }
    }

    private static long lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException _) {
            return 0;
        }
    }

    private static void until(BooleanSupplier condition) {
        var deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
