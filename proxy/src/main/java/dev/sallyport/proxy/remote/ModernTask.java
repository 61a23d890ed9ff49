package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tasks of the extension {@code io.modelcontextprotocol/tasks} (SEP-2663) in the words of 2025-11-25. */
final class ModernTask {

    static final String EXTENSION = "io.modelcontextprotocol/tasks";

    /** What a server of 2025-11-25 says that offers what the extension has; it has no list of tasks. */
    static final String CAPABILITY = "{\"cancel\":{},\"requests\":{\"tools\":{\"call\":{}}}}";

    private static final String RELATED = "io.modelcontextprotocol/related-task";
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

    private static final Duration SHORTEST_POLL = Duration.ofMillis(100);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(30);
    private static final Duration USUAL_POLL = Duration.ofSeconds(1);

    private ModernTask() {}

    /** Whether a server says that it knows the extension. */
    static boolean isOffered(JsonText capabilities) {
        return capabilities
                .member("extensions")
                .flatMap(extensions -> extensions.member(EXTENSION))
                .filter(settings -> settings.kind() == JsonText.Kind.OBJECT)
                .isPresent();
    }

    /** Whether an answer says that the client has to know the extension ({@code MissingRequiredClientCapabilityError}). */
    static boolean isNeeded(JsonText answer) {
        return ModernAnswer.errorCode(answer)
                .filter(code -> code == Modern.MISSING_CAPABILITY)
                .flatMap(_ -> answer.member("error"))
                .flatMap(error -> error.member("data"))
                .flatMap(data -> data.member("requiredCapabilities"))
                .filter(ModernTask::isOffered)
                .isPresent();
    }

    static Optional<String> id(JsonText task) {
        return task.member("taskId").flatMap(JsonText::string);
    }

    static String status(JsonText task) {
        return task.member("status").flatMap(JsonText::string).orElse("working");
    }

    static boolean hasEnded(JsonText task) {
        return ENDED.contains(status(task));
    }

    /** What the server wants to know before the task can go on, by the names that it gave it. */
    static Map<String, JsonText> questions(JsonText task) {
        var questions = new LinkedHashMap<String, JsonText>();
        if (status(task).equals("input_required")) {
            task.member("inputRequests")
                    .map(JsonText::members)
                    .orElse(List.of())
                    .forEach(member -> questions.put(member.name(), member.value()));
        }
        return questions;
    }

    /** How long to wait until the server is asked again. */
    static Duration poll(JsonText task) {
        var wanted = task.member("pollIntervalMs")
                .filter(value -> value.kind() == JsonText.Kind.NUMBER)
                .map(value -> Duration.ofMillis((long) Double.parseDouble(value.json())))
                .orElse(USUAL_POLL);
        if (wanted.compareTo(SHORTEST_POLL) < 0) {
            return SHORTEST_POLL;
        }
        return wanted.compareTo(LONGEST_POLL) > 0 ? LONGEST_POLL : wanted;
    }

    /** {@code Task} as JSON. What a tool itself calls an error has failed in 2025-11-25. */
    static String legacy(JsonText task) {
        var failed = task.member("result")
                .flatMap(result -> result.member("isError"))
                .filter(JsonText::isTrue)
                .isPresent();
        var members = new ArrayList<String>();
        copy(task, "taskId", "taskId").ifPresent(members::add);
        members.add("\"status\":" + Modern.quoted(failed ? "failed" : status(task)));
        copy(task, "statusMessage", "statusMessage").ifPresent(members::add);
        copy(task, "createdAt", "createdAt").ifPresent(members::add);
        copy(task, "lastUpdatedAt", "lastUpdatedAt")
                .or(() -> copy(task, "createdAt", "lastUpdatedAt"))
                .ifPresent(members::add);
        members.add(copy(task, "ttlMs", "ttl").orElse("\"ttl\":null"));
        copy(task, "pollIntervalMs", "pollInterval").ifPresent(members::add);
        return '{' + String.join(",", members) + '}';
    }

    private static Optional<String> copy(JsonText task, String name, String newName) {
        return task.member(name).map(value -> '"' + newName + "\":" + value.json());
    }

    /**
     * What the call itself would have been answered, had it waited.
     *
     * @param task that has ended
     * @param id of the request, as JSON
     */
    static byte[] outcome(JsonText task, String id) {
        return switch (status(task)) {
            case "completed" -> answer(id, "result", task.member("result"));
            case "failed" -> answer(id, "error", task.member("error"));
            default -> Unanswered.error(id, "The task was cancelled.");
        };
    }

    private static byte[] answer(String id, String name, Optional<JsonText> value) {
        return value.filter(object -> object.kind() == JsonText.Kind.OBJECT)
                .map(object -> ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"" + name + "\":" + object.json() + '}')
                        .getBytes(StandardCharsets.UTF_8))
                .orElseGet(() -> Unanswered.error(id, "The MCP server did not say how the task ended."));
    }

    /** The answer with the name of the task that it belongs to; an error is as the call would have had it. */
    static byte[] related(byte[] answer, String task) {
        var edits = new Edits(answer);
        JsonText.ofServer(answer)
                .member("result")
                .ifPresent(result ->
                        edits.replace(result, related(Optional.of(result), task).getBytes(StandardCharsets.UTF_8)));
        return edits.applied();
    }

    /**
     * An object with the name of the task that it belongs to, and of no other.
     *
     * @return as JSON
     */
    static String related(Optional<JsonText> object, String task) {
        var members = new ArrayList<String>();
        var meta = new ArrayList<String>();
        for (var member : object.map(JsonText::members).orElse(List.of())) {
            if (member.name().equals("_meta")) {
                member.value().members().stream()
                        .filter(each -> !each.name().equals(RELATED))
                        .map(ModernTask::written)
                        .forEach(meta::add);
            } else {
                members.add(written(member));
            }
        }
        meta.add('"' + RELATED + "\":{\"taskId\":" + Modern.quoted(task) + '}');
        members.add("\"_meta\":{" + String.join(",", meta) + '}');
        return '{' + String.join(",", members) + '}';
    }

    private static String written(JsonText.Member member) {
        return Modern.quoted(member.name()) + ':' + member.value().json();
    }
}
