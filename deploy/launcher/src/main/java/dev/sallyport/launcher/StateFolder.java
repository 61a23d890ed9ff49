package dev.sallyport.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** Everything that a stack keeps between runs, in one folder that only its owner can read. */
record StateFolder(Path root) {

    private static final String VERSION = "1";
    private static final long NEEDED_BYTES = 600L * 1024 * 1024;

    static StateFolder open(Path folder) {
        var root = folder.toAbsolutePath().normalize();
        try {
            if (posix(root)) {
                Files.createDirectories(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(root);
            }
            var state = new StateFolder(root);
            var version = state.read("version").orElse(VERSION);
            if (!version.equals(VERSION)) {
                throw new Failure("The state in " + root + " was written by another version (" + version
                        + "). Use that version, or another folder with --state.");
            }
            state.write("version", VERSION);
            if (Files.getFileStore(root).getUsableSpace() < NEEDED_BYTES) {
                throw new Failure(
                        "There is less than 600 MB of free disk space at " + root + ". Free some and run this again.");
            }
            return state;
        } catch (IOException e) {
            throw new Failure("The state folder " + root + " cannot be used: check that you may write there.", e);
        }
    }

    /** Held while the stack runs, so that two launchers never share a folder; the system drops it with the process. */
    FileLock lock() {
        try {
            var channel = FileChannel.open(file("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new Failure("A stack already runs with the state in " + root
                        + ". './sallyport status' shows it, './sallyport down' stops it, --state uses another folder.");
            }
            return lock;
        } catch (OverlappingFileLockException | IOException e) {
            throw new Failure("The state folder " + root + " cannot be locked: check that you may write there.", e);
        }
    }

    Path file(String name) {
        return root.resolve(name);
    }

    Path logs() {
        return folder("logs");
    }

    Path folder(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new Failure("The folder " + root.resolve(name) + " cannot be made: check rights and free space.", e);
        }
    }

    Optional<String> read(String name) {
        try {
            return Files.exists(file(name))
                    ? Optional.of(
                            Files.readString(file(name), StandardCharsets.UTF_8).strip())
                    : Optional.empty();
        } catch (IOException e) {
            throw new Failure(file(name) + " cannot be read: check its rights.", e);
        }
    }

    /** Replaces the file as a whole; nobody else can read it. */
    void write(String name, String text) {
        try {
            var fresh = posix(root)
                    ? Files.createTempFile(
                            root,
                            name,
                            ".new",
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                    : Files.createTempFile(root, name, ".new");
            Files.writeString(fresh, text + "\n", StandardCharsets.UTF_8);
            Files.move(fresh, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure(file(name) + " cannot be written: check rights and free space.", e);
        }
    }

    void delete(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw new Failure(file(name) + " cannot be removed: check rights.", e);
        }
    }

    /** A random value that is made once and stays. */
    String secret(String name) {
        return read(name).orElseGet(() -> {
            var fresh = random(32);
            write(name, fresh);
            return fresh;
        });
    }

    static String random(int bytes) {
        var value = new byte[bytes];
        new SecureRandom().nextBytes(value);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
