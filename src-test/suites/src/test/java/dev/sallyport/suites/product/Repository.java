package dev.sallyport.suites.product;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where things are in the working copy. */
public final class Repository {

    private static final Path ROOT = root();

    private Repository() {}

    public static Path file(String path) {
        return ROOT.resolve(path);
    }

    /** Where a suite may write: below {@code target}. */
    public static Path scratch(String name) {
        return file("src-test/suites/target").resolve(name);
    }

    private static Path root() {
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("mvnw"))) {
                return folder;
            }
        }
        throw new IllegalStateException("not inside a working copy of Sallyport");
    }
}
