package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tasks of 2025-11-25 at a server that knows the extension {@code io.modelcontextprotocol/tasks} (SEP-2663). There the
 * server decides what becomes a task: every tool is offered as one that can be a task or not. What is answered at once
 * though the client wants a task is kept here for it, and is a task that has ended already. Safe to use from several threads.
 */
final class ModernTasks {

    private static final int INVALID_PARAMS = -32602;

    /** How long after its cancellation was taken a task may go on before the client hears that it does. */
    private static final Duration CANCELLING = Duration.ofSeconds(5);

    private static final Duration LONGEST_POLL = Duration.ofMillis(500);

    /** For results that are kept here. */
    private static final Duration LONGEST_LIFE = Duration.ofHours(1);

    private static final int MAX_KEPT = 64;
    private static final long MAX_KEPT_BYTES = 8L * 1024 * 1024;
    private static final int POLL_MILLIS = 100;

    private final InstantSource clock;
    private final Map<String, TaskWatch> watches = new ConcurrentHashMap<>();
    private final Map<String, Kept> kept = new LinkedHashMap<>();
    private long keptBytes;
    private volatile boolean offered;

    ModernTasks(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * A call that was answered at once.
     *
     * @param task in the words of the extension, with the result
     */
    private record Kept(JsonText task, long bytes, Instant until) {}

    /** The server said what it can. */
    void introduced(JsonText capabilities) {
        offered = ModernTask.isOffered(capabilities);
    }

    /** How long the client wants to be able to fetch the result, if it wants a task for this and can have one. */
    Optional<Duration> wanted(String method, Optional<JsonText> params) {
        return params.flatMap(all -> all.member("task"))
                .filter(task -> offered && method.equals("tools/call") && task.kind() == JsonText.Kind.OBJECT)
                .map(ModernTasks::life);
    }

    private static Duration life(JsonText task) {
        return task.member("ttl")
                .filter(ttl -> ttl.kind() == JsonText.Kind.NUMBER)
                .map(ttl -> Double.parseDouble(ttl.json()))
                .filter(millis -> millis >= 0 && millis < LONGEST_LIFE.toMillis())
                .map(millis -> Duration.ofMillis(millis.longValue()))
                .orElse(LONGEST_LIFE);
    }

    /** A list of tools, each of which can be a task or not; anything else as it is. */
    byte[] shown(String method, byte[] answer) {
        if (!offered || !method.equals("tools/list")) {
            return answer;
        }
        var edits = new Edits(answer);
        JsonText.ofServer(answer)
                .member("result")
                .flatMap(result -> result.member("tools"))
                .ifPresent(tools -> tools.elements().stream()
                        .filter(tool -> tool.kind() == JsonText.Kind.OBJECT
                                && tool.member("execution").isEmpty())
                        .forEach(tool -> edits.addMember(tool, "\"execution\":{\"taskSupport\":\"optional\"}")));
        return edits.applied();
    }

    /** A call was answered at once whose client wants a task: it gets one that has just ended. */
    void keep(Errand errand, byte[] answer, Duration life) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var id = UUID.randomUUID().toString();
        var result = JsonText.ofServer(ModernAnswer.legacy(answer, "0"))
                .member("result")
                .map(JsonText::json)
                .orElse("{}");
        var state = "\"taskId\":\"" + id + "\",\"createdAt\":\"" + now + "\",\"lastUpdatedAt\":\"" + now
                + "\",\"ttlMs\":" + life.toMillis() + ",\"pollIntervalMs\":" + POLL_MILLIS;
        var bytes =
                ("{" + state + ",\"status\":\"completed\",\"result\":" + result + '}').getBytes(StandardCharsets.UTF_8);
        keep(id, new Kept(JsonText.ofServer(bytes), bytes.length, now.plus(life)));
        // A task begins as one that works (2025-11-25, Tasks, task status lifecycle).
        var begun = ("{" + state + ",\"status\":\"working\"}").getBytes(StandardCharsets.UTF_8);
        errand.result("{\"task\":" + ModernTask.legacy(JsonText.ofServer(begun)) + '}');
    }

    private synchronized void keep(String id, Kept one) {
        kept.put(id, one);
        keptBytes += one.bytes();
        var oldest = kept.entrySet().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next().getValue();
            var full = kept.size() > MAX_KEPT || (keptBytes > MAX_KEPT_BYTES && kept.size() > 1);
            if (full || next.until().isBefore(clock.instant())) {
                keptBytes -= next.bytes();
                oldest.remove();
            }
        }
    }

    private synchronized Optional<JsonText> kept(String id) {
        return Optional.ofNullable(kept.get(id))
                .filter(one -> one.until().isAfter(clock.instant()))
                .map(Kept::task);
    }

    /** Whether it is a request about one task, for {@link #run}. */
    boolean takes(String method) {
        return offered
                && (method.equals("tasks/get") || method.equals("tasks/result") || method.equals("tasks/cancel"));
    }

    /** Answers a request about one task, in this thread. */
    void run(Errand errand) {
        var asked = errand.asked();
        var id = asked.params().flatMap(ModernTask::id);
        if (id.isEmpty()) {
            invalid(errand, "taskId is missing");
            return;
        }
        var here = kept(id.get());
        switch (asked.method()) {
            case "tasks/get" ->
                here.or(() -> state(errand, id.get())).ifPresent(task -> errand.result(ModernTask.legacy(task)));
            case "tasks/result" ->
                here.or(() -> watched(errand, id.get()))
                        .ifPresent(task -> errand.answer(ModernTask.related(outcome(errand, task), id.get())));
            default -> here.or(() -> cancelled(errand, id.get())).ifPresent(task -> ended(errand, task));
        }
    }

    /** Waits in the place of a client that cannot wait by itself, and answers its call with what came of the task. */
    void follow(Errand errand, String id) {
        var task = watched(errand, id);
        if (task.isPresent()) {
            errand.answer(outcome(errand, task.get()));
        } else {
            // Nobody would ask for it any more.
            tell(errand, id);
        }
    }

    private static void tell(Errand errand, String id) {
        try {
            var _ = errand.server()
                    .ask(
                            "tasks/cancel",
                            TaskWatch.naming(id),
                            errand.asked().about().withTasks());
        } catch (Refused _) {
            // It is a wish.
        }
    }

    private Optional<JsonText> watched(Errand errand, String id) {
        var watch = new TaskWatch(errand, id);
        var before = Optional.ofNullable(watches.put(id, watch));
        before.ifPresent(TaskWatch::handOver);
        try {
            return watch.run();
        } finally {
            watches.remove(id, watch);
        }
    }

    private static byte[] outcome(Errand errand, JsonText task) {
        var id = errand.asked().id();
        return ModernAnswer.legacy(ModernTask.outcome(task, id), id);
    }

    /** The task at the server; empty if the errand has been answered with an error. */
    private static Optional<JsonText> state(Errand errand, String id) {
        return said(errand, "tasks/get", id);
    }

    private static Optional<JsonText> said(Errand errand, String method, String id) {
        var answer = errand.send(
                method, TaskWatch.naming(id), Map.of(), errand.asked().about().withTasks(), errand::fail);
        var result = answer.map(json -> JsonText.ofServer(json.bytes())).flatMap(message -> message.member("result"));
        if (result.isEmpty()) {
            answer.ifPresent(json -> errand.answer(
                    ModernAnswer.legacy(json.bytes(), errand.asked().id())));
        }
        return result;
    }

    /**
     * In the extension, cancelling is a wish, and no answer says what came of it; here the answer is the task, which has
     * ended.
     */
    private Optional<JsonText> cancelled(Errand errand, String id) {
        var before = state(errand, id);
        if (before.isEmpty() || ModernTask.hasEnded(before.get())) {
            return before;
        }
        if (said(errand, "tasks/cancel", id).isEmpty()) {
            return Optional.empty();
        }
        var until = clock.instant().plus(CANCELLING);
        var after = state(errand, id);
        while (after.isPresent()
                && !ModernTask.hasEnded(after.get())
                && clock.instant().isBefore(until)
                && !errand.isCancelled()) {
            var poll = ModernTask.poll(after.get());
            errand.pause(poll.compareTo(LONGEST_POLL) > 0 ? LONGEST_POLL : poll);
            after = state(errand, id);
        }
        Optional.ofNullable(watches.get(id)).ifPresent(TaskWatch::wake);
        after.ifPresent(task -> errand.result(ModernTask.legacy(task)));
        return Optional.empty();
    }

    private static void ended(Errand errand, JsonText task) {
        invalid(errand, "the task has ended: it is " + ModernTask.status(task));
    }

    private static void invalid(Errand errand, String what) {
        errand.answer(("{\"jsonrpc\":\"2.0\",\"id\":" + errand.asked().id() + ",\"error\":{\"code\":" + INVALID_PARAMS
                        + ",\"message\":\"Invalid params: " + what + "\"}}")
                .getBytes(StandardCharsets.UTF_8));
    }
}
