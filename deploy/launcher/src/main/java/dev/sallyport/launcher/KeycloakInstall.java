package dev.sallyport.launcher;

import java.io.IOException;
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
 * A Keycloak with our jar, unpacked and built once per version of both and used by every stack of this checkout. It is
 * made beside its place and moved there when complete, so a half-finished one is never used.
 *
 * @param home where {@code bin} and {@code providers} are
 */
record KeycloakInstall(Path home) {

    private static final int KEPT = 2;
    private static final long BUILD_MINUTES = 6;

    static KeycloakInstall of(Path zip, Path jar, Path cache) {
        try {
            Files.createDirectories(cache);
            try (var channel = FileChannel.open(
                            cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = channel.lock()) {
                var place = cache.resolve(hash(zip, jar));
                if (held.isValid() && Files.notExists(place)) {
                    Say.step("Preparing Keycloak (once for this version, half a minute or more)");
                    make(zip, jar, place);
                    prune(cache, place);
                }
                return new KeycloakInstall(place);
            }
        } catch (IOException e) {
            throw new Failure(
                    "Keycloak could not be unpacked into " + cache + ": " + e.getMessage()
                            + ". Check rights and free space (about 500 MB).",
                    e);
        }
    }

    private static void make(Path zip, Path jar, Path place) throws IOException {
        var unfinished = place.resolveSibling(place.getFileName() + ".unfinished");
        delete(unfinished);
        unzip(zip, unfinished);
        Files.copy(jar, unfinished.resolve("providers").resolve("sallyport-keycloak-extension.jar"));
        build(unfinished);
        Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void build(Path home) throws IOException {
        var log = home.resolve("build.log");
        var builder = new ProcessBuilder(home.resolve("bin/kc.sh").toString(), "build", "--db=dev-file")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        var process = builder.start();
        try {
            if (!process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new Failure("Keycloak could not be built with the extension; the log is " + log + ".");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted while Keycloak was being prepared.");
        } finally {
            Child.stop(process.toHandle());
        }
    }

    /** The archive has one folder with the version in its name, which is left out. */
    private static void unzip(Path zip, Path target) throws IOException {
        try (var archive = new ZipFile(zip.toFile())) {
            for (var entry : Collections.list(archive.entries())) {
                var name = entry.getName().substring(entry.getName().indexOf('/') + 1);
                var path = target.resolve(name).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("the archive has an entry outside of itself");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.resolve("..").normalize());
                try (var in = archive.getInputStream(entry)) {
                    Files.copy(in, path, StandardCopyOption.REPLACE_EXISTING);
                }
                if (name.endsWith(".sh") && !path.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + path + " executable");
                }
            }
        }
    }

    private static void prune(Path cache, Path current) throws IOException {
        List<Path> old;
        try (var entries = Files.list(cache)) {
            old = entries.filter(Files::isDirectory)
                    .filter(entry -> !entry.equals(current))
                    .sorted(Comparator.comparingLong(
                                    (Path entry) -> entry.toFile().lastModified())
                            .reversed())
                    .skip(KEPT - 1)
                    .toList();
        }
        for (var entry : old) {
            delete(entry);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try (var entries = Files.walk(folder)) {
            for (var entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }

    private static String hash(Path zip, Path jar) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update((zip.getFileName() + ":" + Files.size(zip) + ":" + System.getProperty("java.version"))
                    .getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(jar));
            return HexFormat.of().formatHex(digest.digest(), 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
