package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What an operator takes of a running process to look into it. */
final class Dump {

    private Dump() {}

    /** All threads of a Java process with their stacks, virtual ones too. */
    static String threads(Running process) {
        try {
            var folder = Files.createTempDirectory("canary");
            var file = folder.resolve("threads.json");
            var text = new StringBuilder();
            for (var command : List.of(
                    List.of("Thread.print", "-l"), List.of("Thread.dump_to_file", "-format=json", file.toString()))) {
                var words = new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid())));
                words.addAll(command);
                var dumping =
                        new ProcessBuilder(words).redirectErrorStream(true).start();
                text.append(new String(dumping.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            Files.delete(file);
            Files.delete(folder);
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
