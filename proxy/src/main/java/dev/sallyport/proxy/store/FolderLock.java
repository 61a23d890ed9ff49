package dev.sallyport.proxy.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second process out of a folder; ends with the process at the latest. */
final class FolderLock implements AutoCloseable {

    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /** @throws StoreProblem if somebody else has it */
    static FolderLock on(Path folder) {
        try {
            var file = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (held(file)) {
                return new FolderLock(file);
            }
            file.close();
        } catch (IOException e) {
            throw new StoreProblem(
                    "The store's folder " + folder + " cannot be locked. Check rights and free space.", e);
        }
        throw new StoreProblem("The store's folder " + folder
                + " is in use by another process. Stop that one, or give this one a state folder of its own.");
    }

    private static boolean held(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new StoreProblem("The lock of the store's folder cannot be given back.", e);
        }
    }
}
