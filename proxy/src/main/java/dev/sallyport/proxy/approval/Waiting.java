package dev.sallyport.proxy.approval;

import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.store.Area;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Which approvals wait for each person: a list of ids, so that there can be no more than so many of one person. */
final class Waiting {

    /** A list outlives its entries, which carry their own end. */
    private static final Duration KEPT = Duration.ofHours(2);

    private final Area area;
    private final InstantSource clock;

    Waiting(Area area, InstantSource clock) {
        this.area = area;
        this.clock = clock;
    }

    private record Entry(String id, long until) {

        String line() {
            return id + " " + until;
        }

        static Entry of(String line) {
            var space = line.indexOf(' ');
            return new Entry(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
        }
    }

    /** False if so many wait already that this one may not. */
    boolean add(Approval.Whose whose, String id, Instant until, int most) {
        var added = new AtomicBoolean();
        area.update(key(whose.issuer(), whose.subject()), KEPT, before -> {
            var entries = current(before);
            added.set(entries.size() < most);
            if (added.get()) {
                entries.add(new Entry(id, until.getEpochSecond()));
            }
            return written(entries);
        });
        return added.get();
    }

    void remove(Approval.Whose whose, String id) {
        area.update(key(whose.issuer(), whose.subject()), KEPT, before -> {
            var entries = current(before);
            entries.removeIf(entry -> entry.id().equals(id));
            return written(entries);
        });
    }

    /** Oldest first. */
    List<String> of(String issuer, String subject) {
        return current(area.get(key(issuer, subject))).stream().map(Entry::id).toList();
    }

    private List<Entry> current(Optional<byte[]> record) {
        var now = clock.instant().getEpochSecond();
        var entries = new ArrayList<Entry>();
        record.map(bytes -> new String(bytes, StandardCharsets.US_ASCII))
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> List.of(text.split("\n", -1)).stream()
                        .map(Entry::of)
                        .filter(entry -> entry.until() > now)
                        .forEach(entries::add));
        return entries;
    }

    private static Optional<byte[]> written(List<Entry> entries) {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        String.join("\n", entries.stream().map(Entry::line).toList())
                                .getBytes(StandardCharsets.US_ASCII));
    }

    private static String key(String issuer, String subject) {
        return "of " + new JsonDigest().add(issuer).add(subject).hex();
    }
}
