package dev.sallyport.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Where figures come from: without it they say nothing. */
final class Machine {

    private Machine() {}

    static List<String> description() {
        var lines = new ArrayList<String>();
        lines.add("Measured on " + LocalDate.now(ZoneOffset.UTC) + " with `./sallyport bench`");
        lines.add(processor() + ", " + cores() + " cores, " + memory());
        lines.add(System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
                + System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")");
        firstLine("nginx", "-v").ifPresent(lines::add);
        firstLine("haproxy", "-v").ifPresent(lines::add);
        loadAverage().ifPresent(lines::add);
        return lines;
    }

    /** How many files one process may have open. */
    static long openFiles() {
        return line(Path.of("/proc/self/limits"), "Max open files")
                .map(text -> text.replace("Max open files", "").strip().split("\\s+", -1)[0])
                .map(text -> text.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(text))
                .orElse(0L);
    }

    private static String processor() {
        return line(Path.of("/proc/cpuinfo"), "model name")
                .map(text -> text.substring(text.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
    }

    private static long cores() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("processor")).count();
        } catch (IOException _) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    private static String memory() {
        return line(Path.of("/proc/meminfo"), "MemTotal")
                .map(text -> Long.parseLong(text.replaceAll("[^0-9]", "")) / 1024 / 1024 + " GiB")
                .orElse("memory unknown");
    }

    private static Optional<String> loadAverage() {
        return line(Path.of("/proc/loadavg"), "")
                .map(text -> "Load average of the machine at the end: " + text.split(" ", -1)[0]
                        + " (about 2 is the bench itself)");
    }

    private static Optional<String> line(Path file, String start) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(start)).findFirst();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> firstLine(String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(5, TimeUnit.SECONDS);
            return text.lines().findFirst().map(line -> line.replaceFirst(" - https.*| \\d{4}/.*", ""));
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
