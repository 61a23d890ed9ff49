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

    private final Room room;
    private final Map<Key, StatelessTask> watched = new ConcurrentHashMap<>();
    private final Map<Peer, TaskTools> tools = Collections.synchronizedMap(new WeakHashMap<>());

    private record Key(Peer peer, String id) {}

    /** @param room where tasks that are watched count */
    StatelessTasks(Room room) {
        this.room = room;
    }

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
        var key = new Key(peer, id);
        var fresh = new StatelessTask(peer, owner, id, request, task -> forget(key, task));
        room.enter(owner, fresh);
        var there = watched.putIfAbsent(key, fresh);
        if (there != null) {
            room.leave(owner, fresh);
            there.heard(request);
            return there;
        }
        fresh.begin();
        return fresh;
    }

    private boolean forget(Key key, StatelessTask task) {
        room.leave(task.owner(), task);
        return watched.remove(key, task);
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
            switch (request.method()) {
                case "tasks/get" -> get(new Asking(server.peer(), owner, named.get(), request, reply));
                case "tasks/update" -> {
                    watch(server.peer(), owner, named.get(), request).answer(request.responses());
                    StatelessCall.alone(reply, TaskAnswer.acknowledged(id));
                }
                default -> cancel(server, request, reply);
            }
        }
    }

    private record Asking(Peer peer, Owner owner, String task, StatelessRequest request, Reply reply) {}

    private void get(Asking asking) {
        var request = asking.request();
        var reply = asking.reply();
        ask(asking.peer(), request.legacy(Optional.empty()), reply, answer -> {
            var state = JsonText.ofServer(answer).member("result");
            if (state.isEmpty()) {
                StatelessCall.alone(reply, StatelessAnswer.of(withId(answer, request), request.method()));
            } else if (TaskAnswer.hasOutcome(state.get())) {
                outcome(asking, state.get());
            } else {
                running(asking, state.get());
            }
        });
    }

    /** Asked for when it is wanted: what waited at the server meanwhile may have broken off. */
    private static void outcome(Asking asking, JsonText state) {
        var question = Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"tasks/result\",\"params\":{\"taskId\":"
                + Rewrite.quoted(asking.task()) + "}}");
        var id = asking.request().id().orElseThrow();
        ask(
                asking.peer(),
                question,
                asking.reply(),
                answer -> StatelessCall.alone(asking.reply(), TaskAnswer.ended(id, state, answer)));
    }

    private void running(Asking asking, JsonText state) {
        var id = asking.request().id().orElseThrow();
        var task = watch(asking.peer(), asking.owner(), asking.task(), asking.request());
        Runnable told = () -> StatelessCall.alone(asking.reply(), TaskAnswer.running(id, state, task.questions()));
        if (TaskAnswer.wantsInput(state)) {
            var _ = task.question().thenRun(told);
        } else {
            told.run();
        }
    }

    /** It is a wish only: one that comes too late, or that the server knows nothing of, is acknowledged all the same. */
    private static void cancel(Peers.Running server, StatelessRequest request, Reply reply) {
        var id = request.id().orElseThrow();
        var cancels = tasks(server.introduction().result())
                .flatMap(tasks -> tasks.member("cancel"))
                .isPresent();
        if (!cancels) {
            StatelessCall.alone(reply, TaskAnswer.acknowledged(id));
            return;
        }
        ask(server.peer(), request.legacy(Optional.empty()), reply, answer -> {
            var error = JsonText.ofServer(answer).member("error").flatMap(it -> it.member("code"));
            // The gate knows that it is there, so it has ended.
            var taken = error.map(JsonText::json)
                    .filter(code -> !code.equals(Integer.toString(MessageReader.INVALID_PARAMS)))
                    .isEmpty();
            StatelessCall.alone(
                    reply,
                    taken
                            ? TaskAnswer.acknowledged(id)
                            : StatelessAnswer.of(withId(answer, request), request.method()));
        });
    }

    private static byte[] withId(byte[] answer, StatelessRequest request) {
        return Rewrite.withId(answer, JsonText.ofServer(answer), request.id().orElseThrow());
    }

    /** Answers come back under the id 0. */
    private static void ask(Peer peer, byte[] request, Reply reply, Consumer<byte[]> whenAnswered) {
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
                number, new Call(Unheard.INSTANCE, "0", Optional.empty(), answers), request, JsonText.strict(request));
        reply.onGone(_ -> peer.cancel(number, "The client has hung up."));
    }

    void tick() {
        watched.forEach((key, task) -> {
            if (task.isForgotten(LIFE) && forget(key, task)) {
                task.leave();
            }
        });
    }
}
