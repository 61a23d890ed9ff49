package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tasks of 2025-11-25 in the words of the extension {@code io.modelcontextprotocol/tasks} (SEP-2663). */
final class TaskAnswer {

    static final String EXTENSION = "io.modelcontextprotocol/tasks";

    /** Names the task that a message belongs to (MCP 2025-11-25, Tasks). */
    static final String RELATED = "io.modelcontextprotocol/related-task";

    private static final String DECLARED = "{\"extensions\":{\"" + EXTENSION + "\":{}}}";

    private TaskAnswer() {}

    /** The task that an answer to a call begins, in place of a result. */
    static Optional<JsonText> begun(JsonText answer) {
        return answer.member("result").flatMap(result -> result.member("task")).filter(task -> id(task).isPresent());
    }

    static Optional<String> id(JsonText task) {
        return task.member("taskId").flatMap(JsonText::string);
    }

    /** {@code CreateTaskResult}. */
    static byte[] created(String id, JsonText task) {
        return Rewrite.result(id, result("task", task, status(task).orElse("working"), List.of()));
    }

    /** Whether it ended with something to tell. */
    static boolean hasOutcome(JsonText task) {
        return status(task)
                .filter(status -> status.equals("completed") || status.equals("failed"))
                .isPresent();
    }

    /** Whether the server waits for an answer of the client. */
    static boolean wantsInput(JsonText task) {
        return status(task).filter("input_required"::equals).isPresent();
    }

    private static Optional<String> status(JsonText task) {
        return task.member("status").flatMap(JsonText::string);
    }

    /**
     * {@code GetTaskResult} of a task that has ended: with a result, which may be a tool's own error, or with an error.
     *
     * @param outcome what {@code tasks/result} was answered
     */
    static byte[] ended(String id, JsonText task, byte[] outcome) {
        var words = StatelessAnswer.of(unrelated(outcome), "tasks/result");
        var message = JsonText.ofServer(words);
        var error = message.member("error");
        return error.isPresent()
                ? Rewrite.result(
                        id,
                        result(
                                "complete",
                                task,
                                "failed",
                                List.of("\"error\":" + error.get().json())))
                : Rewrite.result(
                        id,
                        result(
                                "complete",
                                task,
                                "completed",
                                List.of("\"result\":"
                                        + message.member("result")
                                                .map(JsonText::json)
                                                .orElse("{}"))));
    }

    /** A result without the name of its task, which stands beside it in the extension. */
    private static byte[] unrelated(byte[] outcome) {
        var edits = new Edits(outcome);
        JsonText.ofServer(outcome)
                .member("result")
                .ifPresent(result -> result.member("_meta")
                        .filter(meta -> meta.member(RELATED).isPresent())
                        .ifPresent(meta -> {
                            if (meta.members().size() > 1) {
                                edits.keepMembers(meta, name -> !name.equals(RELATED));
                            } else {
                                edits.keepMembers(result, name -> !name.equals("_meta"));
                            }
                        }));
        return edits.applied();
    }

    /**
     * {@code GetTaskResult} of a task that is on its way, or was cancelled.
     *
     * @param questions what the server wants to know, as JSON by name
     */
    static byte[] running(String id, JsonText task, Map<String, String> questions) {
        if (status(task).filter("cancelled"::equals).isPresent()) {
            return Rewrite.result(id, result("complete", task, "cancelled", List.of()));
        }
        if (questions.isEmpty()) {
            return Rewrite.result(id, result("complete", task, "working", List.of()));
        }
        var written = new ArrayList<String>();
        questions.forEach((name, request) -> written.add(Rewrite.quoted(name) + ':' + request));
        return Rewrite.result(
                id,
                result(
                        "complete",
                        task,
                        "input_required",
                        List.of("\"inputRequests\":{" + String.join(",", written) + '}')));
    }

    /** {@code UpdateTaskResult} and {@code CancelTaskResult}. */
    static byte[] acknowledged(String id) {
        return Rewrite.result(id, "{\"resultType\":\"complete\"}");
    }

    /** {@code MissingRequiredClientCapabilityError}, for a client that does not say that it knows tasks. */
    static byte[] needed(String id) {
        return StatelessAnswer.capabilityNeeded(id, "this works as a task only", DECLARED);
    }

    private static String result(String type, JsonText task, String status, List<String> more) {
        var members = new ArrayList<String>();
        members.add("\"resultType\":" + Rewrite.quoted(type));
        copy(task, "taskId", "taskId").ifPresent(members::add);
        members.add("\"status\":" + Rewrite.quoted(status));
        copy(task, "statusMessage", "statusMessage").ifPresent(members::add);
        copy(task, "createdAt", "createdAt").ifPresent(members::add);
        copy(task, "lastUpdatedAt", "lastUpdatedAt")
                .or(() -> copy(task, "createdAt", "lastUpdatedAt"))
                .ifPresent(members::add);
        members.add(copy(task, "ttl", "ttlMs").orElse("\"ttlMs\":null"));
        copy(task, "pollInterval", "pollIntervalMs").ifPresent(members::add);
        members.addAll(more);
        return '{' + String.join(",", members) + '}';
    }

    private static Optional<String> copy(JsonText task, String name, String newName) {
        return task.member(name).map(value -> '"' + newName + "\":" + value.json());
    }
}
