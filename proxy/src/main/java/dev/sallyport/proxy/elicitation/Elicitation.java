package dev.sallyport.proxy.elicitation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.token.VerifiedToken;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Tells a client that its person has to open a page before a request can pass, in the way that this client understands. The
 * same request, sent again, passes once the person has done there what was asked.
 */
public final class Elicitation {

    /** {@code URLElicitationRequiredError}, MCP 2025-11-25, Elicitation. */
    private static final int URL_ELICITATION_REQUIRED = -32042;

    /** To these alone may a server answer {@code input_required} (MCP 2026-07-28, multi round-trip requests). */
    private static final Set<String> ROUNDS = Set.of("tools/call", "prompts/get", "resources/read");

    private final Clients clients = new Clients();
    private final Rounds rounds;

    public Elicitation(Sealer sealer, InstantSource clock) {
        this.rounds = new Rounds(sealer, clock);
    }

    /** One request that was refused. {@code revision} is what the client sent as {@code MCP-Protocol-Version}. */
    public record Asked(VerifiedToken token, Body body, Optional<String> revision) {}

    /** Takes note of what a client says about itself when it begins. */
    public void hear(VerifiedToken token, Body body) {
        if (!body.batch() && body.messages().getFirst() instanceof Message.Request request) {
            clients.hear(token, request);
        }
    }

    /**
     * The body that the MCP server shall see of a request that comes back from a page: without what we had added. Empty if
     * the request is not one of these.
     *
     * @throws dev.sallyport.proxy.refusal.Refused if it claims to be one and is not, or if the person declined
     */
    public Optional<byte[]> resumed(VerifiedToken token, Body body, byte[] bytes) {
        return rounds.resumed(token, body, bytes);
    }

    /** A JSON-RPC answer, for HTTP status 200; empty if an ordinary error has to do. */
    public Optional<String> answer(Asked asked, Refusal.AtPage refusal) {
        if (asked.body().batch() || !(asked.body().messages().getFirst() instanceof Message.Request request)) {
            return Optional.empty();
        }
        var way = clients.way(asked.token(), request, asked.revision());
        return switch (way) {
            case INPUT_REQUIRED ->
                inputRequired(asked.token(), request, refusal).or(() -> words(way, request, refusal));
            case URL_ERROR -> Optional.of(urlError(request, refusal));
            case MODERN_WORDS, WORDS -> words(way, request, refusal);
        };
    }

    private Optional<String> inputRequired(VerifiedToken token, Message.Request request, Refusal.AtPage refusal) {
        if (!ROUNDS.contains(request.method())) {
            return Optional.empty();
        }
        return rounds.state(token, request).map(state -> {
            var message = message(request);
            var result = message.putObject("result").put("resultType", "input_required");
            result.putObject("inputRequests")
                    .putObject(Rounds.KEY)
                    .put("method", "elicitation/create")
                    .putObject("params")
                    .put("mode", "url")
                    .put("message", refusal.text())
                    .put("url", refusal.url());
            result.put("requestState", state);
            return message.toString();
        });
    }

    private static String urlError(Message.Request request, Refusal.AtPage refusal) {
        var message = message(request);
        message.putObject("error")
                .put("code", URL_ELICITATION_REQUIRED)
                .put("message", inWords(refusal))
                .putObject("data")
                .putArray("elicitations")
                .addObject()
                .put("mode", "url")
                .put("elicitationId", UUID.randomUUID().toString())
                .put("url", refusal.url())
                .put("message", refusal.text());
        return message.toString();
    }

    /** A tool's result is what a model and its person get to read; an error of the protocol often is not. */
    private static Optional<String> words(Clients.Way way, Message.Request request, Refusal.AtPage refusal) {
        if (!request.method().equals("tools/call")) {
            return Optional.empty();
        }
        var message = message(request);
        var result = message.putObject("result");
        result.putArray("content").addObject().put("type", "text").put("text", inWords(refusal));
        result.put("isError", true);
        if (way != Clients.Way.WORDS) {
            result.put("resultType", "complete");
        }
        return Optional.of(message.toString());
    }

    private static String inWords(Refusal.AtPage refusal) {
        return refusal.text() + " Open " + refusal.url() + " in a browser, then try again.";
    }

    private static ObjectNode message(Message.Request request) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("jsonrpc", "2.0");
        json.putRawValue("id", new RawValue(request.id().json()));
        return json;
    }
}
