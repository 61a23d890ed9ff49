package dev.sallyport.testkit.notes;

import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** What the server can do, each tool with honest annotations. */
final class NoteTools {

    private static final Map<String, Object> ID = Map.of("type", "integer", "description", "The number of the note");
    private static final Map<String, Object> TEXT = Map.of("type", "string", "description", "The whole text");
    private static final Map<String, Object> TITLE = Map.of("type", "string", "description", "A few words");

    private final NoteStore notes;

    NoteTools(NoteStore notes) {
        this.notes = notes;
    }

    List<SyncToolSpecification> all() {
        return List.of(
                tool("list_notes", "List all notes", reading(), Map.of(), (_, _) -> text(lines(notes.all()))),
                tool(
                        "search_notes",
                        "Find notes that contain some words",
                        reading(),
                        Map.of("words", Map.of("type", "string", "description", "What to look for")),
                        (_, call) -> text(lines(notes.search(string(call, "words"))))),
                tool(
                        "get_note",
                        "Read one note",
                        reading(),
                        Map.of("id", ID),
                        (_, call) -> notes.find(id(call))
                                .map(note -> text(note.title() + "\n\n" + note.text()))
                                .orElseGet(NoteTools::missing)),
                tool(
                        "create_note",
                        "Write a new note",
                        changing(false),
                        Map.of("title", TITLE, "text", TEXT),
                        (_, call) -> text("Created note "
                                + notes.create(string(call, "title"), string(call, "text"))
                                        .id())),
                tool(
                        "update_note",
                        "Replace the text of a note",
                        changing(true),
                        Map.of("id", ID, "text", TEXT),
                        (_, call) -> notes.update(id(call), string(call, "text"))
                                .map(note -> text("Updated note " + note.id()))
                                .orElseGet(NoteTools::missing)),
                tool(
                        "delete_note",
                        "Delete a note for good",
                        changing(true),
                        Map.of("id", ID),
                        (_, call) -> notes.delete(id(call)) ? text("Deleted note " + id(call)) : missing()),
                tool(
                        "count_words",
                        "Count the words of all notes, slowly, telling how far it is",
                        reading(),
                        Map.of("pause", Map.of("type", "integer", "description", "Milliseconds between notes")),
                        this::countWords),
                tool(
                        "suggest_title",
                        "Ask the person for a title and write an empty note with it",
                        changing(false),
                        Map.of(),
                        this::suggestTitle));
    }

    private CallToolResult countWords(McpSyncServerExchange exchange, CallToolRequest call) {
        var words = 0;
        var done = 0;
        var all = notes.all();
        for (var note : all) {
            pause(call.arguments().get("pause") instanceof Number millis ? millis.longValue() : 50);
            words += note.text().split("\\s+").length;
            done++;
            if (call.progressToken() != null) {
                exchange.progressNotification(ProgressNotification.builder(call.progressToken(), done)
                        .total((double) all.size())
                        .message(note.title())
                        .build());
            }
        }
        return text(words + " words in " + all.size() + " notes");
    }

    private CallToolResult suggestTitle(McpSyncServerExchange exchange, CallToolRequest call) {
        var schema = Map.<String, Object>of(
                "type",
                "object",
                "properties",
                Map.of("title", Map.of("type", "string")),
                "required",
                List.of("title"));
        var answer = exchange.createElicitation(ElicitFormRequest.builder("What should the note be called?", schema)
                .build());
        if (answer.action() != ElicitResult.Action.ACCEPT || answer.content() == null) {
            return text("No note was written.");
        }
        return text("Created note "
                + notes.create(String.valueOf(answer.content().get("title")), "")
                        .id());
    }

    /** A deliberately slow tool, bounded; a latch that nobody counts down waits without burning the processor. */
    private static void pause(long millis) {
        try {
            var waited = new CountDownLatch(1).await(Math.clamp(millis, 0, 10_000), TimeUnit.MILLISECONDS);
            if (waited) {
                throw new IllegalStateException("nobody counts this latch down");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static SyncToolSpecification tool(
            String name,
            String description,
            ToolAnnotations annotations,
            Map<String, Object> properties,
            BiFunction<McpSyncServerExchange, CallToolRequest, CallToolResult> handler) {
        var required = properties.keySet().stream()
                .filter(key -> !key.equals("pause"))
                .sorted()
                .toList();
        var schema = Map.of("type", "object", "properties", properties, "required", required);
        var tool = Tool.builder(name, schema)
                .description(description)
                .annotations(annotations)
                .build();
        return new SyncToolSpecification(tool, handler);
    }

    private static ToolAnnotations reading() {
        return ToolAnnotations.builder().readOnlyHint(true).openWorldHint(false).build();
    }

    private static ToolAnnotations changing(boolean destructive) {
        return ToolAnnotations.builder()
                .readOnlyHint(false)
                .destructiveHint(destructive)
                .openWorldHint(false)
                .build();
    }

    private static String lines(List<Note> notes) {
        return notes.stream().map(note -> note.id() + ": " + note.title()).collect(Collectors.joining("\n"));
    }

    private static int id(CallToolRequest call) {
        return call.arguments().get("id") instanceof Number number ? number.intValue() : -1;
    }

    private static String string(CallToolRequest call, String name) {
        return Optional.ofNullable(call.arguments().get(name))
                .map(String::valueOf)
                .orElse("");
    }

    private static CallToolResult missing() {
        return CallToolResult.builder()
                .addTextContent("There is no such note.")
                .isError(true)
                .build();
    }

    private static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }
}
