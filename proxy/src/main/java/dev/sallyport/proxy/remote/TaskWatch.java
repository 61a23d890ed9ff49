package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Waits in the place of a client until a task of SEP-2663 has ended: asks the server for its state, the client what the
 * server wants to know, and brings the server the answers.
 */
final class TaskWatch {

    /** Who waits for longer asks again. */
    private static final Duration LONGEST = Duration.ofHours(1);

    /** In a row; a task is there for hours, and a server may be away for a moment. */
    private static final int MAX_FAILURES = 4;

    private static final int MAX_ROUNDS = 100;

    private final Errand errand;
    private final String id;
    private final Modern.About about;
    private final Set<String> answered = new HashSet<>();
    private Optional<Questions.Round> round = Optional.empty();
    private Optional<Update> update = Optional.empty();
    private Duration poll = Duration.ofSeconds(1);
    private int failures;
    private int rounds;
    private boolean over;
    private volatile boolean askedElsewhere;

    /**
     * What the client answered, on its way to the server.
     *
     * @param responses as JSON
     */
    private record Update(Set<String> names, String responses) {}

    TaskWatch(Errand errand, String id) {
        this.errand = errand;
        this.id = id;
        this.about = errand.asked().about().withTasks();
    }

    /** {@code params} that name a task. */
    static Optional<JsonText> naming(String id) {
        return Optional.of(
                JsonText.ofServer(("{\"taskId\":" + Modern.quoted(id) + '}').getBytes(StandardCharsets.UTF_8)));
    }

    /** The task when it has ended; empty if the errand was answered with something else, or nobody waits for it any more. */
    Optional<JsonText> run() {
        var until = System.nanoTime() + LONGEST.toNanos();
        try {
            while (!over && !errand.isCancelled()) {
                if (System.nanoTime() - until > 0) {
                    errand.fail("The task goes on. Ask for its result again.");
                    return Optional.empty();
                }
                takeAnswers();
                update.ifPresent(this::bring);
                var state = over ? Optional.<JsonText>empty() : state();
                if (state.filter(ModernTask::hasEnded).isPresent()) {
                    return state;
                }
                state.ifPresent(this::ask);
                if (!over) {
                    errand.pause(poll);
                }
            }
            return Optional.empty();
        } finally {
            round.ifPresent(Questions.Round::withdraw);
        }
    }

    private Optional<JsonText> state() {
        var answer = errand.send("tasks/get", naming(id), Map.of(), about, this::failed);
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        failures = 0;
        var bytes = answer.get().bytes();
        var task = JsonText.ofServer(bytes).member("result");
        if (task.isEmpty()) {
            errand.answer(ModernAnswer.legacy(bytes, errand.asked().id()));
            over = true;
        }
        task.ifPresent(state -> poll = ModernTask.poll(state));
        return task;
    }

    private void failed(String why) {
        failures++;
        if (failures >= MAX_FAILURES) {
            end(why);
        }
    }

    private void end(String why) {
        errand.fail(why);
        over = true;
    }

    /** Asks what is wanted and was not asked before; does not ask any more what is not wanted any more. */
    private void ask(JsonText state) {
        var questions = new HashMap<>(ModernTask.questions(state));
        if (round.filter(open -> !questions.keySet().containsAll(open.names())).isPresent()) {
            round.ifPresent(Questions.Round::withdraw);
            round = Optional.empty();
        }
        questions.keySet().removeAll(answered);
        if (askedElsewhere || round.isPresent() || update.isPresent() || questions.isEmpty()) {
            return;
        }
        rounds++;
        round = rounds > MAX_ROUNDS ? Optional.empty() : errand.ask(questions, Optional.of(id));
        if (askedElsewhere) {
            // Handed over while the client was being asked: then there was nothing to withdraw yet.
            errand.withdraw();
        }
        if (round.isEmpty()) {
            end("The MCP server asked for what the client cannot be asked.");
        }
    }

    private void takeAnswers() {
        var done = round.filter(Questions.Round::isDone);
        if (done.isEmpty()) {
            return;
        }
        round = Optional.empty();
        var responses = done.get().responses();
        if (responses.isPresent()) {
            update = Optional.of(new Update(done.get().names(), responses.get()));
        } else if (!askedElsewhere) {
            end("The task asked for what the client did not answer.");
        }
    }

    private void bring(Update one) {
        var params =
                JsonText.ofServer(("{\"taskId\":" + Modern.quoted(id) + ",\"inputResponses\":" + one.responses() + '}')
                        .getBytes(StandardCharsets.UTF_8));
        var answer = errand.send("tasks/update", Optional.of(params), Map.of(), about, this::failed);
        if (answer.isEmpty()) {
            return;
        }
        update = Optional.empty();
        answered.addAll(one.names());
        var bytes = answer.get().bytes();
        if (JsonText.ofServer(bytes).member("error").isPresent()) {
            errand.answer(ModernAnswer.legacy(bytes, errand.asked().id()));
            over = true;
        }
    }

    /** Somebody else waits for the same task now, and is asked in the place of this one. */
    void handOver() {
        askedElsewhere = true;
        errand.withdraw();
    }

    /** The task has changed. */
    void wake() {
        errand.wake();
    }
}
