package dev.sallyport.testkit.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * Where the parts are: what the build says ({@code sallyport.keycloak.zip}, {@code sallyport.extension.jar},
 * {@code sallyport.keycloak.cache}), else where Maven leaves them in this repository.
 */
final class Locations {
    private static final String ARTIFACT = "keycloak-quarkus-dist";

    private Locations() {}

    static Path zip() {
        var given = System.getProperty("sallyport.keycloak.zip", "");
        if (!given.isEmpty()) {
            return existing(Path.of(given), "sallyport.keycloak.zip");
        }
        var artifact = Path.of(System.getProperty("user.home"), ".m2/repository/org/keycloak", ARTIFACT);
        return newest(artifact, ARTIFACT, ".zip", "the distribution of Keycloak; give -Dsallyport.keycloak.zip");
    }

    static Path jar() {
        var given = System.getProperty("sallyport.extension.jar", "");
        if (!given.isEmpty()) {
            return existing(Path.of(given), "sallyport.extension.jar");
        }
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            var target = folder.resolve("keycloak-extension/target");
            if (Files.isDirectory(target)) {
                return newest(
                        target, "sallyport-keycloak-extension-", ".jar", "the extension; package that module first");
            }
        }
        throw new IllegalStateException("keycloak-extension/target is in no folder above; package that module first");
    }

    static Path cache() {
        var given = System.getProperty("sallyport.keycloak.cache", "");
        return given.isEmpty()
                ? Path.of(System.getProperty("java.io.tmpdir"), "sallyport-keycloak")
                : Path.of(given).toAbsolutePath();
    }

    private static Path existing(Path path, String property) {
        if (Files.notExists(path)) {
            throw new IllegalStateException(property + " names a file that is not there: " + path);
        }
        return path;
    }

    private static Path newest(Path folder, String prefix, String suffix, String what) {
        if (Files.isDirectory(folder)) {
            try (var files = Files.walk(folder, 2)) {
                var found = files.filter(file -> {
                            var name = String.valueOf(file.getFileName());
                            return name.startsWith(prefix) && name.endsWith(suffix) && !name.contains("sources");
                        })
                        .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("not found in " + folder + ": " + what);
    }
}
