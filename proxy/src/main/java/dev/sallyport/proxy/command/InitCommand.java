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
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code init}: asks an MCP server what it offers and proposes a configuration; where there is one already, says how it differs
 * and writes nothing.
 */
public final class InitCommand {

    private static final int UNUSABLE = 2;
    private static final String USAGE = """
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
            var upstream = options.others().stream().findFirst();
            var offer = ask(options, upstream);
            var file = Path.of(options.one("output").orElse("sallyport.yaml"));
            if (Files.exists(file)) {
                return compare(file, offer, upstream, options.one("server"));
            }
            return write(file, offer, upstream);
        } catch (Arguments.Wrong wrong) {
            out.println("sallyport: " + wrong.getMessage());
        } catch (IOException e) {
            var reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            out.println("sallyport: the MCP server cannot be asked: " + reason);
        }
        return UNUSABLE;
    }

    private static Offer ask(Arguments options, Optional<String> url) throws IOException {
        try (ServerTalk talk =
                url.isPresent() ? new HttpTalk(uri(url.get()), headers(options)) : new CommandTalk(options.behind())) {
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

    private int write(Path file, Offer offer, Optional<String> upstream) throws IOException {
        var proposal = Proposal.of(offer);
        Files.writeString(file, ProposedFile.of(offer, proposal, upstream), StandardOpenOption.CREATE_NEW);
        var review = proposal.tools().stream().filter(Proposal.Placed::review).count();
        var undescribed = proposal.tools().stream()
                .filter(tool -> !tool.undescribed().isEmpty())
                .count();
        out.println("Wrote " + file + ": " + proposal.tools().size() + " tools, "
                + offer.prompts().size() + " prompts, " + offer.resources().size() + " resources of \""
                + printable(offer.name()) + "\".");
        if (review > 0) {
            out.println(review + " tools are marked for review: it is not clear what they do.");
        }
        if (undescribed > 0) {
            out.println(undescribed + " tools have parameters without a description: models will guess.");
        }
        return 0;
    }

    /** What the server has and the file does not cover, and the other way round. */
    private int compare(Path file, Offer offer, Optional<String> upstream, Optional<String> name) {
        var settings = switch (SettingsFile.load(file, environment)) {
            case Loaded.Valid(var valid, var _) -> valid;
            case Loaded.Invalid(var problems) -> {
                problems.forEach(problem -> out.println("sallyport: " + problem));
                throw new Arguments.Wrong(file + " is there already and cannot be used; nothing was written");
            }
        };
        var server = server(settings, upstream, name);
        out.println(file + " is there already; nothing was written. Compared with server " + server.name() + ":");
        var known = new HashSet<String>();
        var differences = 0;
        for (var tool : Proposal.of(offer).tools()) {
            known.add(tool.name());
            var sets = setsFor(server, tool);
            var digest = Explainer.digest(tool.definition());
            if (sets.isEmpty()) {
                differences++;
                out.println("+ " + printable(tool.name()) + "   no set covers it; proposed: "
                        + tool.effect().name().toLowerCase(java.util.Locale.ROOT) + " (" + tool.why() + ")   "
                        + digest);
            } else {
                out.println("  " + printable(tool.name()) + "   " + String.join(", ", sets) + "   " + digest);
            }
        }
        for (var set : server.permissions()) {
            for (var pattern : literalTools(set)) {
                if (!known.contains(pattern)) {
                    differences++;
                    out.println("- " + pattern + "   named by set " + set.name() + ", but the server has no such tool");
                }
            }
        }
        out.println(differences == 0 ? "No difference." : differences + " differences.");
        return 0;
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
                .map(PermissionSet::name)
                .toList();
    }

    private static List<String> literalTools(PermissionSet set) {
        return set.allow().stream()
                .flatMap(rule -> rule.tools().stream())
                .filter(pattern -> !pattern.contains("*"))
                .toList();
    }

    private static ServerSettings server(Settings settings, Optional<String> upstream, Optional<String> name) {
        var servers = settings.servers();
        return servers.stream()
                .filter(server -> name.map(server.name()::equals)
                        .orElseGet(() -> upstream.filter(server.upstream().shown()::equals)
                                .isPresent()))
                .findFirst()
                .or(() -> servers.size() == 1 ? Optional.of(servers.getFirst()) : Optional.empty())
                .orElseThrow(() -> new Arguments.Wrong("the file has several servers: say which with --server"));
    }

    /** Names come from the server, and end up in a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
