package dev.sallyport.testkit.notes;

import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceTemplateSpecification;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import io.modelcontextprotocol.spec.McpSchema.PromptMessage;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.ResourceTemplate;
import io.modelcontextprotocol.spec.McpSchema.Role;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.TextResourceContents;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The server on loopback: {@code http://127.0.0.1:<port>/mcp}, Streamable HTTP, with an API key or with access tokens. */
public final class NotesServer implements AutoCloseable {

    private final Tomcat tomcat;
    private final McpSyncServer mcp;
    private final Guard guard;

    private NotesServer(Tomcat tomcat, McpSyncServer mcp, Guard guard) {
        this.tomcat = tomcat;
        this.mcp = mcp;
        this.guard = guard;
    }

    /**
     * Starts it.
     *
     * @param port 0 for any free one
     * @param file where the notes are kept, or empty for memory only
     * @param accepted the API keys, any of which opens it
     */
    public static NotesServer start(int port, Optional<Path> file, Set<String> accepted) {
        return start(port, file, new ApiKeys(accepted));
    }

    /** Starts it at any free port, with notes in memory, for whoever comes with a provider's token. */
    public static NotesServer start(BearerTokens tokens) {
        return start(0, Optional.empty(), tokens);
    }

    private static NotesServer start(int port, Optional<Path> file, Guard guard) {
        var notes = new NoteStore(file);
        var transport = HttpServletStreamableServerTransportProvider.builder()
                .mcpEndpoint("/mcp")
                .build();
        var mcp = McpServer.sync(transport)
                .serverInfo("team-notes", "1.0.0")
                .instructions("Notes that the whole team reads and writes.")
                .capabilities(ServerCapabilities.builder()
                        .tools(true)
                        .resources(false, true)
                        .prompts(true)
                        .logging()
                        .build())
                .tools(new NoteTools(notes).all())
                .resources(index(notes))
                .resourceTemplates(template(notes))
                .prompts(prompt(notes))
                .build();
        try {
            var tomcat = new Tomcat();
            tomcat.setBaseDir(Files.createTempDirectory("team-notes").toString());
            tomcat.setHostname("127.0.0.1");
            tomcat.setPort(port);
            tomcat.getConnector().setProperty("address", "127.0.0.1");
            var context = tomcat.addContext("", null);
            Tomcat.addServlet(context, "mcp", transport).setAsyncSupported(true);
            context.addServletMapping("/mcp/*", "mcp");
            // What nothing is mapped to is answered before any filter is asked.
            context.addServletMapping("/.well-known/*", "mcp");
            filter(context, guard);
            tomcat.start();
            return new NotesServer(tomcat, mcp, guard);
        } catch (IOException | LifecycleException e) {
            throw new IllegalStateException("the notes server cannot listen on port " + port, e);
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/mcp");
    }

    /** How many requests reached it, with a good key or without. */
    public long calls() {
        return guard.calls();
    }

    /** How many of them came without a good key. */
    public long refused() {
        return guard.refused();
    }

    @Override
    public void close() {
        mcp.close();
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException("the notes server did not stop", e);
        }
    }

    private static void filter(Context context, Guard guard) {
        var definition = new FilterDef();
        definition.setFilterName("guard");
        definition.setFilter(guard);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        var mapping = new FilterMap();
        mapping.setFilterName("guard");
        mapping.addURLPattern("/*");
        context.addFilterMap(mapping);
    }

    private static SyncResourceSpecification index(NoteStore notes) {
        var resource = Resource.builder("notes://index", "index")
                .description("All notes by number")
                .mimeType("text/plain")
                .build();
        return new SyncResourceSpecification(
                resource,
                (_, request) -> contents(
                        request.uri(),
                        notes.all().stream()
                                .map(note -> note.uri() + " " + note.title())
                                .collect(Collectors.joining("\n"))));
    }

    private static SyncResourceTemplateSpecification template(NoteStore notes) {
        var template = ResourceTemplate.builder("notes://{id}", "note")
                .description("One note")
                .mimeType("text/plain")
                .build();
        return new SyncResourceTemplateSpecification(
                template,
                (_, request) -> contents(
                        request.uri(),
                        notes.all().stream()
                                .filter(note -> note.uri().equals(request.uri()))
                                .map(Note::text)
                                .findFirst()
                                .orElse("There is no such note.")));
    }

    private static ReadResourceResult contents(String uri, String text) {
        return ReadResourceResult.builder(List.of(TextResourceContents.builder(uri, text)
                        .mimeType("text/plain")
                        .build()))
                .build();
    }

    private static SyncPromptSpecification prompt(NoteStore notes) {
        var prompt =
                Prompt.builder("summarize").description("Summarize all notes").build();
        return new SyncPromptSpecification(
                prompt,
                (_, _) -> GetPromptResult.builder(List.of(new PromptMessage(
                                Role.USER,
                                TextContent.builder("Summarize these notes:\n"
                                                + notes.all().stream()
                                                        .map(Note::text)
                                                        .collect(Collectors.joining("\n")))
                                        .build())))
                        .description("Summarize all notes")
                        .build());
    }
}
