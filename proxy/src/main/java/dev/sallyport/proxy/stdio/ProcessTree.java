package dev.sallyport.proxy.stdio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process and everything that it started. Descendants are found by parentage and, on Linux, by a variable of their
 * environment that they inherit, so that one that lets its parent die is found as well. One that clears its environment and
 * detaches itself is not: what must not be able to do that belongs into a container.
 */
final class ProcessTree {

    static final String MARK = "SALLYPORT_PROCESS";

    private static final Path PROC = Path.of("/proc");
    private static final Duration POLITE = Duration.ofSeconds(2);
    private static final Duration AFTER_TERM = Duration.ofSeconds(2);

    private final Process process;
    private final byte[] mark;

    ProcessTree(Process process, String mark) {
        this.process = process;
        this.mark = (MARK + "=" + mark + "\0").getBytes(StandardCharsets.UTF_8);
    }

    /** Ends it: its input is closed already, so it may end by itself, then by TERM, then by KILL. Blocks for seconds. */
    void end() {
        var all = alive();
        waitFor(all, POLITE);
        all.putAll(alive());
        all.values().forEach(ProcessHandle::destroy);
        waitFor(all, AFTER_TERM);
        // Whatever was started meanwhile goes the same way.
        for (var round = 0; round < 3; round++) {
            all.putAll(alive());
            all.values().removeIf(handle -> !handle.isAlive());
            if (all.isEmpty()) {
                return;
            }
            all.values().forEach(ProcessHandle::destroyForcibly);
            waitFor(all, Duration.ofSeconds(1));
        }
    }

    private static void waitFor(Map<Long, ProcessHandle> all, Duration time) {
        var until = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - until < 0 && all.values().stream().anyMatch(ProcessHandle::isAlive)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private Map<Long, ProcessHandle> alive() {
        var all = new LinkedHashMap<Long, ProcessHandle>();
        all.put(process.pid(), process.toHandle());
        process.descendants().forEach(handle -> all.put(handle.pid(), handle));
        marked(all);
        all.values().removeIf(handle -> !handle.isAlive());
        return all;
    }

    private void marked(Map<Long, ProcessHandle> all) {
        if (!Files.isDirectory(PROC)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                // The handle first: it knows when its process began, and so never ends another one of the same number.
                ProcessHandle.of(Long.parseLong(entry.getFileName().toString()))
                        .filter(_ -> isMarked(entry))
                        .ifPresent(handle -> all.put(handle.pid(), handle));
            }
        } catch (IOException | NumberFormatException _) {
            // Not as on Linux; the descendants that are known have to do.
        }
    }

    private boolean isMarked(Path entry) {
        try {
            return contains(Files.readAllBytes(entry.resolve("environ")), mark);
        } catch (IOException _) {
            // Another user's, or gone.
            return false;
        }
    }

    private static boolean contains(byte[] text, byte[] word) {
        for (var start = 0; start <= text.length - word.length; start++) {
            if (Arrays.equals(text, start, start + word.length, word, 0, word.length)) {
                return true;
            }
        }
        return false;
    }
}
