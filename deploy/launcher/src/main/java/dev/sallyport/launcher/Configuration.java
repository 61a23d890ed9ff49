package dev.sallyport.launcher;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The {@code sallyport.yaml} that {@code up} writes when nobody brought one. */
final class Configuration {

    private static final String HEAD = """
            # Written anew by every './sallyport up'. To keep changes, copy it and use './sallyport up --config <copy>'.
            publicUrl: %PUBLIC%
            authorizationServer: { keycloak: %KEYCLOAK%, realm: mcp }
            servers:
            """;

    private static final String NOTES = """
              notes:
                title: Team notes
                description: Notes that the whole team reads and writes.
                upstream: { url: %UPSTREAM% }
                credential: { type: shared, header: "X-Api-Key: {value}", value: { file: %KEY% } }
                permissions:
                  read:
                    title: Read your notes
                    description: List, search and read notes, and the summary prompt.
                    default: true
                    effect: read
                    allow:
                      tools: [list_notes, search_notes, get_note, count_words]
                      resources: ["notes://**"]
                      prompts: ["*"]
                  write:
                    title: Create and change notes
                    description: Write new notes and replace the text of old ones.
                    effect: change
                    allow: { tools: [create_note, update_note, suggest_title] }
                  delete:
                    title: Delete notes
                    description: Remove notes for good.
                    effect: delete
                    allow: { tools: [delete_note] }
            """;

    private static final String ANY = """
              mcp:
                title: %TITLE%
                description: %DESCRIPTION%
                path: /mcp
                upstream: %UPSTREAM%
                credential: { type: none }
                permissions:
                  read:
                    title: Look at things
                    description: Tools that say of themselves that they only read, and all resources and prompts.
                    default: true
                    effect: read
                    allow:
                      - { tools: ["*"], hints: [readOnly] }
                      - { resources: ["**"], prompts: ["*"] }
                  change:
                    title: Use every tool
                    description: Also tools that change or delete things, or that do not say what they do.
                    effect: change
                    includes: [read]
                    allow: { tools: ["*"] }
            """;

    static String demo(URI publicUrl, URI keycloak, URI upstream, Path key) {
        return fill(HEAD + NOTES, publicUrl, keycloak)
                .replace("%UPSTREAM%", upstream.toString())
                .replace("%KEY%", quoted(key.toString()));
    }

    static String inFrontOf(URI publicUrl, URI keycloak, URI upstream) {
        return fill(HEAD + ANY, publicUrl, keycloak)
                .replace("%UPSTREAM%", "{ url: " + quoted(upstream.toString()) + " }")
                .replace("%DESCRIPTION%", "The MCP server at this address.")
                .replace("%TITLE%", quoted(upstream.getHost()));
    }

    /** In front of a command, which runs where the launcher was called. */
    static String inFrontOf(URI publicUrl, URI keycloak, List<String> command, Path directory) {
        var words = command.stream().map(Configuration::quoted).collect(Collectors.joining(", ", "[", "]"));
        return fill(HEAD + ANY, publicUrl, keycloak)
                .replace("%UPSTREAM%", "{ command: " + words + ", directory: " + quoted(directory.toString()) + " }")
                .replace("%DESCRIPTION%", "A program on this machine; each person gets a process of their own.")
                .replace("%TITLE%", quoted(title(command)));
    }

    /** What tells one command from another: its first argument that looks like the name of a package or a program. */
    private static String title(List<String> command) {
        return command.stream()
                .skip(1)
                .filter(word -> !word.startsWith("-"))
                .findFirst()
                .map(word -> word.substring(word.lastIndexOf('/') + 1))
                .filter(word -> !word.isBlank())
                .orElse(command.getFirst());
    }

    private static String fill(String template, URI publicUrl, URI keycloak) {
        return template.replace("%PUBLIC%", publicUrl.toString()).replace("%KEYCLOAK%", keycloak.toString());
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private Configuration() {}
}
