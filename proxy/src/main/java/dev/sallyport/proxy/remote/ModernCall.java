package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One request of an older client at a server of 2026-07-28: sent as often as the server wants to know something more (MCP
 * 2026-07-28, multi round-trip requests), until there is an answer, or a task that will have it. Cancelling the errand
 * closes what is open.
 */
final class ModernCall {

    /** A server that always wants to know one thing more is given up. */
    private static final int MAX_ROUNDS = 16;

    private final Errand errand;
    private final ModernTasks tasks;
    private Modern.About about;
    private boolean relearned;

    ModernCall(Errand errand, ModernTasks tasks) {
        this.errand = errand;
        this.tasks = tasks;
        var client = errand.asked().about();
        this.about = errand.asked().task().isPresent() ? client.withTasks() : client;
    }

    /** Runs to its end in this thread, and delivers one answer, unless it was cancelled. */
    void run() {
        var more = Map.<String, String>of();
        for (var rounds = 0; rounds < MAX_ROUNDS && !errand.isCancelled(); rounds++) {
            var answer = errand.send(more, about);
            if (answer.isEmpty()) {
                return;
            }
            var bytes = answer.get().bytes();
            var message = JsonText.ofServer(bytes);
            if (isWorthAnother(message)) {
                continue;
            }
            switch (ModernAnswer.kind(message)) {
                case ModernAnswer.Kind.Final _ -> {
                    end(bytes, message);
                    return;
                }
                case ModernAnswer.Kind.Task(var task) -> {
                    begun(task);
                    return;
                }
                case ModernAnswer.Kind.InputRequired(var requests, var state) -> {
                    var input = input(requests);
                    if (input.isEmpty()) {
                        errand.fail("The MCP server asked for what the client did not answer.");
                        return;
                    }
                    more = further(requests.isEmpty() ? Optional.empty() : input, state);
                }
                case ModernAnswer.Kind.Unknown _ -> {
                    errand.fail("The MCP server answered with a result of an unknown type.");
                    return;
                }
            }
        }
        errand.fail("The MCP server asked too often.");
    }

    /** Whether the same request, said in another way, may pass. */
    private boolean isWorthAnother(JsonText message) {
        if (!errand.asked().method().equals("tools/call")) {
            return false;
        }
        if (!relearned && isHeaderMismatch(message)) {
            // The server's tools are not what passed here, or never passed: they are asked for, and it is tried again.
            relearned = true;
            errand.server().learnTools(errand.asked().about());
            return true;
        }
        if (!about.hasTasks() && ModernTask.isNeeded(message)) {
            // It runs as a task only: the client will have its result when that has ended.
            about = about.withTasks();
            return true;
        }
        return false;
    }

    private static boolean isHeaderMismatch(JsonText message) {
        return ModernAnswer.errorCode(message)
                .filter(code -> code == Modern.HEADER_MISMATCH)
                .isPresent();
    }

    private void end(byte[] bytes, JsonText message) {
        var asked = errand.asked();
        if (asked.task().isPresent() && message.member("result").isPresent()) {
            tasks.keep(errand, bytes, asked.task().get());
        } else {
            errand.answer(ModernAnswer.legacy(
                    tasks.shown(asked.method(), errand.server().filtered(asked.method(), bytes)), asked.id()));
        }
    }

    private void begun(JsonText task) {
        var id = ModernTask.id(task).filter(_ -> about.hasTasks());
        if (id.isEmpty()) {
            errand.fail("The MCP server answered with a task that nobody asked for.");
        } else if (errand.asked().task().isPresent()) {
            errand.result("{\"task\":" + ModernTask.legacy(task) + '}');
        } else {
            tasks.follow(errand, id.get());
        }
    }

    private Optional<String> input(Map<String, JsonText> requests) {
        return requests.isEmpty()
                ? Optional.of("{}")
                : errand.ask(requests, Optional.empty()).flatMap(Questions.Round::responses);
    }

    private static Map<String, String> further(Optional<String> responses, Optional<String> state) {
        var more = new LinkedHashMap<String, String>();
        responses.ifPresent(json -> more.put("inputResponses", json));
        state.ifPresent(json -> more.put("requestState", json));
        return more;
    }
}
