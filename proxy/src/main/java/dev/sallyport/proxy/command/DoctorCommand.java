package dev.sallyport.proxy.command;

import dev.sallyport.proxy.settings.Authorities;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code doctor}: tries an installation as a client would and as the proxy does, and says what is wrong and what to do.
 * Changes nothing. Exit code 0 when nothing is wrong, 1 when something is, 2 when the file cannot be used.
 */
public final class DoctorCommand {

    private static final String USAGE = "usage: sallyport doctor [--config FILE]\n";

    private final PrintStream out;
    private final Map<String, String> environment;

    DoctorCommand(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    /** Runs with the process's own streams and environment. */
    public static int run(List<String> arguments) {
        return new DoctorCommand(System.out, System.getenv()).execute(arguments);
    }

    int execute(List<String> arguments) {
        try {
            var options = Arguments.of(arguments, Set.of("config"));
            if (!options.others().isEmpty() || !options.behind().isEmpty()) {
                out.print(USAGE);
                return 2;
            }
            var file = options.one("config").orElse(environment.getOrDefault("SALLYPORT_CONFIG", "sallyport.yaml"));
            return look(Path.of(file));
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
            out.print(USAGE);
            return 2;
        }
    }

    private int look(Path file) {
        return switch (SettingsFile.load(file, environment)) {
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> out.println("✗ " + problem));
                yield 2;
            }
            case Loaded.Valid(var settings, var _) -> {
                out.println("✓ " + file + " is sound");
                Authorities.useEverywhere(settings);
                var outside = new Outside();
                var clock = InstantSource.system();
                var findings = new ArrayList<>(new Doctor(outside, clock).lookFromOutside(settings));
                findings.addAll(new Behind(outside, new Secrets(environment), clock).look(settings));
                findings.forEach(out::println);
                var bad = findings.stream()
                        .filter(finding -> finding.level() == Finding.Level.BAD)
                        .count();
                out.println(bad == 0 ? "All is well." : bad == 1 ? "1 thing is wrong." : bad + " things are wrong.");
                yield bad == 0 ? 0 : 1;
            }
        };
    }
}
