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
    private final Proposal proposal;

    private ProposedFile(Offer offer, Proposal proposal) {
        this.offer = offer;
        this.proposal = proposal;
    }

    /** @param upstream the server's URL; without one the file says what to do about a command */
    static String of(Offer offer, Proposal proposal, Optional<String> upstream) {
        var file = new ProposedFile(offer, proposal);
        file.head(upstream);
        file.set(Effect.READ, "read", "Read", "Looks things up. Changes nothing.");
        file.set(Effect.CHANGE, "write", "Create and change", "Creates and changes things.");
        file.set(Effect.DELETE, "delete", "Delete, and everything that could", "Can destroy things for good.");
        return file.text.toString();
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

    private void head(Optional<String> upstream) {
        var name = slug(offer.name());
        line(0, "# Proposed by sallyport init from what the MCP server says of itself. Read it before you use it:");
        line(0, "# lines marked \"review\" are guesses, always to the stricter side.");
        line(0, "publicUrl: http://127.0.0.1:8080        # review: where people reach it; https but for this machine");
        line(0, "authorizationServer: { realm: mcp, keycloak: \"http://127.0.0.1:8180\" }");
        line(0, "servers:");
        if (!proposal.mixed().isEmpty()) {
            line(
                    1,
                    "# review: this server mixes " + comment(String.join(", ", proposal.mixed()))
                            + ". Several entries with the same upstream, each with its own sets, ask people for less.");
        }
        line(1, name + ":");
        line(2, "title: " + quoted(offer.title().orElse(offer.name())));
        upstream.ifPresentOrElse(
                url -> line(2, "upstream: { url: " + quoted(url) + " }"),
                () -> line(2, "upstream: { url: \"http://127.0.0.1:9000/mcp\" }   # review: serve the command here"));
        line(2, "permissions:");
    }

    private void set(Effect effect, String name, String title, String description) {
        var tools = proposal.of(effect);
        var reads = effect == Effect.READ;
        var resources = reads ? resources() : List.<String>of();
        var prompts = reads ? names(offer.prompts()) : List.<String>of();
        if (tools.isEmpty() && resources.isEmpty() && prompts.isEmpty()) {
            return;
        }
        line(3, name + ":");
        line(4, "title: " + quoted(title));
        line(4, "description: " + quoted(description));
        line(4, "effect: " + effect.name().toLowerCase(Locale.ROOT));
        if (reads) {
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
