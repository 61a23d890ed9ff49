package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request of an older client at a server of 2026-07-28: sent as often as the server wants to know something more (MCP
 * 2026-07-28, multi round-trip requests), until there is an answer. Cancelling it closes what is open.
 */
final class ModernCall {

    /** A server that always wants to know one thing more is given up. */
    private static final int MAX_ROUNDS = 16;

    private final ModernServer server;
    private final Questions questions;
    private final Inbox inbox;
    private final Asked asked;
    private final Runnable sent;
    private volatile Optional<Carrier.Exchange> exchange = Optional.empty();
    private volatile Optional<Questions.Round> round = Optional.empty();
    private volatile boolean cancelled;

    /**
     * What the client asked.
     *
     * @param id as JSON
     */
    record Asked(String id, String method, Optional<JsonText> params, Modern.About about) {}

    /** @param sent is called whenever the next call can no more overtake this one */
    ModernCall(ModernServer server, Questions questions, Inbox inbox, Asked asked, Runnable sent) {
        this.server = server;
        this.questions = questions;
        this.inbox = inbox;
        this.asked = asked;
        this.sent = sent;
    }

    /** Runs to its end in this thread, and delivers one answer, unless it was cancelled. */
    void run() {
        var more = Map.<String, String>of();
        var relearned = false;
        for (var rounds = 0; rounds < MAX_ROUNDS && !cancelled; rounds++) {
            var answer = send(more);
            if (answer.isEmpty()) {
                return;
            }
            var bytes = answer.get().bytes();
            var message = JsonText.ofServer(bytes);
            if (!relearned && asked.method().equals("tools/call") && isHeaderMismatch(message)) {
                // The server's tools are not what passed here, or never passed: they are asked for, and it is tried
                // again.
                relearned = true;
                server.learnTools(asked.about());
                continue;
            }
            switch (ModernAnswer.kind(message)) {
                case ModernAnswer.Kind.Final _ -> {
                    inbox.received(ModernAnswer.legacy(server.filtered(asked.method(), bytes), asked.id()));
                    return;
                }
                case ModernAnswer.Kind.InputRequired(var requests, var state) -> {
                    var input = input(requests);
                    if (input.isEmpty()) {
                        fail("The MCP server asked for what the client did not answer.");
                        return;
                    }
                    more = further(requests.isEmpty() ? Optional.empty() : input, state);
                }
                case ModernAnswer.Kind.Unknown _ -> {
                    fail("The MCP server answered with a result of an unknown type.");
                    return;
                }
            }
        }
        fail("The MCP server asked too often.");
    }

    private static boolean isHeaderMismatch(JsonText message) {
        return ModernAnswer.errorCode(message)
                .filter(code -> code == Modern.HEADER_MISMATCH)
                .isPresent();
    }

    private Optional<String> input(Map<String, JsonText> requests) {
        if (requests.isEmpty()) {
            return Optional.of("{}");
        }
        round = questions.ask(requests);
        if (cancelled) {
            round.ifPresent(Questions.Round::withdraw);
        }
        var responses = round.flatMap(Questions.Round::responses);
        round = Optional.empty();
        return responses;
    }

    private static Map<String, String> further(Optional<String> responses, Optional<String> state) {
        var more = new LinkedHashMap<String, String>();
        responses.ifPresent(json -> more.put("inputResponses", json));
        state.ifPresent(json -> more.put("requestState", json));
        return more;
    }

    /** The answer; empty if there is none, which was said then. */
    private Optional<Posting.Json> send(Map<String, String> more) {
        var id = server.nextId();
        var found = new AtomicReference<Optional<Posting.Json>>(Optional.empty());
        var one = server.carrier()
                .exchange(
                        bytes -> {
                            var answer = ModernAnswer.to(id, bytes);
                            if (answer.isPresent() && found.get().isEmpty()) {
                                found.set(Optional.of(new Posting.Json(bytes)));
                            } else if (answer.isEmpty() && ModernServer.isNotification(bytes)) {
                                inbox.received(bytes);
                            }
                            return answer.isPresent();
                        },
                        _ -> found.set(Optional.empty()));
        exchange = Optional.of(one);
        if (cancelled) {
            return Optional.empty();
        }
        try {
            var outcome = one.run(new Carrier.Request(id, asked.method(), asked.params(), more, asked.about()), sent);
            return found.get().isPresent() ? found.get() : unanswered(outcome);
        } catch (Refused refused) {
            inbox.refused(refused.refusal());
            fail("The MCP server's credential cannot be used.");
            return Optional.empty();
        }
    }

    private Optional<Posting.Json> unanswered(Posting.Outcome outcome) {
        switch (outcome) {
            case Posting.Outcome.Refusal(var status, var json) -> {
                if (ModernServer.isError(json.bytes())) {
                    return Optional.of(json);
                }
                if (RemoteServer.isCredentialRefused(status)) {
                    inbox.refused(new Refusal.CredentialRefused(status));
                    server.credentialRefused();
                } else {
                    fail("The MCP server did not take the request (status " + status + ").");
                }
            }
            case Posting.Outcome.Cancelled _ -> {}
            case Posting.Outcome.Answered _, Posting.Outcome.BrokenOff _ ->
                fail("The MCP server broke off its answer.");
            case Posting.Outcome.Empty _ -> fail("The MCP server took the request and gave no answer.");
            case Posting.Outcome.TooLarge _ -> fail("The MCP server's answer is too large.");
            case Posting.Outcome.Unreachable _ -> fail("The MCP server cannot be reached.");
        }
        return Optional.empty();
    }

    private void fail(String why) {
        if (!cancelled) {
            inbox.received(Unanswered.error(asked.id(), why));
        }
    }

    /** The server is told, in the way of what carries the request (MCP 2026-07-28, cancellation). */
    void cancel() {
        cancelled = true;
        exchange.ifPresent(Carrier.Exchange::cancel);
        round.ifPresent(Questions.Round::withdraw);
    }
}
