package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.permission.Explainer;
import dev.sallyport.proxy.permission.Explanation;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code permissions explain}: which rule decides about one call, and why. {@code permissions test}: a table of calls that must
 * or must not pass.
 */
public final class PermissionsCommand {

    private static final int FAILED = 1;
    private static final int UNUSABLE = 2;
    /** What can be written, for a person. */
    public static final String USAGE = """
            usage: sallyport permissions explain --set SCOPE… --call JSON [--config FILE] [--server NAME]
                                                 [--user U] [--client C] [--role R…] [--group G…]
                                                 [--tool DEFINITION…]
                   sallyport permissions test FILE [--config FILE]
            """;

    private final PrintStream out;
    private final Map<String, String> environment;

    PermissionsCommand(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    /** Runs with the process's own streams and environment. */
    public static int run(List<String> arguments) {
        return new PermissionsCommand(System.out, System.getenv()).execute(arguments);
    }

    int execute(List<String> arguments) {
        var rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        try {
            return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
                case "explain" -> explain(rest);
                case "test" -> test(rest);
                default -> {
                    out.print(USAGE);
                    yield UNUSABLE;
                }
            };
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
            return UNUSABLE;
        }
    }

    private int explain(List<String> arguments) {
        var options = Arguments.of(
                arguments, Set.of("config", "server", "set", "user", "client", "role", "group", "call", "tool"));
        var settings = settings(options.one("config"));
        var scopes = scopes(options.all("set"));
        var server = server(settings, options.one("server"), scopes);
        known(settings, scopes);
        var explainer = new Explainer(server, InstantSource.system());
        options.all("tool").forEach(definition -> explainer.learn(json("--tool", definition)));
        var call = options.one("call").orElseThrow(() -> new Arguments.Wrong("--call says what is called"));
        var asker = new Explainer.Asker(
                scopes,
                options.one("user").orElse("somebody"),
                options.one("client").orElse("some-client"),
                options.all("role"),
                options.all("group"));
        var refused = false;
        for (var explanation : decide(explainer, asker, call)) {
            out.println(sentence(explanation));
            refused |= !explanation.passes();
        }
        return refused ? FAILED : 0;
    }

    private int test(List<String> arguments) {
        var options = Arguments.of(arguments, Set.of("config"));
        if (options.others().size() != 1) {
            throw new Arguments.Wrong("name the one file with the cases");
        }
        var settings = settings(options.one("config"));
        var failed = 0;
        var count = 0;
        for (var expectation : PolicyCases.read(file(Path.of(options.others().getFirst())))) {
            var scopes = scopes(expectation.sets());
            var server = server(settings, expectation.server(), scopes);
            known(settings, scopes);
            var explainer = new Explainer(server, InstantSource.system());
            expectation.tools().forEach(definition -> explainer.learn(json("tools", definition)));
            var asker = new Explainer.Asker(
                    scopes, expectation.user(), expectation.client(), expectation.roles(), expectation.groups());
            var explanations = decide(explainer, asker, expectation.call());
            count++;
            var word = expectation.expected().word() + " ";
            if (expectation.expected().fits(explanations)) {
                out.println("ok      " + expectation.name() + ": " + word + expectation.words());
            } else {
                failed++;
                out.println("NOT OK  " + expectation.name() + ": " + word + expectation.words());
                explanations.forEach(each -> out.println("        " + sentence(each)));
            }
        }
        out.println(count + " cases, " + failed + " not as written");
        return failed == 0 ? 0 : FAILED;
    }

    /** A message that cannot be read is refused like any other. */
    private static List<Explanation> decide(Explainer explainer, Explainer.Asker asker, String call) {
        try {
            return explainer.explain(asker, MessageReader.read(message(call).getBytes(StandardCharsets.UTF_8)));
        } catch (Refused refused) {
            var why = refused.refusal() instanceof Refusal.BadMessage(var _, var text) ? text : "it cannot be read";
            return List.of(new Explanation(
                    "the message", Explanation.Outcome.REFUSED, Optional.empty(), Optional.empty(), why));
        }
    }

    /** What people leave out because it is always the same. */
    private static String message(String call) {
        var json = json("the call", call);
        if (json.kind() != JsonText.Kind.OBJECT || json.member("jsonrpc").isPresent()) {
            return call;
        }
        var id = json.member("id").isPresent() ? "" : "\"id\":1,";
        return "{\"jsonrpc\":\"2.0\"," + id + call.strip().substring(1);
    }

    private static String sentence(Explanation explanation) {
        var outcome = switch (explanation.outcome()) {
            case ALLOWED -> "allowed";
            case ASKS -> "allowed once the person has approved it";
            case NEEDS_SET -> "refused, a wider grant would help";
            case REFUSED -> "refused";
        };
        var rule = explanation.rule().map(name -> ", rule " + name).orElse("");
        var by = explanation.set().map(set -> " by set " + set + rule).orElse("");
        return explanation.about() + ": " + outcome + by + ": " + explanation.why();
    }

    private Settings settings(Optional<String> config) {
        var path = Path.of(config.or(() -> Optional.ofNullable(environment.get("SALLYPORT_CONFIG")))
                .orElse("sallyport.yaml"));
        return switch (SettingsFile.load(path, environment)) {
            case Loaded.Valid(var settings, var _) -> settings;
            case Loaded.Invalid(var problems) ->
                throw new Arguments.Wrong("the configuration cannot be used:\n"
                        + problems.stream().map(problem -> "  " + problem).collect(Collectors.joining("\n")));
        };
    }

    private static ServerSettings server(Settings settings, Optional<String> name, Scopes scopes) {
        var wanted = name.or(() ->
                scopes.tokens().stream().map(scope -> scope.split(":", 2)[0]).findFirst());
        var servers = settings.servers();
        if (wanted.isEmpty() && servers.size() == 1) {
            return servers.getFirst();
        }
        return servers.stream()
                .filter(server -> server.name().equals(wanted.orElse("")))
                .findFirst()
                .orElseThrow(
                        () -> new Arguments.Wrong(wanted.map(server -> "there is no server " + server + "; there are: ")
                                        .orElse("say with --server which server it is about: ")
                                + servers.stream().map(ServerSettings::name).collect(Collectors.joining(", "))));
    }

    /** A set that nobody defined lets nothing through: what is to be refused would seem to be, because of a slip. */
    private static void known(Settings settings, Scopes scopes) {
        var all = settings.servers().stream()
                .flatMap(server -> server.permissions().stream())
                .map(PermissionSet::scope)
                .toList();
        scopes.tokens().stream()
                .filter(scope -> !all.contains(scope))
                .findFirst()
                .ifPresent(scope -> {
                    throw new Arguments.Wrong(
                            "there is no permission set " + scope + "; there are: " + String.join(", ", all));
                });
    }

    private static Scopes scopes(List<String> sets) {
        try {
            return Scopes.of(sets);
        } catch (IllegalArgumentException _) {
            throw new Arguments.Wrong("a set is named like notes:read");
        }
    }

    private static JsonText json(String what, String text) {
        try {
            return JsonText.strict(text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProblem problem) {
            throw new Arguments.Wrong(what + " is not JSON: " + problem.rule());
        }
    }

    private static String file(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new Arguments.Wrong(path + " cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }
}
