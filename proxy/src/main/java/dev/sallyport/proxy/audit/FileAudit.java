package dev.sallyport.proxy.audit;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Decisions as JSON lines in a file, written in batches by one thread; at most 10,000 wait. The file is created readable
 * by its owner only, always appended to, and opened anew when somebody has moved it away, so that it can be rotated.
 *
 * <p>When the disk does not take them: {@link Loss#STOPS_CALLS} refuses every call until it does again, {@link
 * Loss#IS_COUNTED} goes on and says how many were lost. An event that was taken is written within a second; a crash of
 * the machine in that second can lose it.
 */
public final class FileAudit implements AuditLog, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(FileAudit.class);
    private static final int MAX_WAITING = 10_000;
    private static final int BATCH = 500;
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Path file;
    private final Loss loss;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;
    private volatile boolean broken;
    private final CountDownLatch closing = new CountDownLatch(1);
    private Optional<Open> open = Optional.empty();

    /** The file as it was opened: {@code key} tells whether the path still leads to it. */
    private record Open(FileChannel channel, Object key) {}

    public FileAudit(Path file, Loss loss) {
        this.file = file;
        this.loss = loss;
        this.writer = Thread.ofPlatform().daemon().name("audit").start(this::run);
    }

    @Override
    public void record(Decision decision) {
        if (isClosing() || (broken && loss == Loss.STOPS_CALLS) || !waiting.offer(JsonLine.of(decision))) {
            lost.incrementAndGet();
            if (loss == Loss.STOPS_CALLS) {
                throw new Refused(new Refusal.Unavailable("audit"));
            }
        }
    }

    /** Events that were not written, since the start. */
    public long lost() {
        return lost.get();
    }

    /** Writes what waits, then closes the file. */
    @Override
    public void close() {
        closing.countDown();
        try {
            writer.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void run() {
        var batch = new ArrayList<String>(BATCH);
        try {
            while (!isClosing() || !waiting.isEmpty() || !batch.isEmpty()) {
                if (batch.isEmpty()) {
                    var first = waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                    if (first != null) {
                        batch.add(first);
                        waiting.drainTo(batch, BATCH - 1);
                    }
                }
                attempt(batch);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            shut();
        }
    }

    /** Writes the batch, or looks whether the file can be written again while there is none. */
    private void attempt(List<String> batch) throws InterruptedException {
        try {
            if (!batch.isEmpty() || broken) {
                write(batch);
            }
            batch.clear();
            if (broken) {
                LOG.infof("audit file %s can be written again; %d events were lost", file, lost.get());
                broken = false;
            }
        } catch (IOException e) {
            if (!broken) {
                LOG.errorf(
                        "audit file %s cannot be written (%s)%s",
                        file,
                        e.getClass().getSimpleName(),
                        loss == Loss.STOPS_CALLS ? ": calls are refused until it can" : "");
            }
            broken = true;
            shut();
            if (isClosing()) {
                lost.addAndGet(batch.size());
                batch.clear();
            } else if (!batch.isEmpty() && closing.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("the last audit events get one more try");
            }
        }
    }

    private void write(List<String> batch) throws IOException {
        var channel = channel();
        if (!batch.isEmpty()) {
            var bytes = ByteBuffer.wrap((String.join("\n", batch) + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private FileChannel channel() throws IOException {
        if (open.isPresent() && isStillThere(open.get())) {
            return open.get().channel();
        }
        shut();
        var folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (!Files.exists(file)) {
            create();
        }
        var channel = FileChannel.open(file, StandardOpenOption.APPEND);
        open = Optional.of(new Open(channel, key()));
        return channel;
    }

    private void create() throws IOException {
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        try {
            var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            Files.newByteChannel(file, options, owner).close();
        } catch (UnsupportedOperationException _) {
            Files.newByteChannel(file, options).close();
        }
    }

    private boolean isStillThere(Open opened) {
        try {
            return key().equals(opened.key());
        } catch (IOException _) {
            return false;
        }
    }

    private Object key() throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.fileKey() == null ? file : attributes.fileKey();
    }

    private void shut() {
        open.ifPresent(opened -> {
            try {
                opened.channel().close();
            } catch (IOException e) {
                LOG.debugf("closing the audit file: %s", e.getClass().getSimpleName());
            }
        });
        open = Optional.empty();
    }
}
