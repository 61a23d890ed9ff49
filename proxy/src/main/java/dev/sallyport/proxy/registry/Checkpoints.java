package dev.sallyport.proxy.registry;

import dev.sallyport.proxy.token.Revocations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Where in the feed of revocations the proxy was and when, on disk: after a restart everything is read again that could
 * concern a token still alive. {@code floor} is the time before which nothing is known.
 */
final class Checkpoints {

    private static final Logger LOG = Logger.getLogger(Checkpoints.class);
    private static final Duration BETWEEN = Duration.ofMinutes(1);

    private final Path file;
    private final String issuer;
    private Instant floor = Instant.EPOCH;
    private List<Checkpoint> points = new ArrayList<>();

    /** The feed stood at {@code cursor} at this time. */
    private record Checkpoint(Instant at, String cursor) {}

    /** Read from {@code cursor}; tokens issued at or before {@code floor} cannot be judged. */
    record Start(String cursor, Instant floor) {}

    Checkpoints(Path directory, String issuer) {
        this.file = directory.resolve("revocations.txt");
        this.issuer = issuer;
    }

    /** Where to go on; empty if nothing useful is on disk. */
    Optional<Start> restore(Instant now) {
        try {
            var lines = Files.readAllLines(file);
            if (lines.size() < 3 || !lines.get(0).equals(issuer)) {
                return Optional.empty();
            }
            floor = Instant.ofEpochSecond(Long.parseLong(lines.get(1)));
            points = new ArrayList<>();
            for (var line : lines.subList(2, lines.size())) {
                var parts = line.split(" ", 2);
                points.add(new Checkpoint(Instant.ofEpochSecond(Long.parseLong(parts[0])), parts[1]));
            }
            prune(now);
            return Optional.of(new Start(points.getFirst().cursor(), floor));
        } catch (IOException | RuntimeException _) {
            // Not there, or not ours: as if it were the first start.
            points = new ArrayList<>();
            return Optional.empty();
        }
    }

    /** The feed begins anew here: nothing is known of before. */
    void begin(Instant at, String cursor) {
        floor = at;
        points = new ArrayList<>(List.of(new Checkpoint(at, cursor)));
        write();
    }

    /** Everything up to the cursor was applied. */
    void reached(Instant now, String cursor) {
        if (points.isEmpty() || points.getLast().at().plus(BETWEEN).isBefore(now)) {
            points.add(new Checkpoint(now, cursor));
            prune(now);
            write();
        }
    }

    /** The oldest that stays is the newest before which no living token was issued. */
    private void prune(Instant now) {
        var horizon = now.minus(Revocations.RETENTION);
        while (points.size() > 1 && !points.get(1).at().isAfter(horizon)) {
            points.removeFirst();
        }
    }

    private void write() {
        var text = new StringBuilder(issuer)
                .append('\n')
                .append(floor.getEpochSecond())
                .append('\n');
        points.forEach(point -> text.append(point.at().getEpochSecond())
                .append(' ')
                .append(point.cursor())
                .append('\n'));
        try {
            var folder = Optional.ofNullable(file.getParent()).orElse(Path.of("."));
            Files.createDirectories(folder);
            var fresh = Files.createTempFile(folder, "revocations", ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf(
                    "%s cannot be written (%s): after a restart every client has to refresh once",
                    file, e.getClass().getSimpleName());
        }
    }
}
