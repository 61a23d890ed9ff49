package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Which tools of a server of 2025-11-25 can, or have to, be called as tasks: {@code execution.taskSupport} of its own list
 * (MCP 2025-11-25, Tasks, tool-level negotiation). Asked for when a call needs it, and again when that is a minute old.
 */
final class TaskTools {

    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_PAGES = 50;

    private Map<String, Support> known = Map.of();
    private Optional<Long> learned = Optional.empty();

    /** What a tool says of itself. */
    enum Support {
        FORBIDDEN,
        OPTIONAL,
        REQUIRED
    }

    /** Waits for the server's list if need be; a list that cannot be had is one of tools that know no tasks. */
    synchronized Support of(Peer peer, String tool) {
        if (learned.filter(then -> System.nanoTime() - then < FRESH.toNanos()).isEmpty()) {
            known = learn(peer);
            learned = Optional.of(System.nanoTime());
        }
        return known.getOrDefault(tool, Support.FORBIDDEN);
    }

    private static Map<String, Support> learn(Peer peer) {
        var found = new HashMap<String, Support>();
        var params = "{}";
        for (var page = 0; page < MAX_PAGES; page++) {
            var result = list(peer, params);
            result.flatMap(list -> list.member("tools"))
                    .map(JsonText::elements)
                    .orElse(List.of())
                    .forEach(tool -> tool.member("name")
                            .flatMap(JsonText::string)
                            .ifPresent(name -> found.put(name, support(tool))));
            var cursor = result.flatMap(list -> list.member("nextCursor"))
                    .filter(next -> next.string().isPresent());
            if (cursor.isEmpty()) {
                break;
            }
            params = "{\"cursor\":" + cursor.get().json() + '}';
        }
        return Map.copyOf(found);
    }

    private static Support support(JsonText tool) {
        return switch (tool.member("execution")
                .flatMap(execution -> execution.member("taskSupport"))
                .flatMap(JsonText::string)
                .orElse("")) {
            case "required" -> Support.REQUIRED;
            case "optional" -> Support.OPTIONAL;
            default -> Support.FORBIDDEN;
        };
    }

    private static Optional<JsonText> list(Peer peer, String params) {
        var request =
                Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"tools/list\",\"params\":" + params + '}');
        var answer = new CompletableFuture<byte[]>();
        var number = peer.nextNumber();
        try {
            peer.call(
                    number,
                    new Call(Unheard.INSTANCE, "0", Optional.empty(), new Heard(answer)),
                    request,
                    JsonText.strict(request));
            return JsonText.ofServer(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .member("result");
        } catch (TimeoutException _) {
            peer.cancel(number, "It took too long.");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | JsonProblem | Refused _) {
            // The call itself will hear what is wrong.
        }
        return Optional.empty();
    }

    private record Heard(CompletableFuture<byte[]> answer) implements Call.Answers {
        @Override
        public void interim(byte[] message) {
            // A list comes at once.
        }

        @Override
        public void answered(byte[] message) {
            answer.complete(message);
        }
    }
}
