package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.token.VerifiedToken;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * One call that its person has to approve. {@code about} says in words what it is about; {@code params} is all that the MCP
 * server could act on, as JSON; {@code digest} tells two calls apart that differ in any of it.
 */
public record AskedCall(
        VerifiedToken token, ServerSettings server, String about, String method, String params, String digest) {

    private static final String META = "_meta";
    private static final String OF_THE_PROTOCOL = "io.modelcontextprotocol/";

    /** Members of {@code _meta} that differ from one sending of the same call to the next. */
    private static final Set<String> PASSING = Set.of("progressToken", "traceparent", "tracestate", "baggage");

    static AskedCall of(VerifiedToken token, ServerSettings server, String about, Message.Request request) {
        var params = request.content().map(AskedCall::withoutPassing).orElse("{}");
        var digest = new JsonDigest()
                .add(request.method())
                .add(JsonText.strict(params.getBytes(StandardCharsets.UTF_8)))
                .hex();
        return new AskedCall(token, server, about, request.method(), params, digest);
    }

    private static String withoutPassing(JsonText params) {
        var copy = params.copy();
        var object = JsonText.strict(copy);
        var meta = object.member(META).filter(AskedCall::lasts);
        var edits = new Edits(copy);
        edits.keepMembers(object, name -> meta.isPresent() || !name.equals(META));
        meta.ifPresent(lasting -> edits.keepMembers(lasting, name -> !passes(name)));
        return new String(edits.applied(), StandardCharsets.UTF_8);
    }

    /** What is no object stays: it would be wrong to leave out what is not understood. */
    private static boolean lasts(JsonText meta) {
        return meta.kind() != JsonText.Kind.OBJECT
                || meta.members().stream().anyMatch(member -> !passes(member.name()));
    }

    private static boolean passes(String name) {
        return PASSING.contains(name) || name.startsWith(OF_THE_PROTOCOL);
    }
}
