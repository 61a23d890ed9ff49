package dev.sallyport.proxy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.Place;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code check}: says everything that is wrong with a configuration file, for people or as JSON, and prints the schema.
 * Exit code 0 for a sound file (warnings included), 1 for one with problems, 2 for a wrong call.
 */
public final class CheckCommand {

    /** What can be written, for a person. */
    public static final String USAGE = """
            usage: sallyport check FILE [--json]     everything that is wrong with a configuration file
                   sallyport check --schema          its JSON Schema, for editors
            """;

    private static final String SCHEMA = "/sallyport.schema.json";

    private final PrintStream out;
    private final Map<String, String> environment;

    CheckCommand(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    /** Runs with the process's own streams and environment. */
    public static int run(List<String> arguments) {
        return new CheckCommand(System.out, System.getenv()).execute(arguments);
    }

    int execute(List<String> arguments) {
        if (arguments.equals(List.of("--schema"))) {
            return schema();
        }
        var json = arguments.contains("--json");
        var files = arguments.stream()
                .filter(argument -> !argument.equals("--json"))
                .toList();
        if (files.size() != 1 || files.getFirst().startsWith("-")) {
            out.print(USAGE);
            return 2;
        }
        var file = Path.of(files.getFirst());
        var loaded = SettingsFile.load(file, environment);
        if (json) {
            out.println(json(loaded));
        } else {
            print(file, loaded);
        }
        return loaded instanceof Loaded.Valid ? 0 : 1;
    }

    private int schema() {
        try (var in = CheckCommand.class.getResourceAsStream(SCHEMA)) {
            if (in == null) {
                throw new IOException("the schema is not in this jar");
            }
            out.print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return 0;
        } catch (IOException e) {
            out.println("sallyport: " + e.getMessage());
            return 2;
        }
    }

    private void print(Path file, Loaded loaded) {
        switch (loaded) {
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> {
                    out.println("✗ " + problem.place());
                    out.println("    found   " + problem.found());
                    out.println("    but     " + problem.why());
                    out.println("    so      " + problem.instead());
                });
                out.println(problems.size() == 1 ? "1 problem" : problems.size() + " problems");
            }
            case Loaded.Valid(var settings, var warnings) -> {
                warnings.forEach(warning -> out.println("! " + warning.place() + "\n    " + warning.text()));
                settings.servers()
                        .forEach(server -> out.println("✓ " + server.name() + "  " + server.resource() + "  "
                                + server.permissions().size() + " permission set(s)"));
                out.println("✓ " + file + " is sound"
                        + (warnings.isEmpty() ? "" : ", with " + warnings.size() + " warning(s)"));
            }
        }
    }

    private static String json(Loaded loaded) {
        var root = new ObjectMapper().createObjectNode();
        var problems = root.putArray("problems");
        var warnings = root.putArray("warnings");
        switch (loaded) {
            case Loaded.Invalid(var found) ->
                found.forEach(problem -> place(problems.addObject(), problem.place())
                        .put("found", problem.found())
                        .put("why", problem.why())
                        .put("instead", problem.instead()));
            case Loaded.Valid(var settings, var found) -> {
                found.forEach(
                        warning -> place(warnings.addObject(), warning.place()).put("text", warning.text()));
                var servers = root.putArray("servers");
                settings.servers()
                        .forEach(server -> servers.addObject()
                                .put("name", server.name())
                                .put("url", server.resource().toString()));
            }
        }
        root.put("valid", loaded instanceof Loaded.Valid);
        return root.toPrettyString();
    }

    private static ObjectNode place(ObjectNode node, Place place) {
        return node.put("source", place.source())
                .put("key", place.key())
                .put("line", place.line())
                .put("column", place.column());
    }
}
