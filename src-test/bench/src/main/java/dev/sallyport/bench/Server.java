package dev.sallyport.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A subject that runs, pinned to the first core. Ended when closed, and when this process ends in any orderly way. */
final class Server implements AutoCloseable {

    private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
    private static final Path TASKSET = Path.of("/usr/bin/taskset");

    private final Subject subject;
    private final Process process;
    private final Thread atExit;
    private final double startMillis;

    private Server(Subject subject, Process process, Thread atExit, double startMillis) {
        this.subject = subject;
        this.process = process;
        this.atExit = atExit;
        this.startMillis = startMillis;
    }

    /** Starts it and sends this request again and again until it is answered with 200. */
    static Server start(Subject subject, ByteBuffer request, Path log) throws IOException {
        var command = new ArrayList<String>();
        if (TASKSET.toFile().canExecute()) {
            command.addAll(List.of(TASKSET.toString(), "-c", "0"));
        }
        command.addAll(subject.command());
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(subject.environment());
        var started = System.nanoTime();
        var process = builder.start();
        var atExit = new Thread(process::destroyForcibly, "end-" + subject.port());
        Runtime.getRuntime().addShutdownHook(atExit);
        while (!answered(subject.port(), request)) {
            if (!process.isAlive() || System.nanoTime() - started > PATIENCE) {
                process.destroyForcibly();
                throw new IOException(subject.name() + " does not answer; its output is in " + log);
            }
            LockSupport.parkNanos(1_000_000);
        }
        return new Server(subject, process, atExit, (System.nanoTime() - started) / 1e6);
    }

    Subject subject() {
        return subject;
    }

    /** From the start of the process to the first 200. */
    double startMillis() {
        return startMillis;
    }

    long cpuMicros() {
        return Procfs.cpuMicros(process.toHandle());
    }

    /** Without the processes that it started. */
    long ownCpuMicros() {
        return Procfs.ownCpuMicros(process.toHandle());
    }

    long memoryKib() {
        return Procfs.memoryKib(process.toHandle());
    }

    /** Without the processes that it started. */
    long ownMemoryKib() {
        return Procfs.ownMemoryKib(process.toHandle());
    }

    /** What of a JVM's heap is in use, after a collection. */
    long liveHeapKib() throws IOException {
        var jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .start();
        try (var lines = jcmd.inputReader().lines()) {
            return lines.filter(line -> line.startsWith("Total"))
                    .mapToLong(line -> Long.parseLong(line.strip().split("\\s+", -1)[2]) / 1024)
                    .findFirst()
                    .orElseThrow(() -> new IOException("jcmd says nothing of the heap"));
        }
    }

    private static boolean answered(int port, ByteBuffer request) {
        try (var one = new OneConnection(port)) {
            return one.status(request) == 200;
        } catch (IOException _) {
            // Not listening yet.
            return false;
        }
    }

    @Override
    public void close() {
        var handle = process.toHandle();
        var all = handle.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
