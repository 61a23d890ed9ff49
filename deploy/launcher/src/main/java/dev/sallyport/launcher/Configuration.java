package dev.sallyport.launcher;

import java.net.URI;
import java.nio.file.Path;

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
                description: The MCP server at this address.
                path: /mcp
                upstream: { url: %UPSTREAM% }
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
                .replace("%UPSTREAM%", quoted(upstream.toString()))
                .replace("%TITLE%", quoted(upstream.getHost()));
    }

    private static String fill(String template, URI publicUrl, URI keycloak) {
        return template.replace("%PUBLIC%", publicUrl.toString()).replace("%KEYCLOAK%", keycloak.toString());
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private Configuration() {}
}
