package dev.sallyport.proxy.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How fresh the files of a node are: a number that rises whenever a node comes or goes, written by every node that is there.
 * After all have stopped, the one with the highest number begins with its files, and the others take what it has.
 */
record Generation(Path file) {

    /** Zero when the files are not to be relied on: never written, or in the middle of being replaced. */
    long read() {
        try {
            return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        } catch (IOException | NumberFormatException _) {
            return 0;
        }
    }

    void write(long number) {
        try {
            var fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, number + "\n", StandardCharsets.US_ASCII);
            try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StoreProblem("The file " + file + " cannot be written. Check rights and free space.", e);
        }
    }

    /** What is in the folder counts for nothing from now on. */
    void forget() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StoreProblem("The file " + file + " cannot be removed. Check rights and free space.", e);
        }
    }
}
