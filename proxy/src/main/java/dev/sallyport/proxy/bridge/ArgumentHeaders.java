package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.ToolHeaders;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the headers in which clients of MCP 2026-07-28 repeat arguments say what the arguments say (Streamable HTTP,
 * server behavior for custom headers), where the server gets no headers and cannot see for itself. Which there are is in
 * the server's list of tools, which is asked for when a call comes with any: nobody decides on one that is left out.
 */
final class ArgumentHeaders {

    private static final int HEADER_MISMATCH = -32020;

    /** A list that is older may have changed. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final ToolHeaders tools = new ToolHeaders();
    private Optional<Long> learned = Optional.empty();

    /**
     * @param headers by their names in lower case
     * @throws Refused if they say something else
     */
    void check(Peer peer, StatelessRequest request, Map<String, String> headers) {
        if (headers.isEmpty() || !request.method().equals("tools/call")) {
            return;
        }
        var tool = request.params().flatMap(params -> params.member("name")).flatMap(JsonText::string);
        var arguments = request.params().flatMap(params -> params.member("arguments"));
        var wrong = tool.flatMap(name -> disagreement(peer, name, arguments, headers));
        if (wrong.isPresent()) {
            throw new Refused(new Refusal.BadMessage(HEADER_MISMATCH, "Header mismatch: " + wrong.get()));
        }
    }

    private Optional<String> disagreement(
            Peer peer, String tool, Optional<JsonText> arguments, Map<String, String> headers) {
        var wrong = tools.disagreement(tool, arguments, headers);
        if ((wrong.isPresent() || !tools.knows(tool)) && learn(peer)) {
            wrong = tools.disagreement(tool, arguments, headers);
        }
        return wrong;
    }

    /** False if what is known is fresh. */
    private synchronized boolean learn(Peer peer) {
        if (learned.filter(then -> System.nanoTime() - then < FRESH.toNanos()).isPresent()) {
            return false;
        }
        ToolList.each(peer, tool -> {
            var list = ("[" + tool.json() + "]").getBytes(StandardCharsets.UTF_8);
            var _ = tools.learn(list, JsonText.ofServer(list));
        });
        learned = Optional.of(System.nanoTime());
        return true;
    }
}
