package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Tasks of 2025-11-25 for clients of 2026-07-28 that know the extension {@code io.modelcontextprotocol/tasks} (SEP-2663).
 * There the client decides whether a call becomes a task, here the server does: so we decide, by what the tool says of
 * itself. Whose a task is, the gate knows; what a client asks here is about its own.
 */
final class StatelessTasks {

    /** How long the server keeps a result that nobody fetches. */
    private static final String AS_TASK = "\"task\":{\"ttl\":3600000}";

    /** How long a task is watched after a client spoke of it; when one speaks of it again, it is watched anew. */
    private static final Duration LIFE = Duration.ofMinutes(15);

    private final Map<Key, StatelessTask> watched = new ConcurrentHashMap<>();
    private final Map<Peer, TaskTools> tools = Collections.synchronizedMap(new WeakHashMap<>());

    private record Key(Peer peer, String id) {}

    /** How a tool is called. */
    enum Way {
        AT_ONCE,
        AS_TASK,
        /** It runs as a task only, and the client knows none. */
        NOT_AT_ALL
    }

    /** Whether the server's tools can be called as tasks; not in a process for everybody, where ids alone would find them. */
    static boolean areOffered(JsonText introduction, Peer.Privacy privacy) {
        return privacy == Peer.Privacy.ONE_PERSON
                && tasks(introduction)
                        .flatMap(tasks -> tasks.member("requests"))
                        .flatMap(requests -> requests.member("tools"))
                        .flatMap(each -> each.member("call"))
                        .filter(call -> call.kind() == JsonText.Kind.OBJECT)
                        .isPresent();
    }

    private static Optional<JsonText> tasks(JsonText introduction) {
        return introduction.member("capabilities").flatMap(all -> all.member("tasks"));
    }

    static boolean areOffered(Peers.Running server) {
        return areOffered(server.introduction().result(), server.peer().privacy());
    }

    /** @param permitted whether the client's grant lets it ask for tasks */
    Way way(Peers.Running server, StatelessRequest request, boolean permitted) {
        if (!request.method().equals("tools/call") || !areOffered(server)) {
            return Way.AT_ONCE;
        }
        var tool = request.params().flatMap(params -> params.member("name")).flatMap(JsonText::string);
        var support = tool.map(name -> tools.computeIfAbsent(server.peer(), _ -> new TaskTools())
                        .of(server.peer(), name))
                .orElse(TaskTools.Support.FORBIDDEN);
        if (support == TaskTools.Support.FORBIDDEN) {
            return Way.AT_ONCE;
        }
        if (request.declaresTasks()) {
            return permitted ? Way.AS_TASK : Way.AT_ONCE;
        }
        return support == TaskTools.Support.REQUIRED ? Way.NOT_AT_ALL : Way.AT_ONCE;
    }

    /** The request as an older server gets it that is to make a task of it. */
    static byte[] asTask(StatelessRequest request) {
        return request.legacy(Optional.of(AS_TASK));
    }

    /** The server's answer to a call, in the client's words; a task that it begins is watched from now on. */
    byte[] answer(Peer peer, Owner owner, StatelessRequest request, byte[] answer) {
        var task = request.method().equals("tools/call")
                ? TaskAnswer.begun(JsonText.ofServer(answer))
                : Optional.<JsonText>empty();
        if (task.isEmpty()) {
            return StatelessAnswer.of(answer, request.method());
        }
        task.flatMap(TaskAnswer::id).ifPresent(id -> watch(peer, owner, id, request));
        return TaskAnswer.created(request.id().orElseThrow(), task.get());
    }

    private StatelessTask watch(Peer peer, Owner owner, String id, StatelessRequest request) {
        var fresh = new StatelessTask(peer, owner, id, request);
        var there = watched.putIfAbsent(new Key(peer, id), fresh);
        if (there != null) {
            there.heard(request);
            return there;
        }
        fresh.begin();
        return fresh;
    }

    /** How many of this owner are watched. */
    long of(Owner owner) {
        return watched.values().stream()
                .filter(task -> task.owner().equals(owner))
                .count();
    }

    /** Whether it is a request of the extension. */
    static boolean knows(String method) {
        return method.equals("tasks/get") || method.equals("tasks/update") || method.equals("tasks/cancel");
    }

    /** Answers a request of the extension. */
    void take(Peers.Running server, Owner owner, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        var named = request.params().flatMap(params -> params.member("taskId")).flatMap(JsonText::string);
        if (!areOffered(server)) {
            StatelessCall.alone(reply, Rewrite.error(id, MessageReader.METHOD_NOT_FOUND, "Method not found"));
        } else if (!request.declaresTasks()) {
            StatelessCall.alone(reply, TaskAnswer.needed(id));
        } else if (named.isEmpty()) {
            StatelessCall.alone(
                    reply, Rewrite.error(id, MessageReader.INVALID_PARAMS, "Invalid params: taskId is missing"));
        } else {
            var task = watch(server.peer(), owner, named.get(), request);
            switch (request.method()) {
                case "tasks/get" -> get(server.peer(), task, request, reply);
                case "tasks/update" -> {
                    task.answer(request.responses());
                    StatelessCall.alone(reply, TaskAnswer.acknowledged(id));
                }
                default -> cancel(server, task, request, reply);
            }
        }
    }

    private static void get(Peer peer, StatelessTask task, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        ask(peer, request, reply, answer -> {
            var state = JsonText.ofServer(answer).member("result");
            if (state.isEmpty()) {
                StatelessCall.alone(reply, StatelessAnswer.of(answer, request.method()));
            } else if (TaskAnswer.hasOutcome(state.get())) {
                // The outcome is on its way, if it is not there yet.
                var _ = task.outcome()
                        .thenAccept(outcome -> StatelessCall.alone(reply, TaskAnswer.ended(id, state.get(), outcome)));
            } else if (TaskAnswer.wantsInput(state.get())) {
                var _ = task.question()
                        .thenRun(() ->
                                StatelessCall.alone(reply, TaskAnswer.running(id, state.get(), task.questions())));
            } else {
                StatelessCall.alone(reply, TaskAnswer.running(id, state.get(), task.questions()));
            }
        });
    }

    private static void cancel(Peers.Running server, StatelessTask task, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        var cancels = tasks(server.introduction().result())
                .flatMap(tasks -> tasks.member("cancel"))
                .isPresent();
        // It is a wish only; one that comes too late, or that the server knows nothing of, is acknowledged all the
        // same.
        if (task.outcome().isDone() || !cancels) {
            StatelessCall.alone(reply, TaskAnswer.acknowledged(id));
            return;
        }
        ask(
                server.peer(),
                request,
                reply,
                answer -> StatelessCall.alone(
                        reply,
                        JsonText.ofServer(answer).member("result").isPresent()
                                ? TaskAnswer.acknowledged(id)
                                : StatelessAnswer.of(answer, request.method())));
    }

    private static void ask(Peer peer, StatelessRequest request, Reply reply, Consumer<byte[]> whenAnswered) {
        var bytes = request.legacy(Optional.empty());
        var number = peer.nextNumber();
        var answers = new Call.Answers() {
            @Override
            public void interim(byte[] message) {
                // The extension knows no progress of tasks.
            }

            @Override
            public void answered(byte[] message) {
                whenAnswered.accept(message);
            }
        };
        peer.call(
                number,
                new Call(Unheard.INSTANCE, request.id().orElseThrow(), Optional.empty(), answers),
                bytes,
                JsonText.strict(bytes));
        reply.onGone(_ -> peer.cancel(number, "The client has hung up."));
    }

    void tick() {
        watched.forEach((key, task) -> {
            if (task.isForgotten(LIFE) && watched.remove(key, task)) {
                task.leave();
            }
        });
    }
}
