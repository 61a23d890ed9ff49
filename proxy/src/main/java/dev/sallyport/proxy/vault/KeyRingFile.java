package dev.sallyport.proxy.vault;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The key ring in a file that only its owner can read. Written to a new file, synced, and moved into place, so that a crash
 * leaves the old ring or the new one and never a half. What a crash leaves beside it goes with the next writing.
 */
public record KeyRingFile(Path path) implements KeyRingSource {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final String FRESH = "key-ring-fresh";
    private static final String NEW = ".new";

    public boolean exists() {
        return Files.exists(path);
    }

    @Override
    public String where() {
        return "the file " + path;
    }

    @Override
    public boolean isCheap() {
        return true;
    }

    /** @throws VaultProblem also if the file is open to others */
    @Override
    public KeyRing read() {
        try {
            refuseIfOthersCanRead();
            return KeyRingText.read(Files.readString(path, StandardCharsets.UTF_8), "The file " + path);
        } catch (IOException e) {
            throw new VaultProblem(
                    "The key ring " + path + " cannot be read. Check that it exists and belongs to the proxy's user.",
                    e);
        }
    }

    /**
     * Makes another ring of the one that is there, while no other process does; one that comes at the same time waits.
     *
     * @return what is in the file then
     * @throws VaultProblem if it cannot be read or written; the file is as it was
     */
    public KeyRing change(UnaryOperator<KeyRing> change) {
        // Says what is wrong where there is none to change.
        var _ = read();
        synchronized (KeyRingFile.class) {
            try (var channel = FileChannel.open(lock(), StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                var changed = change.apply(read());
                write(changed);
                return changed;
            } catch (IOException e) {
                throw new VaultProblem(
                        "The key ring " + path + " cannot be locked. Check the folder's rights and free space.", e);
            }
        }
    }

    /** A file beside the ring, which is itself replaced: it stays, empty. */
    private Path lock() throws IOException {
        var lock = path.resolveSibling(path.getFileName() + ".lock");
        try {
            return posix(lock)
                    ? Files.createFile(lock, PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                    : Files.createFile(lock);
        } catch (FileAlreadyExistsException _) {
            return lock;
        }
    }

    /** Replaces the file as a whole. */
    public void write(KeyRing ring) {
        var folder = path.toAbsolutePath().getParent();
        if (folder == null) {
            throw new VaultProblem("The key ring cannot be the root of the file system.");
        }
        try {
            createFolder(folder);
            removeLeftovers(folder);
            var fresh = createOwnerOnly(folder);
            try {
                Files.writeString(fresh, KeyRingText.write(ring), StandardCharsets.UTF_8);
                sync(fresh, StandardOpenOption.WRITE);
                Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
            syncFolder(folder);
        } catch (IOException e) {
            throw new VaultProblem(
                    "The key ring " + path + " cannot be written. Check the folder's rights and free space.", e);
        }
    }

    /** What a process that was killed while it wrote has left: it holds keys, perhaps retired ones. */
    private static void removeLeftovers(Path folder) throws IOException {
        try (var leftovers = Files.newDirectoryStream(folder, FRESH + "*" + NEW)) {
            for (var leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    private static void sync(Path path, StandardOpenOption how) throws IOException {
        try (var channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }

    /** Or else a power cut could take the key away from records that were synced after it. */
    private static void syncFolder(Path folder) {
        try {
            sync(folder, StandardOpenOption.READ);
        } catch (IOException _) {
            // Some file systems know no such thing; the ring is in place all the same.
        }
    }

    private static void createFolder(Path folder) throws IOException {
        if (posix(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
        } else {
            Files.createDirectories(folder);
        }
    }

    private static Path createOwnerOnly(Path folder) throws IOException {
        return posix(folder)
                ? Files.createTempFile(folder, FRESH, NEW, PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                : Files.createTempFile(folder, FRESH, NEW);
    }

    private void refuseIfOthersCanRead() throws IOException {
        if (!posix(path)) {
            return;
        }
        var rights = Files.getPosixFilePermissions(path);
        if (!OWNER_ONLY.containsAll(rights)
                && rights.stream().anyMatch(right -> right.name().startsWith("OTHERS"))) {
            throw new VaultProblem("The key ring " + path + " can be read by other users of this machine."
                    + " Give it to the proxy's user only: chmod 600.");
        }
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
