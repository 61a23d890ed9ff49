package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.refusal.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A server's own list of its tools, asked for by the bridge. */
final class ToolList {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_PAGES = 50;

    private ToolList() {}

    /** Waits for all pages, as far as they can be had. */
    static void each(Peer peer, Consumer<JsonText> tool) {
        var params = "{}";
        for (var page = 0; page < MAX_PAGES; page++) {
            var result = page(peer, params);
            result.flatMap(list -> list.member("tools"))
                    .map(JsonText::elements)
                    .orElse(List.of())
                    .forEach(tool);
            var cursor = result.flatMap(list -> list.member("nextCursor"))
                    .filter(next -> next.string().isPresent());
            if (cursor.isEmpty()) {
                return;
            }
            params = "{\"cursor\":" + cursor.get().json() + '}';
        }
    }

    private static Optional<JsonText> page(Peer peer, String params) {
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
