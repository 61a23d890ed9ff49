package dev.sallyport.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link GateParts} and {@link PolicyParts} with JMH and puts the figures in tables. */
final class Parts {

    private Parts() {}

    static String run(boolean quick) {
        return table("a part of the gate", measured(GateParts.class, quick)) + "\n"
                + table("with 1,000 tools and 100 rules", measured(PolicyParts.class, quick));
    }

    private static List<RunResult> measured(Class<?> parts, boolean quick) {
        var options = new OptionsBuilder()
                .shouldFailOnError(true)
                .include(parts.getName() + "\\.")
                .forks(1)
                .jvmArgsAppend("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
                .warmupIterations(quick ? 1 : 4)
                .measurementIterations(quick ? 2 : 5)
                .warmupTime(TimeValue.seconds(1))
                .measurementTime(TimeValue.seconds(1))
                .verbosity(VerboseMode.SILENT)
                .build();
        try {
            var results = List.copyOf(new Runner(options).run());
            if (results.isEmpty()) {
                throw new IllegalStateException("Nothing of " + parts.getSimpleName()
                        + " could be measured; without VerboseMode.SILENT, JMH says why.");
            }
            return results;
        } catch (RunnerException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String table(String title, List<RunResult> results) {
        return "| " + title + " | µs | ± |\n| --- | --- | --- |\n"
                + results.stream().map(Parts::row).collect(Collectors.joining());
    }

    private static String row(RunResult result) {
        var name = result.getPrimaryResult()
                .getLabel()
                .replaceAll("([A-Z])", " $1")
                .toLowerCase(Locale.ROOT);
        return "| " + name + " | " + Report.number(result.getPrimaryResult().getScore(), 2) + " | "
                + Report.number(result.getPrimaryResult().getScoreError(), 2) + " |\n";
    }
}
