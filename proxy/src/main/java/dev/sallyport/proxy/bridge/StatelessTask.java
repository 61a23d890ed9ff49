package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One task of a server of 2025-11-25, watched for clients of 2026-07-28: a {@code tasks/result} waits at the server, and takes
 * what the server asks meanwhile (MCP 2025-11-25, Tasks, input required status). When it ends, for whatever reason, the task
 * is watched no more; what came of it is the server's to keep.
 */
final class StatelessTask implements Client, Call.Answers {

    private static final JsonText AT_A_PAGE = JsonText.strict(Rewrite.utf8("{\"mode\":\"url\"}"));

    /** A question and the word that there is one can come by different connections. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(2);

    private final Peer peer;
    private final Owner owner;
    private final String id;
    private final long number;
    private final Map<String, Asked> open = new LinkedHashMap<>();
    private final Consumer<StatelessTask> whenOver;
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private volatile StatelessRequest latest;
    private volatile long used = System.nanoTime();

    /**
     * @param first the request that began the task, or the first that asked for it here
     * @param whenOver hears that it is watched no more
     */
    StatelessTask(Peer peer, Owner owner, String id, StatelessRequest first, Consumer<StatelessTask> whenOver) {
        this.peer = peer;
        this.owner = owner;
        this.id = id;
        this.latest = first;
        this.whenOver = whenOver;
        this.number = peer.nextNumber();
    }

    Owner owner() {
        return owner;
    }

    /** Begins to wait; a server that cannot be asked now is asked again when a client speaks of the task. */
    void begin() {
        var request = Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"tasks/result\",\"params\":{\"taskId\":"
                + Rewrite.quoted(id) + "}}");
        peer.join(this);
        try {
            peer.call(
                    number,
                    new Call(this, "0", Optional.empty(), Optional.of(id), this),
                    request,
                    JsonText.strict(request));
        } catch (Refused _) {
            over();
        }
    }

    /** A client speaks of it, and says what it can be asked. */
    void heard(StatelessRequest request) {
        latest = request;
        used = System.nanoTime();
    }

    /** True if nobody can want it any more. */
    boolean isForgotten(Duration life) {
        return peer.isClosed() || System.nanoTime() - used > life.toNanos();
    }

    /** A question is there, or none came for a while though the server says so: it may have been answered just now. */
    synchronized CompletableFuture<Void> question() {
        return open.isEmpty()
                ? next.copy().completeOnTimeout(null, ON_ITS_WAY.toMillis(), TimeUnit.MILLISECONDS)
                : CompletableFuture.completedFuture(null);
    }

    /** What the server wants to know at present, as JSON by name. */
    synchronized Map<String, String> questions() {
        var questions = new LinkedHashMap<String, String>();
        open.forEach((name, question) -> questions.put(name, StatelessCall.question(question)));
        return questions;
    }

    /** What nobody asked, or somebody answered already, goes nowhere (SEP-2663, task update requests). */
    void answer(Map<String, JsonText> responses) {
        responses.forEach((name, result) -> {
            Optional<Asked> question;
            synchronized (this) {
                question = Optional.ofNullable(open.remove(name));
            }
            question.ifPresent(asked -> {
                var response = Rewrite.result("0", result.json());
                asked.answer(JsonText.strict(response), response);
            });
        });
    }

    /** Nobody waits for it here any more; the task itself goes on. */
    void leave() {
        peer.cancel(number, "Nobody asks for this task any more.");
        giveUp();
        peer.leave(this);
    }

    private void giveUp() {
        Map<String, Asked> unanswered;
        synchronized (this) {
            unanswered = new LinkedHashMap<>(open);
            open.clear();
        }
        unanswered.values().forEach(question -> question.giveUp("Nobody asks for this task any more."));
    }

    @Override
    public boolean takes(String method) {
        return latest.answers(method, Optional.empty()) || latest.answers(method, Optional.of(AT_A_PAGE));
    }

    @Override
    public void asked(Asked question) {
        var params = JsonText.ofServer(question.message()).member("params");
        if (latest.answers(question.method(), params)) {
            CompletableFuture<Void> waiting;
            synchronized (this) {
                open.put(StatelessCall.name(question), question);
                waiting = next;
                next = new CompletableFuture<>();
            }
            waiting.complete(null);
        } else {
            question.giveUp("The client cannot be asked this.");
        }
    }

    @Override
    public synchronized void withdrawn(Asked question, Optional<String> reason) {
        open.remove(StatelessCall.name(question), question);
    }

    @Override
    public void answered(byte[] message) {
        over();
    }

    private void over() {
        peer.leave(this);
        giveUp();
        whenOver.accept(this);
    }

    @Override
    public void interim(byte[] message) {
        // The extension knows no progress of tasks.
    }

    @Override
    public void notified(String method, byte[] message) {
        // What belongs to no call is told to those who listen.
    }

    @Override
    public void lost(Peer server) {
        // The call is told.
    }
}
