package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.Form;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.Part;
import dev.sallyport.proxy.settings.CredentialSettings.PerUser;
import dev.sallyport.proxy.settings.CredentialSettings.Piece;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody typed into the form of a server, or what is wrong with it, in words for the page. Nothing in it can become
 * another header or another part of its own: no control characters anywhere, in headers only what HTTP carries unchanged (RFC
 * 9110 section 5.5), and no colon in the user name of basic authentication (RFC 7617 section 2).
 */
record Entered(Map<String, Secret> secrets, Optional<String> problem) {

    /** What the form calls the first field of a user name and a password. */
    static final String USER_NAME = "User name";

    private record Field(String name, String label, Part part) {}

    Entered {
        secrets = Map.copyOf(secrets);
    }

    static Entered in(PageRequest request, ServerSettings server, PerUser kind) {
        var secrets = new HashMap<String, Secret>();
        for (var field : fields(kind)) {
            var text = request.field(field.name()).map(String::strip).orElse("");
            var problem = problem(field, text, server, kind);
            if (problem.isPresent()) {
                return new Entered(Map.of(), problem);
            }
            secrets.put(field.name(), Secret.of(text));
        }
        return new Entered(secrets, Optional.empty());
    }

    private static List<Field> fields(PerUser kind) {
        return switch (kind.form()) {
            case API_KEY -> List.of(new Field("value", kind.label(), Part.VALUE));
            case BASIC ->
                List.of(
                        new Field("username", USER_NAME, Part.USERNAME),
                        new Field("password", kind.label(), Part.PASSWORD));
        };
    }

    private static Optional<String> problem(Field field, String text, ServerSettings server, PerUser kind) {
        if (text.isEmpty()) {
            return Optional.of("Please fill in every field.");
        }
        if (text.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
            return Optional.of(
                    field.label() + ": there is a character in it that cannot be sent, such as a line break. Copy it"
                            + " again; nothing was stored.");
        }
        if (isBare(field.part(), server, kind) && text.chars().anyMatch(c -> c > 0x7E)) {
            return Optional.of(
                    field.label() + ": this server takes plain letters, digits and signs only, and there is something"
                            + " else in it. Nothing was stored.");
        }
        if (field.part() == Part.USERNAME
                && kind.form() == Form.BASIC
                && (hasHole(kind, Part.VALUE) || server.upstream() instanceof UpstreamSettings.Command)
                && text.contains(":")) {
            return Optional.of(field.label() + ": a colon cannot be sent in it. Nothing was stored.");
        }
        return Optional.empty();
    }

    /** True if it stands in a header as it was typed. */
    private static boolean isBare(Part part, ServerSettings server, PerUser kind) {
        return !(server.upstream() instanceof UpstreamSettings.Command) && hasHole(kind, part);
    }

    private static boolean hasHole(PerUser kind, Part part) {
        return kind.headers().stream()
                .map(HeaderTemplate::pieces)
                .flatMap(List::stream)
                .anyMatch(piece -> piece instanceof Piece.Hole(var other) && other == part);
    }
}
