package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.ToolHeaders;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A server of 2026-07-28 as one client of ours sees it: requests with all that they have to say, and its tools. */
final class ModernServer {

    /** More pages of tools than any server has. */
    private static final int MAX_PAGES = 20;

    private final Carrier carrier;
    private final Runnable whenCredentialRefused;
    private final AtomicLong nextId;

    /** @param firstId of what is asked here: what went before on the same pipe had smaller ones */
    ModernServer(Carrier carrier, Runnable whenCredentialRefused, long firstId) {
        this.carrier = carrier;
        this.whenCredentialRefused = whenCredentialRefused;
        this.nextId = new AtomicLong(firstId);
    }

    Carrier carrier() {
        return carrier;
    }

    String name() {
        return carrier.name();
    }

    void credentialRefused() {
        whenCredentialRefused.run();
    }

    /** An id that no request has had, as JSON. */
    String nextId() {
        return Long.toString(nextId.getAndIncrement());
    }

    /**
     * One request of our own, and its answer; empty if it is none of this revision.
     *
     * @throws Refused if the server cannot be asked: it does not take the credential, or does not answer in time
     */
    Optional<JsonText> ask(String method, Optional<JsonText> params, Modern.About about) {
        var id = nextId();
        var found = new AtomicReference<Optional<JsonText>>(Optional.empty());
        var exchange = carrier.exchange(
                bytes -> {
                    found.set(found.get().or(() -> ModernAnswer.to(id, bytes)));
                    return found.get().isPresent();
                },
                _ -> {});
        CompletableFuture.delayedExecutor(carrier.patience().toMillis(), TimeUnit.MILLISECONDS)
                .execute(exchange::cancel);
        var outcome = exchange.run(new Carrier.Request(id, method, params, Map.of(), about), () -> {});
        return found.get().isPresent() ? found.get() : unanswered(outcome);
    }

    private static Optional<JsonText> unanswered(Posting.Outcome outcome) {
        return switch (outcome) {
            case Posting.Outcome.Refusal(var status, var _)
            when RemoteServer.isCredentialRefused(status) -> throw new Refused(new Refusal.CredentialRefused(status));
            case Posting.Outcome.Unreachable _ ->
                throw new Refused(new Refusal.UpstreamFailed(502, "The MCP server cannot be reached."));
            case Posting.Outcome.Cancelled _ ->
                throw new Refused(new Refusal.UpstreamFailed(504, "The MCP server took too long to answer."));
            default -> Optional.empty();
        };
    }

    /** Asks for all tools, to know which arguments have to be repeated in headers. */
    void learnTools(Modern.About about) {
        try {
            carrier.headers().ifPresent(tools -> learnPages(tools, about));
        } catch (Refused _) {
            // What is asked next hears of it, too.
        }
    }

    private void learnPages(ToolHeaders tools, Modern.About about) {
        Optional<JsonText> params = Optional.empty();
        for (var page = 0; page < MAX_PAGES; page++) {
            var result = ask("tools/list", params, about).flatMap(answer -> answer.member("result"));
            result.flatMap(list -> list.member("tools")).map(JsonText::copy).ifPresent(list -> {
                var _ = tools.learn(list, JsonText.ofServer(list));
            });
            var cursor = result.flatMap(list -> list.member("nextCursor"))
                    .filter(next -> next.string().isPresent());
            if (cursor.isEmpty()) {
                return;
            }
            params = Optional.of(
                    JsonText.ofServer(("{\"cursor\":" + cursor.get().json() + '}').getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** The answer without tools whose arguments could not be repeated in headers as they would have to be. */
    byte[] filtered(String method, byte[] answer) {
        return carrier.headers()
                .filter(_ -> method.equals("tools/list"))
                .flatMap(tools -> JsonText.ofServer(answer)
                        .member("result")
                        .flatMap(result -> result.member("tools"))
                        .map(list -> tools.learn(answer, list)))
                .orElse(answer);
    }

    /** A message that is neither a request nor an answer: a server of this revision sends no requests. */
    static boolean isNotification(byte[] bytes) {
        try {
            var message = JsonText.ofServer(bytes);
            return message.member("method").isPresent() && message.member("id").isEmpty();
        } catch (JsonProblem _) {
            return false;
        }
    }

    static boolean isError(byte[] json) {
        try {
            return json.length > 0
                    && JsonText.ofServer(json)
                            .member("error")
                            .filter(error -> error.kind() == JsonText.Kind.OBJECT)
                            .isPresent();
        } catch (JsonProblem _) {
            return false;
        }
    }
}
