package dev.sallyport.testkit.notes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The notes server as a process of its own: {@code NotesMain <key file> [<notes file>] [<port>]}. Prints {@code
 * {"port":…}} when it is ready and ends when its standard input ends, so that it cannot outlive whoever started it.
 */
public final class NotesMain {

    public static void main(String[] args) throws IOException {
        if (args.length == 0 || args.length > 3) {
            System.err.println("usage: NotesMain <key file> [<notes file>] [<port>]");
            System.exit(2);
        }
        var key = Files.readString(Path.of(args[0]), StandardCharsets.UTF_8).strip();
        var file = args.length > 1 ? Optional.of(Path.of(args[1])) : Optional.<Path>empty();
        var port = args.length > 2 ? Integer.parseInt(args[2]) : 0;
        var server = NotesServer.start(port, file, Set.of(key));
        System.out.println("{\"port\":" + server.url().getPort() + "}");
        while (System.in.read() >= 0) {
            // Whoever started us holds the other end; what they write does not matter.
        }
        server.close();
        System.exit(0);
    }

    private NotesMain() {}
}
