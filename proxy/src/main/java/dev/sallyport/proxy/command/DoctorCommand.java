package dev.sallyport.proxy.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.proxy.settings.Authorities;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code doctor}: tries an installation as a client would and as the proxy does, and says what is wrong and what to do.
 * Changes nothing. Exit code 0 when nothing is wrong, 1 when something is, 2 when the file cannot be used.
 */
public final class DoctorCommand {

    /** What can be written, for a person. */
    public static final String USAGE = "usage: sallyport doctor [--config FILE] [--json]\n";

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
            var options = Arguments.of(arguments, Set.of("config"), Set.of("json"));
            if (!options.others().isEmpty() || !options.behind().isEmpty()) {
                out.print(USAGE);
                return 2;
            }
            var file = options.one("config").orElse(environment.getOrDefault("SALLYPORT_CONFIG", "sallyport.yaml"));
            return look(Path.of(file), options.has("json"));
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
            out.print(USAGE);
            return 2;
        }
    }

    private int look(Path file, boolean asJson) {
        return switch (SettingsFile.load(file, environment)) {
            case Loaded.Invalid(var problems) -> {
                var findings = problems.stream()
                        .map(problem -> Finding.bad(problem.toString(), ""))
                        .toList();
                say(file, findings, asJson, 2);
                yield 2;
            }
            case Loaded.Valid(var settings, var _) -> {
                Authorities.useEverywhere(settings);
                var outside = new Outside();
                var clock = InstantSource.system();
                var findings = new ArrayList<Finding>();
                findings.add(Finding.good(file + " is sound"));
                findings.addAll(new Doctor(outside, clock).lookFromOutside(settings));
                findings.addAll(new Behind(outside, new Secrets(environment), clock).look(settings));
                var exit = bad(findings) == 0 ? 0 : 1;
                say(file, findings, asJson, exit);
                yield exit;
            }
        };
    }

    private static long bad(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Finding.Level.BAD)
                .count();
    }

    private void say(Path file, List<Finding> findings, boolean asJson, int exit) {
        if (asJson) {
            out.println(json(file, findings, exit).toPrettyString());
            return;
        }
        findings.forEach(out::println);
        var bad = bad(findings);
        if (exit != 2) {
            out.println(bad == 0 ? "All is well." : bad == 1 ? "1 thing is wrong." : bad + " things are wrong.");
        }
    }

    private static ObjectNode json(Path file, List<Finding> findings, int exit) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("config", file.toString()).put("wrong", bad(findings)).put("exit", exit);
        var list = json.putArray("findings");
        for (var finding : findings) {
            var each = list.addObject()
                    .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                    .put("what", finding.what());
            if (!finding.advice().isEmpty()) {
                each.put("advice", finding.advice());
            }
        }
        return json;
    }
}
