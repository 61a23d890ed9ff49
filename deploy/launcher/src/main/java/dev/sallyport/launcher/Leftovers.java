package dev.sallyport.launcher;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Processes of a launcher that was killed: remembered by id and start time, so that a process id that the system gave to
 * somebody else since is never touched.
 */
final class Leftovers {

    static final String FILE = "processes";

    static void remember(StateFolder state, List<Child> children) {
        var lines = new ArrayList<String>();
        for (var child : children) {
            lines.add(line(child.handle()));
        }
        state.write(FILE, String.join("\n", lines));
    }

    /** {@code pid start}: the process, if it is still the one that was meant. */
    static Optional<ProcessHandle> find(String line) {
        var parts = line.split(" ", -1);
        if (parts.length != 2) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(parts[0]))
                .filter(handle -> started(handle)
                        .map(Instant::toEpochMilli)
                        .filter(Long.valueOf(parts[1])::equals)
                        .isPresent());
    }

    static String line(ProcessHandle handle) {
        return handle.pid() + " " + started(handle).map(Instant::toEpochMilli).orElse(0L);
    }

    /** Ends what an earlier run left behind; true if there was something. */
    static boolean end(StateFolder state) {
        var found = false;
        for (var line : state.read(FILE).orElse("").lines().toList()) {
            var process = find(line);
            if (process.isPresent()) {
                found = true;
                Child.stop(process.get());
            }
        }
        state.delete(FILE);
        return found;
    }

    private static Optional<Instant> started(ProcessHandle handle) {
        return handle.info().startInstant();
    }

    private Leftovers() {}
}
