package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.token.VerifiedToken;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks of one principal: those that calls of its own began, for as long as the MCP server says that it keeps them
 * (2025-11-25, Tasks; the extension of 2026-07-28). The task of anybody else does not exist.
 */
final class Tasks {

    /** For tasks that are kept without an end, or for longer than a client comes back for one. */
    private static final Duration LONGEST = Duration.ofDays(7);

    private static final Set<String> ABOUT_ONE = Set.of("tasks/get", "tasks/result", "tasks/cancel", "tasks/update");
    private static final String PREFIX = "tasks/";
    static final String EXTENSION = "io.modelcontextprotocol/tasks";

    private final TaskOwners owners;
    private final VerifiedToken token;

    Tasks(TaskOwners owners, VerifiedToken token) {
        this.owners = owners;
        this.token = token;
    }

    /** True if the answer may begin a task, or speak of some. */
    static boolean concern(Message.Request request) {
        return request.method().startsWith(PREFIX)
                || request.content()
                        .filter(params -> params.member("task").isPresent() || declaresTasks(params))
                        .isPresent();
    }

    private static boolean declaresTasks(JsonText params) {
        return params.member("_meta")
                .flatMap(meta -> meta.member("io.modelcontextprotocol/clientCapabilities"))
                .flatMap(capabilities -> capabilities.member("extensions"))
                .flatMap(extensions -> extensions.member(EXTENSION))
                .isPresent();
    }

    /**
     * Checks every task that a message names.
     *
     * @throws Refused with {@code BadMessage} if one is not this principal's, in the words for one that is not there
     */
    void check(String method, Optional<JsonText> params) {
        if (method.equals("tasks/result") && isModern(params)) {
            // The tasks extension of MCP 2026-07-28 has it no more: results come with tasks/get.
            throw new Refused(new Refusal.BadMessage(MessageReader.METHOD_NOT_FOUND, "Method not found"));
        }
        if (ABOUT_ONE.contains(method)
                || (method.startsWith(PREFIX) && params.flatMap(Tasks::id).isPresent())) {
            check(params.flatMap(Tasks::id));
        }
        var listened =
                params.flatMap(object -> object.member("notifications")).flatMap(filter -> filter.member("taskIds"));
        if (method.equals("subscriptions/listen") && listened.isPresent()) {
            listened.get().elements().forEach(id -> check(id.string()));
        }
    }

    /** Requests say their revision themselves since MCP 2026-07-28. */
    private static boolean isModern(Optional<JsonText> params) {
        return params.flatMap(object -> object.member("_meta"))
                .flatMap(meta -> meta.member("io.modelcontextprotocol/protocolVersion"))
                .isPresent();
    }

    private void check(Optional<String> task) {
        if (task.filter(id -> owners.isOf(key(id), principal())).isEmpty()) {
            throw new Refused(new Refusal.BadMessage(MessageReader.INVALID_PARAMS, "Invalid params: no such task"));
        }
    }

    /** Answers from memory, for streams, which wait for nothing. */
    boolean owns(String task) {
        return owners.isKnownOf(key(task), principal());
    }

    /** Takes note of a task that a result begins. */
    void seen(JsonText result) {
        var task = result.member("task")
                .or(() -> Optional.of(result)
                        .filter(object -> object.member("resultType")
                                .flatMap(JsonText::string)
                                .filter("task"::equals)
                                .isPresent()));
        task.ifPresent(begun -> id(begun).ifPresent(id -> owners.own(key(id), principal(), life(begun))));
    }

    /** {@code ttl} of 2025-11-25 and {@code ttlMs} of the extension: milliseconds, or {@code null} for no end. */
    private static Duration life(JsonText task) {
        return task.member("ttl")
                .or(() -> task.member("ttlMs"))
                .filter(ttl -> ttl.kind() == JsonText.Kind.NUMBER)
                .map(ttl -> Double.parseDouble(ttl.json()))
                .filter(millis -> millis >= 0 && millis < LONGEST.toMillis())
                .map(millis -> Duration.ofMillis(millis.longValue()).plusMinutes(1))
                .orElse(LONGEST);
    }

    static Optional<String> id(JsonText task) {
        return task.member("taskId").flatMap(JsonText::string);
    }

    private String key(String task) {
        return new JsonDigest().add(token.resource().toString()).add(task).hex();
    }

    private String principal() {
        return new JsonDigest()
                .add(token.issuer())
                .add(token.subject())
                .add(token.clientId())
                .hex();
    }
}
