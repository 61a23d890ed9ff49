package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a server of 2026-07-28 wants to know before it goes on, asked in the words of older revisions: a request of the
 * server for each, and its answers gathered. A question is open for one answer.
 */
final class Questions {

    /** More at once than a person would answer. */
    private static final int MAX_OPEN = 100;

    /** Who has not answered by then is not asked any more. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final Set<String> ASKED = Set.of("elicitation/create", "sampling/createMessage", "roots/list");

    private static final Optional<String> NOT_YET = Optional.of("");

    private final Inbox inbox;
    private final Map<String, CompletableFuture<Optional<String>>> open = new ConcurrentHashMap<>();
    private final AtomicLong nextNumber = new AtomicLong(1);

    Questions(Inbox inbox) {
        this.inbox = inbox;
    }

    /** Questions of one request that are being asked: the names that the server gave them, and what will be answered. */
    final class Round {
        private final Map<String, CompletableFuture<Optional<String>>> answers = new LinkedHashMap<>();
        private final Map<String, String> ids = new LinkedHashMap<>();

        private Round() {}

        /** True if nothing is left to wait for. */
        boolean isDone() {
            return answers.values().stream().allMatch(CompletableFuture::isDone)
                    || answers.values().stream()
                            .anyMatch(answer -> answer.getNow(NOT_YET).isEmpty());
        }

        Set<String> names() {
            return answers.keySet();
        }

        /** Waits for all of them: {@code inputResponses} as JSON; empty if one was not answered. */
        Optional<String> responses() {
            var written = new StringBuilder("{");
            for (var answer : answers.entrySet()) {
                var given = answer.getValue().join();
                if (given.isEmpty()) {
                    withdraw();
                    return Optional.empty();
                }
                written.append(written.length() > 1 ? "," : "")
                        .append(Modern.quoted(answer.getKey()))
                        .append(':')
                        .append(given.get());
            }
            return Optional.of(written.append('}').toString());
        }

        /** Nobody waits for the answers any more: the client is told so, as older revisions tell it. */
        void withdraw() {
            ids.forEach((name, id) -> {
                var waiting = open.remove(id);
                if (waiting != null && waiting.complete(Optional.empty())) {
                    inbox.received(
                            ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":"
                                            + id + ",\"reason\":\"The request is over.\"}}")
                                    .getBytes(StandardCharsets.UTF_8));
                }
            });
        }
    }

    /**
     * Who wants to know something.
     *
     * @param request of the client, as JSON
     * @param task of the server, if the answer is for one
     */
    record Asking(String request, Optional<String> task) {}

    /**
     * Asks; empty if it asks for what no client can be asked, or for too much.
     *
     * @param whenAnswered is called for each answer, and for each question that will have none
     */
    Optional<Round> ask(Map<String, JsonText> requests, Asking asking, Runnable whenAnswered) {
        var known = requests.values().stream()
                .allMatch(each -> each.member("method")
                        .flatMap(JsonText::string)
                        .filter(ASKED::contains)
                        .isPresent());
        if (!known || open.size() + requests.size() > MAX_OPEN) {
            return Optional.empty();
        }
        var round = new Round();
        requests.forEach((name, request) -> {
            var id = "\"input-" + nextNumber.getAndIncrement() + '"';
            var answer = new CompletableFuture<Optional<String>>()
                    .completeOnTimeout(Optional.empty(), LONGEST.toSeconds(), TimeUnit.SECONDS);
            round.answers.put(name, answer);
            round.ids.put(name, id);
            var _ = answer.thenRun(whenAnswered);
            open.put(id, answer);
        });
        requests.forEach((name, request) ->
                inbox.received(message(request, round.ids.getOrDefault(name, ""), asking.task()), asking.request()));
        return Optional.of(round);
    }

    /** In 2025-11-25 an elicitation at a page has an id, which the server here has no use for. */
    private static byte[] message(JsonText request, String id, Optional<String> task) {
        var params = request.member("params").filter(value -> value.kind() == JsonText.Kind.OBJECT);
        var written = task.map(name -> ModernTask.related(params, name))
                .or(() -> params.map(JsonText::json))
                .orElse("");
        if (params.flatMap(all -> all.member("mode"))
                        .flatMap(JsonText::string)
                        .filter("url"::equals)
                        .isPresent()
                && params.flatMap(all -> all.member("elicitationId")).isEmpty()) {
            written = "{\"elicitationId\":" + id + "," + written.substring(1);
        }
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":"
                        + request.member("method").map(JsonText::json).orElse("\"\"")
                        + (written.isEmpty() ? "" : ",\"params\":" + written) + '}')
                .getBytes(StandardCharsets.UTF_8);
    }

    /** An answer of the client: a result, or an error, which stands for none. */
    void answered(JsonText response) {
        var waiting = response.member("id").map(JsonText::json).map(open::remove);
        var result = response.member("result")
                .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                .map(JsonText::json);
        waiting.ifPresent(answer -> answer.complete(result));
    }

    /** Nobody will answer any more. */
    void close() {
        open.values().forEach(answer -> answer.complete(Optional.empty()));
        open.clear();
    }
}
