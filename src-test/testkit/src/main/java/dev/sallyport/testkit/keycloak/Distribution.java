package dev.sallyport.testkit.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/**
 * A Keycloak distribution with our jar in it, already built ({@code kc.sh build}), kept in a cache by the hash of both.
 * Several test JVMs may ask for it at once: one builds, the others wait. The three newest stay.
 */
final class Distribution {
    private static final int KEPT = 3;
    private static final String BUILT = "built";

    private final Path directory;
    private final Path snapshot;

    private Distribution(Path directory, Path snapshot) {
        this.directory = directory;
        this.snapshot = snapshot;
    }

    static Distribution built() {
        try {
            return built(Locations.zip(), Locations.jar(), Locations.cache());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where {@code bin}, {@code lib} and {@code providers} are. */
    Path home() {
        return directory.resolve("keycloak");
    }

    /**
     * A database after the first boot, so that no later start has to make its tables again; maybe not there yet. All jars
     * with the same tables share it.
     */
    Path snapshot() {
        return snapshot;
    }

    private static Distribution built(Path zip, Path jar, Path cache) throws IOException {
        Files.createDirectories(cache);
        try (var lock = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = lock.lock()) {
            var directory = cache.resolve(hash(zip, jar));
            if (held.isValid() && Files.notExists(directory.resolve(BUILT))) {
                delete(directory);
                prune(cache);
                build(zip, jar, directory);
                Files.createFile(directory.resolve(BUILT));
            }
            return new Distribution(directory, cache.resolve("snapshot-" + tables(zip, jar)));
        }
    }

    private static void build(Path zip, Path jar, Path directory) throws IOException {
        var home = directory.resolve("keycloak");
        unzip(zip, home);
        Files.copy(jar, home.resolve("providers").resolve("sallyport.jar"));
        var log = directory.resolve("build.log");
        var builder = new ProcessBuilder(home.resolve("bin/kc.sh").toString(), "build", "--db=" + TestDatabase.kind());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        var process = builder.start();
        try {
            if (!process.waitFor(4, TimeUnit.MINUTES)) {
                throw new IllegalStateException("kc.sh build took longer than four minutes:\n" + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Keycloak was built", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException("kc.sh build failed:\n" + Files.readString(log));
        }
    }

    /** The archive has one folder with the version in its name, which is left out. */
    private static void unzip(Path zip, Path target) throws IOException {
        try (var file = new ZipFile(zip.toFile())) {
            for (var entry : Collections.list(file.entries())) {
                var name = entry.getName().substring(entry.getName().indexOf('/') + 1);
                var path = target.resolve(name).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.resolveSibling("."));
                try (var in = file.getInputStream(entry)) {
                    Files.copy(in, path, StandardCopyOption.REPLACE_EXISTING);
                }
                if (name.endsWith(".sh") && !path.toFile().setExecutable(true)) {
                    throw new IOException("cannot make executable: " + path);
                }
            }
        }
    }

    private static void prune(Path cache) throws IOException {
        List<Path> built;
        try (var entries = Files.list(cache)) {
            built = entries.filter(entry -> Files.exists(entry.resolve(BUILT)))
                    .sorted(Comparator.comparingLong((Path entry) ->
                                    entry.resolve(BUILT).toFile().lastModified())
                            .reversed())
                    .toList();
        }
        for (var old : built.subList(Math.min(KEPT - 1, built.size()), built.size())) {
            delete(old);
        }
    }

    static void delete(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        try (var entries = Files.walk(directory)) {
            for (var entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(entry);
            }
        }
    }

    static void copy(Path from, Path to) throws IOException {
        try (var entries = Files.walk(from)) {
            for (var entry : (Iterable<Path>) entries::iterator) {
                var target = to.resolve(from.relativize(entry).toString());
                if (Files.isDirectory(entry)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(entry, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** By content of our jar, which is built reproducibly; by name and size of the distribution, which is large. */
    private static String hash(Path zip, Path jar) throws IOException {
        var digest = digest(zip);
        digest.update(TestDatabase.kind().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(jar));
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    /** By what the jar does to the database. */
    private static String tables(Path zip, Path jar) throws IOException {
        var digest = digest(zip);
        try (var file = new ZipFile(jar.toFile())) {
            for (var entry : Collections.list(file.entries())) {
                if (entry.getName().startsWith("META-INF/sallyport-changelog")) {
                    try (var in = file.getInputStream(entry)) {
                        digest.update(in.readAllBytes());
                    }
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    private static MessageDigest digest(Path zip) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update((zip.getFileName() + ":" + Files.size(zip)).getBytes(StandardCharsets.UTF_8));
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
