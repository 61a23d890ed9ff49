package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One request of an older client while we are about it at a server of 2026-07-28: what is asked there for it, one thing
 * after the other, and its one answer. Belongs to one thread; only {@link #cancel}, {@link #withdraw}
 * and {@link #wake} may come from others.
 */
final class Errand {

    private final ModernServer server;
    private final Questions questions;
    private final Inbox inbox;
    private final Asked asked;
    private final Runnable sent;
    private final Semaphore events = new Semaphore(0);
    private volatile Optional<Carrier.Exchange> exchange = Optional.empty();
    private volatile Optional<Questions.Round> round = Optional.empty();
    private volatile boolean cancelled;

    /**
     * What the client asked.
     *
     * @param id as JSON
     * @param task how long the client wants to be able to fetch the result, if it wants a task for an answer
     */
    record Asked(String id, String method, Optional<JsonText> params, Modern.About about, Optional<Duration> task) {}

    /** @param sent is called whenever the next request can no more overtake this one */
    Errand(ModernServer server, Questions questions, Inbox inbox, Asked asked, Runnable sent) {
        this.server = server;
        this.questions = questions;
        this.inbox = inbox;
        this.asked = asked;
        this.sent = sent;
    }

    Asked asked() {
        return asked;
    }

    ModernServer server() {
        return server;
    }

    /** What the client asked, as it asked it; see {@link #send(String, Optional, Map, Modern.About, Consumer)}. */
    Optional<Posting.Json> send(Map<String, String> more, Modern.About about) {
        return send(asked.method(), asked.params(), more, about, this::fail);
    }

    /**
     * Asks the server something, and waits for its answer: a result or an error. Notifications on the way to it go to the
     * client.
     *
     * @param whenNot hears why there is no answer, in words for the client, unless nobody waits for it any more
     */
    Optional<Posting.Json> send(
            String method,
            Optional<JsonText> params,
            Map<String, String> more,
            Modern.About about,
            Consumer<String> whenNot) {
        var id = server.nextId();
        var found = new AtomicReference<Optional<Posting.Json>>(Optional.empty());
        var one = server.carrier()
                .exchange(
                        bytes -> {
                            var answer = ModernAnswer.to(id, bytes);
                            if (answer.isPresent() && found.get().isEmpty()) {
                                found.set(Optional.of(new Posting.Json(bytes)));
                            } else if (answer.isEmpty() && ModernServer.isNotification(bytes)) {
                                inbox.received(bytes, asked.id());
                            }
                            return answer.isPresent();
                        },
                        _ -> found.set(Optional.empty()));
        exchange = Optional.of(one);
        if (cancelled) {
            return Optional.empty();
        }
        try {
            var outcome = one.run(new Carrier.Request(id, method, params, more, about), sent);
            return found.get().isPresent() ? found.get() : unanswered(outcome, whenNot);
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            fail("The MCP server's credential cannot be used.");
            return Optional.empty();
        }
    }

    /**
     * Takes a request of this revision there as it is but for its id, and back what comes: the answer with the client's id,
     * and notifications of a subscription that has the request's id for its name.
     */
    void pass(JsonText request) {
        var id = server.nextId();
        var bytes = ModernAnswer.renamed(request.copy(), asked.id(), id);
        var answered = new AtomicBoolean();
        var one = server.carrier()
                .exchange(
                        message -> {
                            if (ModernAnswer.to(id, message).isPresent()) {
                                answered.set(true);
                                answer(ModernAnswer.renamed(message, id, asked.id()));
                            } else if (ModernServer.isNotification(message)) {
                                inbox.received(ModernAnswer.renamed(message, id, asked.id()), asked.id());
                            }
                            return answered.get();
                        },
                        _ -> {});
        exchange = Optional.of(one);
        if (cancelled) {
            return;
        }
        try {
            var whole = Optional.of(JsonText.strict(bytes));
            var outcome = one.run(
                    new Carrier.Request(id, asked.method(), asked.params(), Map.of(), asked.about(), whole), sent);
            if (!answered.get()) {
                unanswered(outcome, this::fail)
                        .ifPresent(error -> answer(ModernAnswer.renamed(error.bytes(), id, asked.id())));
            }
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            fail("The MCP server's credential cannot be used.");
        }
    }

    private Optional<Posting.Json> unanswered(Posting.Outcome outcome, Consumer<String> whenNot) {
        switch (outcome) {
            case Posting.Outcome.Refusal(var status, var json) -> {
                if (ModernServer.isError(json.bytes())) {
                    return Optional.of(json);
                }
                if (RemoteServer.isCredentialRefused(status)) {
                    inbox.refused(new Refusal.CredentialRefused(status));
                    server.credentialRefused();
                } else {
                    whenNot.accept("The MCP server did not take the request (status " + status + ").");
                }
            }
            case Posting.Outcome.Cancelled _ -> {}
            case Posting.Outcome.Answered _, Posting.Outcome.BrokenOff _ ->
                whenNot.accept("The MCP server broke off its answer.");
            case Posting.Outcome.Empty _ -> whenNot.accept("The MCP server took the request and gave no answer.");
            case Posting.Outcome.TooLarge _ -> whenNot.accept("The MCP server's answer is too large.");
            case Posting.Outcome.Unreachable _ -> whenNot.accept("The MCP server cannot be reached.");
        }
        return Optional.empty();
    }

    /**
     * Asks the client.
     *
     * @param task that wants to know it, if one does
     * @return empty if it cannot be asked this
     */
    Optional<Questions.Round> ask(Map<String, JsonText> requests, Optional<String> task) {
        round = questions.ask(requests, new Questions.Asking(asked.id(), task), this::wake);
        if (cancelled) {
            round.ifPresent(Questions.Round::withdraw);
        }
        return round;
    }

    /** What the client was asked for this, it need not answer any more. */
    void withdraw() {
        round.ifPresent(Questions.Round::withdraw);
    }

    /** Waits for so long, or until something happens. */
    void pause(Duration time) {
        try {
            if (events.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
                events.drainPermits();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            cancelled = true;
        }
    }

    /** Something happened. */
    void wake() {
        events.release();
    }

    /** Gives the client its answer, unless it waits no more. */
    void answer(byte[] message) {
        if (!cancelled) {
            inbox.received(message);
        }
    }

    /** @param result as JSON */
    void result(String result) {
        answer(("{\"jsonrpc\":\"2.0\",\"id\":" + asked.id() + ",\"result\":" + result + '}')
                .getBytes(StandardCharsets.UTF_8));
    }

    /** @param why words that need no escapes */
    void fail(String why) {
        answer(Unanswered.error(asked.id(), why));
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** The server is told, in the way of what carries the request (MCP 2026-07-28, cancellation). */
    void cancel() {
        cancelled = true;
        exchange.ifPresent(Carrier.Exchange::cancel);
        withdraw();
        wake();
    }
}
