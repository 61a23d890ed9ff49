package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.Part;
import dev.sallyport.proxy.settings.CredentialSettings.Piece;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the headers in which a credential goes to the MCP server: a name, and text with placeholders. */
final class HeaderReader {

    private static final Pattern HEADER = Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}):[ ]*([\\x20-\\x7e]*)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(?:value|username|password)\\}");
    private static final Set<Part> ACCOUNT = EnumSet.of(Part.USERNAME, Part.PASSWORD);
    private static final Set<String> OURS = Set.of(
            "host",
            "content-length",
            "content-type",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "te",
            "trailer",
            "upgrade",
            "expect",
            "accept",
            "accept-encoding",
            "origin",
            "cookie",
            "forwarded",
            "via",
            "last-event-id",
            "proxy-connection");

    private HeaderReader() {}

    /** Headers of a kind that has one value; empty if there is a problem, which has been told. */
    static List<HeaderTemplate> ofValue(Value place) {
        return templates(place, HeaderReader::hasValue);
    }

    /** Headers of a kind that has a user name and a password, of which each is sent somewhere. */
    static List<HeaderTemplate> ofAccount(Section section, Value place) {
        var templates = templates(place, HeaderReader::hasAccount);
        var missing = EnumSet.copyOf(ACCOUNT);
        templates.forEach(template -> missing.removeAll(holes(template.pieces())));
        if (templates.isEmpty() || missing.isEmpty()) {
            return templates;
        }
        var names = missing.stream().map(Part::placeholder).collect(Collectors.joining(" and "));
        section.report()
                .problem(
                        section.place(),
                        "no header with " + names,
                        "people enter a user name and a password, and each has to go somewhere",
                        "write for example headers: [\"X-User: {username}\", \"X-Password: {password}\"]");
        return List.of();
    }

    /** A header that the proxy sets itself, or that must not be sent. */
    static boolean isOurs(String header) {
        var lower = header.toLowerCase(Locale.ROOT);
        return OURS.contains(lower) || lower.startsWith("mcp-") || lower.startsWith("x-forwarded-");
    }

    private interface Rule {
        /** Whether these placeholders may stand in a header; tells the problem if not. */
        boolean allows(Value value, List<Part> holes);
    }

    private static List<HeaderTemplate> templates(Value place, Rule rule) {
        var templates = new ArrayList<HeaderTemplate>();
        for (var value : place.items()) {
            value.text().flatMap(text -> template(value, text, rule)).ifPresent(templates::add);
        }
        return templates;
    }

    private static Optional<HeaderTemplate> template(Value value, String text, Rule rule) {
        var match = HEADER.matcher(text);
        var pieces = pieces(match.matches() ? match.group(2) : "");
        if (!rule.allows(value, holes(pieces))) {
            return Optional.empty();
        }
        var name = match.group(1);
        if (isOurs(name)) {
            value.problem(
                    "the header " + name, "the proxy sets it itself, or it must not be sent", "use another header");
            return Optional.empty();
        }
        return Optional.of(new HeaderTemplate(name, pieces));
    }

    private static boolean hasValue(Value value, List<Part> holes) {
        if (holes.stream().anyMatch(ACCOUNT::contains)) {
            value.problem(
                    "a header with {username} or {password}",
                    "only type: basic has a user name and a password",
                    "write for example \"X-Api-Key: {value}\"");
            return false;
        }
        if (holes.size() != 1) {
            value.problem(
                    "a header that does not hold {value} once",
                    "the secret is put in where {value} stands",
                    "write for example \"X-Api-Key: {value}\"");
            return false;
        }
        return true;
    }

    private static boolean hasAccount(Value value, List<Part> holes) {
        if (holes.isEmpty()
                || holes.contains(Part.VALUE)
                || EnumSet.copyOf(holes).size() < holes.size()) {
            value.problem(
                    "a header that does not hold {username} or {password}, or not once",
                    "the user name and the password are put in where these stand",
                    "write for example \"X-User: {username}\"; without headers, both are sent as Authorization: Basic");
            return false;
        }
        return true;
    }

    private static List<Part> holes(List<Piece> pieces) {
        return pieces.stream()
                .filter(Piece.Hole.class::isInstance)
                .map(hole -> ((Piece.Hole) hole).part())
                .toList();
    }

    private static List<Piece> pieces(String text) {
        var pieces = new ArrayList<Piece>();
        var found = PLACEHOLDER.matcher(text);
        var at = 0;
        while (found.find()) {
            pieces.add(new Piece.Text(text.substring(at, found.start())));
            pieces.add(new Piece.Hole(part(found.group())));
            at = found.end();
        }
        pieces.add(new Piece.Text(text.substring(at)));
        return pieces;
    }

    private static Part part(String placeholder) {
        for (var part : Part.values()) {
            if (part.placeholder().equals(placeholder)) {
                return part;
            }
        }
        throw new IllegalArgumentException("the pattern finds only these");
    }
}
