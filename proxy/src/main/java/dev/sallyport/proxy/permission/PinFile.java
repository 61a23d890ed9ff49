package dev.sallyport.proxy.permission;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Pins in memory, each written behind the others into one file, one line each. A line that was torn by a crash is left out
 * when the file is read again, and the file is then written anew, so it never grows without bound. Lines reach the
 * operating system at once and the disk when that sees fit: what a power cut loses is pinned again when it is next seen.
 */
public final class PinFile implements ToolPins, AutoCloseable {

    /** The oldest pins give way; a pin that gave way is made again when its tool is next seen. */
    private static final int MAX_PINS = 200_000;

    private static final String VERSION = "1";

    private final Map<Key, Pin> pins = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final FileChannel file;

    private PinFile(Map<Key, Pin> pins, FileChannel file) {
        this.pins.putAll(pins);
        this.file = file;
    }

    /** @throws UncheckedIOException if the file cannot be read or written */
    public static PinFile open(Path path) {
        try {
            var pins = Files.exists(path) ? read(path) : Collections.<Key, Pin>emptyMap();
            rewrite(path, pins);
            return new PinFile(pins, FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new UncheckedIOException("tool pins in " + path.getFileName(), e);
        }
    }

    @Override
    public Pin first(Key key, Pin pin) {
        lock.lock();
        try {
            var known = pins.get(key);
            if (known != null) {
                return known;
            }
            put(key, pin);
            return pin;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void replace(Key key, Pin pin) {
        lock.lock();
        try {
            put(key, pin);
        } finally {
            lock.unlock();
        }
    }

    /** Called under the lock; the write goes to the page cache, so nobody waits for a disk. */
    private void put(Key key, Pin pin) {
        try {
            var line = ByteBuffer.wrap(line(key, pin).getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                file.write(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("tool pins cannot be written", e);
        }
        pins.remove(key);
        pins.put(key, pin);
        if (pins.size() > MAX_PINS) {
            pins.remove(pins.keySet().iterator().next());
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private static Map<Key, Pin> read(Path path) throws IOException {
        var pins = new LinkedHashMap<Key, Pin>();
        var text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
        for (var line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
            var fields = line.split("\t", -1);
            if (fields.length == 7 && fields[0].equals(VERSION)) {
                var key = new Key(plain(fields[1]), plain(fields[2]), plain(fields[3]));
                pins.remove(key);
                pins.put(key, new Pin(fields[4], fields[5].equals("r"), fields[6].equals("d")));
            }
        }
        return pins;
    }

    private static void rewrite(Path path, Map<Key, Pin> pins) throws IOException {
        var next = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(next);
        var text = new StringBuilder();
        pins.forEach((key, pin) -> text.append(line(key, pin)));
        createPrivate(next);
        try (var channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        try {
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException _) {
            Files.move(next, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void createPrivate(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(path);
        }
    }

    private static String line(Key key, Pin pin) {
        return String.join(
                        "\t",
                        VERSION,
                        quoted(key.server()),
                        quoted(key.holder()),
                        quoted(key.tool()),
                        pin.digest(),
                        pin.readOnly() ? "r" : "w",
                        pin.destructive() ? "d" : "h")
                + "\n";
    }

    private static String quoted(String text) {
        return text.replace("%", "%25")
                .replace("\t", "%09")
                .replace("\n", "%0A")
                .replace("\r", "%0D");
    }

    private static String plain(String quoted) {
        return quoted.replace("%0D", "\r")
                .replace("%0A", "\n")
                .replace("%09", "\t")
                .replace("%25", "%");
    }
}
