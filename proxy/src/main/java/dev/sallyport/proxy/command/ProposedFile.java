package dev.sallyport.proxy.command;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.settings.PermissionSet.Effect;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A commented {@code sallyport.yaml} for one server. */
final class ProposedFile {

    private final StringBuilder text = new StringBuilder();
    private final Offer offer;
    private final String upstream;

    private ProposedFile(Offer offer, String upstream) {
        this.offer = offer;
        this.upstream = upstream;
    }

    /** One entry; where the server mixes subjects, one for each, all with the same upstream. */
    static String of(Offer offer, Proposal proposal, ServerAddress address) {
        var file = new ProposedFile(offer, upstream(address));
        file.head(proposal.mixed());
        for (var part : proposal.parts()) {
            file.server(part);
        }
        return file.text.toString();
    }

    private static String upstream(ServerAddress address) {
        return switch (address) {
            case ServerAddress.Url(var url) -> "url: " + quoted(url.toString());
            case ServerAddress.Command(var words) ->
                "command: [" + words.stream().map(ProposedFile::quoted).collect(Collectors.joining(", ")) + "]";
        };
    }

    /** A name that can stand in scopes and URLs. */
    static String slug(String name) {
        var slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        var trimmed = slug.replaceAll("^(mcp-)?(server-)?|(-mcp)?(-server)?$", "");
        var chosen = trimmed.isEmpty() ? slug : trimmed;
        return chosen.isEmpty()
                ? "server"
                : chosen.substring(0, Math.min(63, chosen.length())).replaceAll("-+$", "");
    }

    private void head(List<String> mixed) {
        line(0, "# Proposed by sallyport init from what the MCP server says of itself. Read it before you use it:");
        line(0, "# lines marked \"review\" are guesses, always to the stricter side.");
        line(0, "publicUrl: http://127.0.0.1:8080        # review: where people reach it; https but for this machine");
        line(0, "authorizationServer:");
        line(1, "realm: mcp");
        line(1, "keycloak: \"http://127.0.0.1:8180\"");
        line(1, "clientSecret: { file: secrets/proxy-client-secret }   # review: ./sallyport up takes one of its own");
        line(0, "servers:");
        if (!mixed.isEmpty()) {
            line(
                    1,
                    "# review: this server mixes " + comment(String.join(", ", mixed))
                            + ". As several entries with one upstream, people grant an app only the part that it needs.");
        }
    }

    /** Resources and prompts say nothing of the subject; they stay with what belongs to none. */
    private void server(Proposal.Part part) {
        var whole = part.subject().isEmpty();
        var resources = whole ? resources() : List.<String>of();
        var prompts = whole ? names(offer.prompts()) : List.<String>of();
        if (part.proposal().tools().isEmpty() && resources.isEmpty() && prompts.isEmpty()) {
            return;
        }
        var title = offer.title().orElse(offer.name());
        line(1, slug(offer.name()) + (whole ? "" : "-" + slug(part.subject())) + ":");
        line(2, "title: " + quoted(whole ? title : title + ": " + part.subject()));
        line(2, "upstream: { " + upstream + " }");
        line(2, "permissions:");
        set(Proposed.READ, part.proposal(), resources, prompts);
        set(Proposed.WRITE, part.proposal(), List.of(), List.of());
        set(Proposed.DELETE, part.proposal(), List.of(), List.of());
    }

    /** The permission sets that are proposed, from mild to strict. */
    private enum Proposed {
        READ(Effect.READ, "Read", "Looks things up. Changes nothing."),
        WRITE(Effect.CHANGE, "Create and change", "Creates and changes things."),
        DELETE(Effect.DELETE, "Delete, and everything that could", "Can destroy things for good.");

        private final Effect effect;
        private final String title;
        private final String description;

        Proposed(Effect effect, String title, String description) {
            this.effect = effect;
            this.title = title;
            this.description = description;
        }
    }

    private void set(Proposed set, Proposal proposal, List<String> resources, List<String> prompts) {
        var tools = proposal.of(set.effect);
        if (tools.isEmpty() && resources.isEmpty() && prompts.isEmpty()) {
            return;
        }
        line(3, set.name().toLowerCase(Locale.ROOT) + ":");
        line(4, "title: " + quoted(set.title));
        line(4, "description: " + quoted(set.description));
        line(4, "effect: " + set.effect.name().toLowerCase(Locale.ROOT));
        if (set == Proposed.READ) {
            line(4, "default: true");
        }
        line(4, "allow:");
        if (!tools.isEmpty()) {
            line(5, "tools:");
            tools.forEach(this::tool);
        }
        list("resources", resources);
        list("prompts", prompts);
    }

    private void tool(Proposal.Placed tool) {
        var notes = Stream.of(
                        tool.review() ? "review: " + tool.why() : "",
                        tool.undescribed().isEmpty()
                                ? ""
                                : "no description of " + String.join(", ", tool.undescribed()))
                .filter(note -> !note.isEmpty())
                .collect(Collectors.joining("; "));
        line(6, "- " + quoted(tool.name()) + (notes.isEmpty() ? "" : "   # " + comment(notes)));
    }

    private void list(String key, List<String> values) {
        if (!values.isEmpty()) {
            line(5, key + ": [" + values.stream().map(ProposedFile::quoted).collect(Collectors.joining(", ")) + "]");
        }
    }

    /** By scheme: what a server lists today is rarely all that it will have. */
    private List<String> resources() {
        return Stream.concat(
                        offer.resources().stream().map(resource -> resource.member("uri")),
                        offer.templates().stream().map(template -> template.member("uriTemplate")))
                .flatMap(Optional::stream)
                .flatMap(uri -> uri.string().stream())
                .filter(uri -> uri.contains("://"))
                .map(uri -> uri.substring(0, uri.indexOf("://")) + "://**")
                .distinct()
                .sorted()
                .toList();
    }

    private static List<String> names(List<JsonText> entries) {
        return entries.stream()
                .flatMap(entry -> entry.member("name").stream())
                .flatMap(name -> name.string().stream())
                .toList();
    }

    private void line(int indent, String line) {
        text.append("  ".repeat(indent)).append(line).append('\n');
    }

    /** What the server says must not leave its comment. */
    private static String comment(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR ? ' ' : c)
                .limit(200)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** A JSON string is a YAML string. */
    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
