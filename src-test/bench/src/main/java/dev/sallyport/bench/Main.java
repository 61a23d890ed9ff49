package dev.sallyport.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * {@code ./sallyport bench}: the load run, then the parts of the gate one by one. Prints Markdown on stdout and progress
 * on stderr.
 */
public final class Main {

    private static final String START = "<!-- measured: ./sallyport bench --record writes from here -->";
    private static final String END = "<!-- measured: to here -->";

    private static final String HELP = """
            ./sallyport bench [--quick] [--only load|parts|bridge|streams|vault|keycloak] [--streams N] [--records N] [--jvm "OPTIONS"]... [--record]
              --quick      less than a minute; rough figures
              --only       the load run, the parts of the gate (JMH), what a translation costs, 10,000 idle streams
                           at once, what the vault costs with 1 and 1,000,000 records, or what a crowd of clients does to
                           Keycloak (with a real Keycloak, about five minutes); the last four run only when they are named
              --streams N  how many idle streams to hold
              --records N  how many records the large vault has
              --jvm        measure Sallyport with these options of the JVM as well (several times)
              --record     write the figures into docs/performance.md
            """;

    private static final int MANY_STREAMS = 10_000;
    private static final int MANY_RECORDS = 1_000_000;

    private Plan plan = Plan.whole();
    private final List<LoadRun.Variant> variants = new ArrayList<>();
    private Optional<String> only = Optional.empty();
    private Optional<Integer> streams = Optional.empty();
    private int records = MANY_RECORDS;
    private boolean record;

    private Main() {}

    public static void main(String... arguments) throws Exception {
        var main = new Main();
        var home = Path.of(System.getProperty("sallyport.home", "."))
                .toAbsolutePath()
                .normalize();
        main.variants.add(new LoadRun.Variant("Sallyport", usualOptions(home)));
        if (!main.read(List.of(arguments).iterator())) {
            System.err.print(HELP);
            System.exit(2);
        }
        main.run(home);
        System.exit(0);
    }

    private boolean read(Iterator<String> arguments) {
        while (arguments.hasNext()) {
            var argument = arguments.next();
            switch (argument) {
                case "--quick" -> plan = Plan.quick();
                case "--record" -> record = true;
                case "--only", "--streams", "--records", "--jvm" -> {
                    if (!arguments.hasNext() || !take(argument, arguments.next())) {
                        return false;
                    }
                }
                default -> {
                    return false;
                }
            }
        }
        streams.ifPresent(count -> plan = plan.withStreams(count));
        return true;
    }

    private boolean take(String option, String value) {
        switch (option) {
            case "--only" ->
                only = Optional.of(value)
                        .filter(part -> List.of("load", "parts", "bridge", "streams", "vault", "keycloak")
                                .contains(part));
            case "--streams" -> streams = Optional.of(Integer.parseInt(value));
            case "--records" -> records = Integer.parseInt(value);
            default ->
                variants.add(new LoadRun.Variant(
                        "Sallyport " + value, value.isBlank() ? List.of() : List.of(value.split(" +", -1))));
        }
        return !option.equals("--only") || only.isPresent();
    }

    private void run(Path home) throws IOException {
        var progress = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        var report = new StringBuilder();
        Machine.description().forEach(line -> report.append("- ").append(line).append('\n'));
        report.append('\n');
        if (only.filter(List.of("keycloak", "bridge", "streams", "vault")::contains)
                .isPresent()) {
            report.append(
                    switch (only.orElseThrow()) {
                        case "bridge" -> BridgeRun.run(plan.rounds() <= 2, home, progress);
                        case "streams" -> IdleStreams.run(streams.orElse(MANY_STREAMS), home, progress);
                        case "vault" -> VaultRun.run(records, progress);
                        default -> KeycloakRun.run(plan.rounds() <= 2, progress);
                    });
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(report);
            return;
        }
        if (!only.equals(Optional.of("parts"))) {
            if (Procfs.available()) {
                report.append(Report.of(LoadRun.run(plan, home, variants, progress)));
            } else {
                progress.println("The load run needs Linux, which accounts CPU time in /proc; it is left out.");
            }
        }
        if (!only.equals(Optional.of("load"))) {
            progress.println("The parts of the gate");
            report.append(Parts.run(plan.rounds() <= 2));
        }
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(report);
        if (record) {
            write(home.resolve("docs/performance.md"), report.toString());
        }
    }

    /** Written down once for the launcher, the container and this. */
    private static List<String> usualOptions(Path home) {
        var file = home.resolve("deploy/proxy.jvm");
        return Files.exists(file) ? List.of("@" + file) : List.of();
    }

    private static void write(Path file, String report) throws IOException {
        var text = Files.readString(file);
        var start = text.indexOf(START);
        var end = text.indexOf(END);
        if (start < 0 || end < start) {
            throw new IOException(file + " lacks the two lines between which figures go");
        }
        Files.writeString(file, text.substring(0, start + START.length()) + "\n" + report + text.substring(end));
    }
}
