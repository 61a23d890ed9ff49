package dev.sallyport.proxy.elicitation;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Sealer;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rounds of one request of MCP 2026-07-28 that the gate itself added (multi round-trip requests). The MCP server behind
 * must not notice them: what the client had brought for a round of the server's own is kept, sealed, in our
 * {@code requestState}, and put back when the client returns.
 *
 * <p>The state is bound to the principal, to the request, and to fifteen minutes. It decides nothing: whoever steals one
 * gets what they could have sent themselves.
 */
final class Rounds {

    /** Our key in {@code inputRequests}. */
    static final String KEY = "sallyport";

    private static final String PREFIX = "sallyport1.";
    private static final String STATE = "requestState";
    private static final String RESPONSES = "inputResponses";
    private static final Set<String> OF_ROUNDS = Set.of(STATE, RESPONSES, "_meta");
    private static final Duration LIFE = Duration.ofMinutes(15);

    /** More than any server needs; more could not be sealed into a text that clients carry around. */
    private static final int MAX_CARRIED = 32 * 1024;

    private final Sealer sealer;
    private final InstantSource clock;

    Rounds(Sealer sealer, InstantSource clock) {
        this.sealer = sealer;
        this.clock = clock;
    }

    /** The state for an answer to this request; empty if it brings too much to carry. */
    Optional<String> state(VerifiedToken token, Message.Request request) {
        var state = carried(request, STATE);
        var responses = carried(request, RESPONSES);
        if (state.length() + responses.length() > MAX_CARRIED) {
            return Optional.empty();
        }
        return Optional.of(PREFIX
                + sealer.seal(purpose(token), clock.instant().plus(LIFE), List.of(digest(request), state, responses)));
    }

    /**
     * The body as it would be without our round; empty if it is no answer to one.
     *
     * @throws Refused if the state is not ours, not this principal's, too old, or of another request; or if the person
     *     declined
     */
    Optional<byte[]> resumed(VerifiedToken token, Body body, byte[] bytes) {
        if (body.batch()
                || !(body.messages().getFirst() instanceof Message.Request request)
                || request.content().isEmpty()) {
            return Optional.empty();
        }
        var params = request.content().get();
        var state = params.member(STATE).flatMap(JsonText::string).filter(text -> text.startsWith(PREFIX));
        if (state.isEmpty()) {
            return Optional.empty();
        }
        var parts = sealer.open(purpose(token), state.get().substring(PREFIX.length()))
                .filter(list -> list.getFirst().equals(digest(request)))
                .orElseThrow(
                        () -> new Refused(
                                new Refusal.BadMessage(
                                        MessageReader.INVALID_PARAMS,
                                        "Invalid params: requestState is too old, or was not made for this request. Call again without it.")));
        checkAction(params);
        var edits = new Edits(bytes);
        edits.keepMembers(
                params,
                name -> !(name.equals(STATE) && parts.get(1).isEmpty())
                        && !(name.equals(RESPONSES) && parts.get(2).isEmpty()));
        restore(edits, params.member(STATE), parts.get(1));
        restore(edits, params.member(RESPONSES), parts.get(2));
        return Optional.of(edits.applied());
    }

    /** A page that the person did not want to open has resolved nothing, and asking again at once would be rude. */
    private static void checkAction(JsonText params) {
        var action = params.member(RESPONSES)
                .flatMap(responses -> responses.member(KEY))
                .flatMap(answer -> answer.member("action"))
                .flatMap(JsonText::string);
        if (action.filter(word -> word.equals("decline") || word.equals("cancel"))
                .isPresent()) {
            throw new Refused(new Refusal.NotPermitted(
                    "The person did not open the page that this call needs. Do not try again unless they ask for it."));
        }
    }

    private static void restore(Edits edits, Optional<JsonText> place, String carried) {
        if (place.isPresent() && !carried.isEmpty()) {
            edits.replace(place.get(), carried.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The JSON of what belongs to a round of the MCP server's own. */
    private static String carried(Message.Request request, String member) {
        return request.content()
                .flatMap(params -> params.member(member))
                .map(JsonText::json)
                .orElse("");
    }

    private static String digest(Message.Request request) {
        var digest = new JsonDigest().add(request.method());
        request.content().ifPresent(params -> digest.add(params, name -> !OF_ROUNDS.contains(name)));
        return digest.hex();
    }

    private static String purpose(VerifiedToken token) {
        var text = new StringBuilder("request state");
        for (var part : List.of(token.resource().toString(), token.issuer(), token.subject(), token.clientId())) {
            text.append('\n').append(part.length()).append(':').append(part);
        }
        return text.toString();
    }
}
