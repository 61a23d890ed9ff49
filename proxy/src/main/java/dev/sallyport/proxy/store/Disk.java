package dev.sallyport.proxy.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The disk under a store in this process. A file store that cannot finish a record puts the next one in a wrong place, and
 * those behind it nowhere; so writes are refused while there is still room, and removals a little later. When a write fails
 * nevertheless, this store takes no other until the process starts again, which reads back what was acknowledged.
 */
final class Disk {

    /** New records are refused with less than this many free bytes: enough for the files that are written and compacted. */
    static final long SPARE = 128L << 20;

    /** Removals are refused with less than this; they write too, but who disconnects an account should not have to wait. */
    static final long LAST = SPARE / 2;

    private static final Logger LOG = Logger.getLogger(Disk.class);
    private static final long QUIET = Duration.ofMinutes(1).toNanos();

    private final Path folder;
    private final LongSupplier free;
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private final AtomicLong told = new AtomicLong(System.nanoTime() - QUIET);

    /** @param free how many bytes can still be written; negative if nobody knows */
    Disk(Path folder, LongSupplier free) {
        this.folder = folder;
        this.free = free;
    }

    static Disk under(Path folder) {
        return new Disk(folder, () -> usable(folder));
    }

    private static long usable(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException _) {
            return -1;
        }
    }

    /** @throws StoreProblem if a record cannot be written */
    void forRecord() {
        refuseBelow(SPARE);
    }

    /** @throws StoreProblem if a record cannot be removed */
    void forRemoval() {
        refuseBelow(LAST);
    }

    private void refuseBelow(long bytes) {
        problem().ifPresent(sentence -> {
            throw new StoreProblem(sentence);
        });
        if (free.getAsLong() < bytes) {
            var sentence = "The disk of " + folder + " is full: less than " + (bytes >> 20)
                    + " MiB are free, or it cannot be read. Nothing is written there until there is more; make room.";
            var now = System.nanoTime();
            var last = told.get();
            if (now - last >= QUIET && told.compareAndSet(last, now)) {
                LOG.error(sentence);
            }
            throw new StoreProblem(sentence);
        }
    }

    /** From now on nothing is written, and who waits for a write is told so. */
    void failed(Throwable cause) {
        if (broken.complete(null)) {
            LOG.errorf(
                    "A write to %s failed: %s. Nothing is written there any more; mend the disk, then restart the proxy.",
                    folder, cause.getMessage());
        }
    }

    /** Ends when a write has failed. */
    CompletableFuture<Void> broken() {
        return broken;
    }

    /** Why nothing is written until a restart. */
    Optional<String> problem() {
        return broken.isDone()
                ? Optional.of("A write to " + folder + " failed, so nothing is written there any more."
                        + " Mend the disk, then restart the proxy: what was acknowledged is there.")
                : Optional.empty();
    }
}
