package dev.sallyport.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux accounts to a process and its descendants. */
final class Procfs {

    /** USER_HZ, which Linux fixes at 100 for what it shows in /proc, whatever the kernel's own tick. */
    private static final long MICROS_PER_TICK = 10_000;

    private Procfs() {}

    static boolean available() {
        return Files.isReadable(Path.of("/proc/self/smaps_rollup"));
    }

    /** User and system time so far, also of children that have ended and were waited for. */
    static long cpuMicros(ProcessHandle process) {
        return all(process).mapToLong(Procfs::ticks).sum() * MICROS_PER_TICK;
    }

    /** The same of this process alone. */
    static long ownCpuMicros(ProcessHandle process) {
        return ticks(process) * MICROS_PER_TICK;
    }

    /** Proportional set size: shared pages are counted once, divided among those who share them. */
    static long memoryKib(ProcessHandle process) {
        return all(process).mapToLong(Procfs::pss).sum();
    }

    /** The same of this process alone. */
    static long ownMemoryKib(ProcessHandle process) {
        return pss(process);
    }

    private static Stream<ProcessHandle> all(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants());
    }

    private static long ticks(ProcessHandle process) {
        var stat = read(process, "stat");
        // The second field is the command in parentheses, which may hold anything; fields are counted after it.
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        var sum = 0L;
        for (var field = 11; field <= 14; field++) {
            sum += Long.parseLong(fields[field]);
        }
        return sum;
    }

    private static long pss(ProcessHandle process) {
        return read(process, "smaps_rollup")
                .lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    private static String read(ProcessHandle process, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
