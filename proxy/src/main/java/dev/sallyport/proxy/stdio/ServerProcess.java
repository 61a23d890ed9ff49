package dev.sallyport.proxy.stdio;

import dev.sallyport.proxy.bridge.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * One running MCP server and its three streams. Reading and writing have threads of their own, of the platform, because a
 * process that does not read or write would hold up a thread that others need.
 */
final class ServerProcess implements Wire {

    private static final Logger LOG = Logger.getLogger(ServerProcess.class);

    /** What may wait for a process that does not read; more, and it counts as dead. */
    private static final long MAX_WAITING = 16L * 1024 * 1024;

    private static final int ERROR_LINE = 4096;

    private final Started started;
    private final ErrorLines errors;
    private final int lineLimit;
    private final Runnable whenEnded;
    private final LinkedBlockingQueue<Optional<byte[]>> outbox = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * @param credential a file to remove when the process has ended
     */
    record Started(String server, Process process, ProcessTree tree, Optional<Path> credential) {}

    /** @param whenEnded called once, when nothing of it runs any more */
    ServerProcess(Started started, ErrorLines errors, int lineLimit, Runnable whenEnded) {
        this.started = started;
        this.errors = errors;
        this.lineLimit = lineLimit;
        this.whenEnded = whenEnded;
    }

    @Override
    public void listen(Receiver receiver) {
        thread("out", () -> read(receiver));
        thread("err", this::readErrors);
        thread("in", this::write);
        // What it started may hold its streams open; it is over all the same.
        var _ = started.process().onExit().thenRun(this::close);
    }

    @Override
    public boolean send(byte[] message) {
        if (ended.get()) {
            return false;
        }
        if (waiting.addAndGet(message.length) > MAX_WAITING) {
            LOG.warnf("%s[%d] does not read its input and is ended", started.server(), pid());
            close();
            return false;
        }
        outbox.add(Optional.of(line(message)));
        return true;
    }

    /** In JSON a line break can only stand between tokens, so a space says the same. */
    private static byte[] line(byte[] message) {
        var line = Arrays.copyOf(message, message.length + 1);
        for (var at = 0; at < message.length; at++) {
            if (line[at] == '\n' || line[at] == '\r') {
                line[at] = ' ';
            }
        }
        line[message.length] = '\n';
        return line;
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            outbox.add(Optional.empty());
            thread("end", this::end);
        }
    }

    private void end() {
        started.tree().end();
        started.credential().ifPresent(Commands::delete);
        whenEnded.run();
        LOG.infof("%s: process %d has ended", started.server(), pid());
    }

    private void read(Receiver receiver) {
        try (var in = started.process().getInputStream()) {
            new Lines(lineLimit, receiver::received, last -> {
                        LOG.warnf("%s[%d] wrote a line of more than %d bytes", started.server(), pid(), lineLimit);
                        receiver.tooLong(last);
                    })
                    .readAll(in);
        } catch (IOException _) {
            // Closed by us.
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s[%d]: its messages cannot be read on", started.server(), pid());
        } finally {
            close();
            receiver.closed();
        }
    }

    private void readErrors() {
        try (var in = started.process().getErrorStream()) {
            new Lines(ERROR_LINE, errors::line, _ -> {}).readAll(in);
        } catch (IOException _) {
            // Closed by us.
        }
    }

    private void write() {
        // Closing its input is how a server is told to end (MCP, stdio, shutdown); nobody else may close it, for that
        // would
        // wait for a write that a stalled process holds up.
        try (var out = started.process().getOutputStream()) {
            while (true) {
                var next = outbox.take();
                if (next.isEmpty()) {
                    return;
                }
                out.write(next.get());
                if (outbox.isEmpty()) {
                    out.flush();
                }
                waiting.addAndGet(1L - next.get().length);
            }
        } catch (IOException _) {
            close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private long pid() {
        return started.process().pid();
    }

    private void thread(String what, Runnable work) {
        Thread.ofPlatform()
                .daemon()
                .name(started.server() + " " + pid() + " " + what)
                .start(work);
    }
}
