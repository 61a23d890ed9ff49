package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code ./sallyport up} starts can be reached from this machine only, also by the ways that nobody asked for. */
@Tag("journey")
@ExtendWith(Stack.Extension.class)
@EnabledOnOs(OS.LINUX)
final class LoopbackOnlyTest {

    /** Addresses as {@code /proc/net} writes them: words in the machine's order of bytes. */
    private static final Set<String> LOOPBACK =
            Set.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F");

    private static final String LISTENS = "0A";

    @Test
    void every_listener_is_on_the_loopback(Stack stack) {
        for (var part : stack.processes().entrySet()) {
            var root = ProcessHandle.of(part.getValue()).orElseThrow();
            var sockets = new HashSet<String>();
            Stream.concat(Stream.of(root), root.descendants()).forEach(process -> sockets.addAll(socketsOf(process)));
            var addresses = Stream.of("tcp", "tcp6")
                    .flatMap(table -> lines(Path.of("/proc/net", table)))
                    .map(line -> line.strip().split("\\s+", -1))
                    .filter(columns -> columns[3].equals(LISTENS) && sockets.contains("socket:[" + columns[9] + "]"))
                    .map(columns -> columns[1])
                    .toList();

            if (!part.getKey().equals("launcher")) {
                assertThat(addresses).as(part.getKey()).isNotEmpty();
            }
            assertThat(addresses)
                    .as(part.getKey())
                    .allSatisfy(address -> assertThat(address.substring(0, address.indexOf(':')))
                            .isIn(LOOPBACK));
        }
    }

    private static Set<String> socketsOf(ProcessHandle process) {
        var found = new HashSet<String>();
        try (var open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            open.forEach(descriptor -> target(descriptor, found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static void target(Path descriptor, Set<String> found) {
        try {
            found.add(Files.readSymbolicLink(descriptor).toString());
        } catch (IOException e) {
            assertThat(descriptor).as("closed meanwhile").doesNotExist();
        }
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream().skip(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
