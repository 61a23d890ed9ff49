package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.secret.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads references to secrets. Nothing that stands in one is ever repeated in a message, except the path of a file. */
final class SecretReader {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final String HOW = "write one of { file: path }, { env: NAME }, { command: [program, argument] }";

    private final Function<Value, Optional<Path>> paths;
    private final Map<String, String> environment;
    private final Report report;

    SecretReader(Function<Value, Optional<Path>> paths, Map<String, String> environment, Report report) {
        this.paths = paths;
        this.environment = environment;
        this.report = report;
    }

    /** A path that stands in the file: relative ones count from its folder. */
    Optional<Path> path(Value value) {
        return paths.apply(value);
    }

    Optional<SecretRef> read(Value value) {
        var discreet = new Value(value.place(), value.node(), value.report(), true);
        if (discreet.isText()) {
            return discreet.text().map(text -> {
                report.warn(value.place(), "a secret stands in the configuration itself: " + HOW);
                return new SecretRef.Inline(Secret.of(text));
            });
        }
        return discreet.section().flatMap(this::reference);
    }

    private Optional<SecretRef> reference(Section section) {
        var file = section.value("file");
        var env = section.value("env");
        var command = section.value("command");
        section.done();
        var given = (section.has("file") ? 1 : 0) + (section.has("env") ? 1 : 0) + (section.has("command") ? 1 : 0);
        if (given != 1) {
            report.problem(
                    section.place(), given == 0 ? "no source" : "several sources", "a secret has exactly one", HOW);
            return Optional.empty();
        }
        return file.flatMap(this::file)
                .or(() -> env.flatMap(this::variable))
                .or(() -> command.flatMap(SecretReader::command));
    }

    private Optional<SecretRef> file(Value value) {
        var path = paths.apply(value);
        path.ifPresent(file -> {
            if (!Files.isReadable(file)) {
                report.warn(value.place(), "cannot be read now; it is needed at start: " + file);
            } else {
                Secrets.readableByOthers(file).ifPresent(text -> report.warn(value.place(), text));
            }
        });
        return path.map(SecretRef.InFile::new);
    }

    private Optional<SecretRef> variable(Value value) {
        var name = value.text();
        if (name.isPresent() && !VARIABLE.matcher(name.get()).matches()) {
            value.problem(
                    "text that cannot name a variable",
                    "the name of an environment variable is wanted here, not its value",
                    "write for example env: NOTES_API_KEY");
            return Optional.empty();
        }
        name.filter(variable -> environment.getOrDefault(variable, "").isEmpty())
                .ifPresent(variable -> report.warn(
                        value.place(), "the variable " + variable + " is not set now; it is needed at start"));
        return name.map(SecretRef.InEnvironment::new);
    }

    private static Optional<SecretRef> command(Value value) {
        if (value.isText()) {
            value.problem(
                    "one line of text",
                    "a command is not given to a shell",
                    "write a list: command: [program, argument]");
            return Optional.empty();
        }
        var words = value.items().stream().flatMap(item -> item.text().stream()).toList();
        if (words.isEmpty()) {
            value.problem(
                    "no program", "a command has at least one word", "write a list: command: [program, argument]");
            return Optional.empty();
        }
        return Optional.of(new SecretRef.FromCommand(words));
    }
}
