package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What an operator takes of a running process to look into it. */
final class Dump {

    private Dump() {}

    /** All threads of a Java process with their stacks, virtual ones too. */
    static String threads(Running process) {
        return in(file -> jcmd(process, "Thread.print", "-l")
                + jcmd(process, "Thread.dump_to_file", "-format=json", file.toString()));
    }

    /** What a Java process holds in its heap, garbage left out, a character for each byte. */
    static String heap(Running process) {
        return in(file -> jcmd(process, "GC.heap_dump", file.toString()));
    }

    private static String in(Function<Path, String> dump) {
        try {
            var folder = Files.createTempDirectory("dump");
            var file = folder.resolve("dump");
            var said = dump.apply(file);
            var text = said + Files.readString(file, StandardCharsets.ISO_8859_1);
            Files.delete(file);
            Files.delete(folder);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jcmd(Running process, String... command) {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(process.pid())));
        words.addAll(List.of(command));
        try {
            var dumping = new ProcessBuilder(words).redirectErrorStream(true).start();
            return new String(dumping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
