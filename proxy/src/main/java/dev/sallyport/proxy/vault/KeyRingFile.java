package dev.sallyport.proxy.vault;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.vault.KeyRing.MasterKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * The key ring as a text file that only its owner can read: a first line that names the format, then one line a key
 * ({@code id from base64}), the last one in force being the active one. Written to a new file, synced, and moved into place, so
 * that a crash leaves the old ring or the new one and never a half.
 */
public record KeyRingFile(Path path) {

    private static final String FORMAT = "sallyport-key-ring 1";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    public boolean exists() {
        return Files.exists(path);
    }

    /** @throws VaultProblem in words if the file is missing, unreadable, open to others, or not a key ring */
    public KeyRing read() {
        List<String> lines;
        try {
            refuseIfOthersCanRead();
            lines = Files.readAllLines(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new VaultProblem(
                    "The key ring " + path + " cannot be read. Check that it exists and belongs to the proxy's user.",
                    e);
        }
        if (lines.isEmpty() || !lines.getFirst().equals(FORMAT)) {
            throw new VaultProblem("The file " + path + " is not a Sallyport key ring. Restore it from your backup.");
        }
        var keys = new ArrayList<MasterKey>();
        for (var line : lines.subList(1, lines.size())) {
            if (!line.isBlank()) {
                keys.add(parse(line));
            }
        }
        return new KeyRing(keys);
    }

    /** Replaces the file as a whole. */
    public void write(KeyRing ring) {
        var text = new StringBuilder(FORMAT).append('\n');
        for (var key : ring.keys()) {
            text.append(key.id()).append(' ').append(key.from()).append(' ');
            text.append(key.key().<String>reveal(bytes -> Base64.getEncoder().encodeToString(bytes)));
            text.append('\n');
        }
        var folder = path.toAbsolutePath().getParent();
        if (folder == null) {
            throw new VaultProblem("The key ring cannot be the root of the file system.");
        }
        try {
            Files.createDirectories(folder);
            var fresh = createOwnerOnly(folder);
            Files.writeString(fresh, text, StandardCharsets.UTF_8);
            try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new VaultProblem(
                    "The key ring " + path + " cannot be written. Check the folder's rights and free space.", e);
        }
    }

    private Path createOwnerOnly(Path folder) throws IOException {
        return posix(folder)
                ? Files.createTempFile(folder, "key-ring", ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                : Files.createTempFile(folder, "key-ring", ".new");
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

    private MasterKey parse(String line) {
        var parts = line.split(" ", -1);
        try {
            if (parts.length == 3) {
                var key = Secret.of(Base64.getDecoder().decode(parts[2]));
                return new MasterKey(parts[0], key, Instant.parse(parts[1]));
            }
        } catch (IllegalArgumentException | DateTimeException _) {
            // Falls through to the sentence below: the cause would hold key material.
        }
        throw new VaultProblem("The key ring " + path + " is damaged. Restore it from your backup.");
    }
}
