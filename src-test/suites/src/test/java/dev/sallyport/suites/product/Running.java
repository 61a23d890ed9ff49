package dev.sallyport.suites.product;

import dev.sallyport.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that a suite started, with its output in a file; it ends with the suite, together with its children. */
public final class Running implements AutoCloseable {

    private final Process process;
    private final Path log;

    private Running(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    public static Running start(String name, List<String> command, Map<String, String> environment) {
        try {
            var log = Files.createDirectories(Repository.scratch("logs")).resolve(name + ".log");
            var builder = new ProcessBuilder(command)
                    .directory(Node.file("").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            return new Running(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it answers HTTP at all there. */
    public Running listening(int port) {
        Await.until(Duration.ofSeconds(60), "port " + port + " of " + log.getFileName(), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("ended with " + process.exitValue() + ":\n" + output());
            }
            return Ports.accepts(port);
        });
        return this;
    }

    /** Waits for its end and gives the exit code. */
    public int end(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                close();
                throw new AssertionError("still running after " + patience + ":\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** The arguments as anybody on the machine may see them. */
    public String commandLine() {
        return process.info().commandLine().orElse("");
    }

    public String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Ends it as a power cut does, and returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        end(Duration.ofSeconds(30));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
