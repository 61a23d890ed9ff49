package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.permission.Explainer;
import dev.sallyport.proxy.permission.Explanation;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code init}: asks an MCP server what it offers and proposes a configuration; where there is one already, says how it differs
 * and writes nothing.
 */
public final class InitCommand {

    private static final int UNUSABLE = 2;
    /** What can be written, for a person. */
    public static final String USAGE = """
            usage: sallyport init URL [--output FILE] [--header "Name: value"…]
                   sallyport init [--output FILE] -- COMMAND [ARGUMENT…]
            """;

    private final PrintStream out;
    private final Map<String, String> environment;

    InitCommand(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    /** Runs with the process's own streams and environment. */
    public static int run(List<String> arguments) {
        return new InitCommand(System.out, System.getenv()).execute(arguments);
    }

    int execute(List<String> arguments) {
        try {
            var options = Arguments.of(arguments, Set.of("output", "header", "server"));
            if (options.others().size() != (options.behind().isEmpty() ? 1 : 0)) {
                out.print(USAGE);
                return UNUSABLE;
            }
            var address = options.others().isEmpty()
                    ? new ServerAddress.Command(options.behind())
                    : new ServerAddress.Url(uri(options.others().getFirst()));
            var offer = ask(options, address);
            var file = Path.of(options.one("output").orElse("sallyport.yaml"));
            if (Files.exists(file)) {
                return compare(file, offer, address, options.one("server"));
            }
            return write(file, offer, address);
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
        } catch (IOException e) {
            var reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            out.println("sallyport: the MCP server cannot be asked: " + reason);
        }
        return UNUSABLE;
    }

    private static Offer ask(Arguments options, ServerAddress address) throws IOException {
        var talk = switch (address) {
            case ServerAddress.Url(var url) -> new HttpTalk(url, headers(options));
            case ServerAddress.Command(var words) -> new CommandTalk(words);
        };
        try (talk) {
            return Offer.of(talk);
        }
    }

    private static URI uri(String text) {
        try {
            var uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // Falls through to the sentence below.
        }
        throw new Arguments.Wrong("this is no http or https URL; a command goes behind --");
    }

    private static Map<String, String> headers(Arguments options) {
        var headers = new HashMap<String, String>();
        for (var header : options.all("header")) {
            var parts = header.split(":", 2);
            if (parts.length != 2) {
                throw new Arguments.Wrong("a header is written \"Name: value\"");
            }
            headers.put(parts[0].strip(), parts[1].strip());
        }
        return headers;
    }

    private int write(Path file, Offer offer, ServerAddress address) throws IOException {
        var proposal = Proposal.of(offer);
        Files.writeString(file, ProposedFile.of(offer, proposal, address), StandardOpenOption.CREATE_NEW);
        var review = proposal.tools().stream().filter(Proposal.Placed::review).count();
        var undescribed = proposal.tools().stream()
                .filter(tool -> !tool.undescribed().isEmpty())
                .count();
        out.println("Wrote " + file + ": " + count(proposal.tools().size(), "tool") + ", "
                + count(offer.prompts().size(), "prompt") + ", "
                + count(offer.resources().size(), "resource") + " of \"" + printable(offer.name()) + "\".");
        if (!proposal.mixed().isEmpty()) {
            out.println("It mixes " + printable(String.join(", ", proposal.mixed()))
                    + ": several servers are proposed, so that people grant an app only the part that it needs.");
        }
        if (review > 0) {
            out.println("Marked for review, because it is not clear what they do: " + count(review, "tool") + ".");
        }
        if (undescribed > 0) {
            out.println("With parameters that have no description, so that models will guess: "
                    + count(undescribed, "tool") + ".");
        }
        out.println("Read the file, then try it: ./sallyport up --config " + file);
        return 0;
    }

    /** What the server has and the file does not cover, and the other way round. */
    private int compare(Path file, Offer offer, ServerAddress address, Optional<String> name) {
        var settings = switch (SettingsFile.load(file, environment)) {
            case Loaded.Valid(var valid, var _) -> valid;
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> out.println("sallyport: " + problem));
                throw new Arguments.Wrong(file + " is there already and cannot be used; nothing was written");
            }
        };
        var servers = servers(settings, address, name);
        out.println(file + " is there already; nothing was written. Compared with "
                + servers.stream().map(ServerSettings::name).collect(Collectors.joining(", ")) + ":");
        var known = new HashSet<String>();
        var differences = 0;
        for (var tool : Proposal.of(offer).tools()) {
            known.add(tool.name());
            var sets = servers.stream()
                    .flatMap(server -> setsFor(server, tool).stream())
                    .toList();
            var digest = Explainer.digest(tool.definition());
            if (sets.isEmpty()) {
                differences++;
                out.println("+ " + printable(tool.name()) + "   no set covers it; proposed: "
                        + tool.effect().name().toLowerCase(Locale.ROOT) + " (" + tool.why() + ")   " + digest);
            } else {
                out.println("  " + printable(tool.name()) + "   " + String.join(", ", sets) + "   " + digest);
            }
        }
        for (var set : servers.stream()
                .flatMap(server -> server.permissions().stream())
                .toList()) {
            for (var pattern : literalTools(set)) {
                if (!known.contains(pattern)) {
                    differences++;
                    out.println("- " + pattern + "   named by " + set.scope() + ", but the server has no such tool");
                }
            }
        }
        out.println(differences == 0 ? "No difference." : count(differences, "difference") + ".");
        return 0;
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static List<String> setsFor(ServerSettings server, Proposal.Placed tool) {
        var explainer = new Explainer(server, InstantSource.system());
        explainer.learn(tool.definition());
        var name = tool.definition().member("name").map(JsonText::json).orElse("\"\"");
        var call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":" + name + "}}";
        var body = MessageReader.read(call.getBytes(StandardCharsets.UTF_8));
        return server.permissions().stream()
                .filter(set ->
                        explainer
                                .explain(
                                        new Explainer.Asker(Scopes.of(set.scope()), "", "", List.of(), List.of()), body)
                                .stream()
                                .anyMatch(each -> each.outcome() == Explanation.Outcome.ALLOWED
                                        || each.set().isPresent()))
                .map(PermissionSet::scope)
                .toList();
    }

    private static List<String> literalTools(PermissionSet set) {
        return set.allow().stream()
                .flatMap(rule -> rule.tools().stream())
                .filter(pattern -> !pattern.contains("*"))
                .toList();
    }

    /** All entries for this MCP server: one that mixes subjects has several. */
    private static List<ServerSettings> servers(Settings settings, ServerAddress address, Optional<String> name) {
        var all = settings.servers();
        var meant = all.stream()
                .filter(server -> name.map(server.name()::equals).orElseGet(() -> address.is(server.upstream())))
                .toList();
        if (!meant.isEmpty()) {
            return meant;
        }
        if (all.size() == 1 && name.isEmpty()) {
            return all;
        }
        throw new Arguments.Wrong("the file has several servers, and none with this address: say which with --server, "
                + all.stream().map(ServerSettings::name).collect(Collectors.joining(", ")));
    }

    /** Names come from the server, and end up in a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
