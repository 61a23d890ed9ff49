package dev.sallyport.proxy.gate;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.mcp.HeaderText;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.Message;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.mcp.Revisions;
import dev.sallyport.proxy.mcp.Transport;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.util.Optional;
import java.util.Set;

/**
 * The headers in which 2026-07-28 repeats parts of the body: {@code MCP-Protocol-Version}, {@code Mcp-Method} and
 * {@code Mcp-Name}. Nothing is ever decided on them; but an MCP server may, so one that says something else than the body
 * is refused, and so is a request of 2026-07-28 that lacks one (Streamable HTTP, server validation). Older revisions do
 * not have them, and what later ones demand nobody knows yet.
 */
public record Mirrored(Optional<String> protocolVersion, Optional<String> method, Optional<String> name) {

    /** {@code HeaderMismatch}, MCP 2026-07-28, Streamable HTTP, server validation. */
    private static final int HEADER_MISMATCH = -32020;

    private static final String VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
    private static final String CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";

    /** Requests that {@code Mcp-Name} is required for (MCP 2026-07-28, standard request headers). */
    private static final Set<String> NAMED = Set.of("tools/call", "resources/read", "prompts/get");

    /** A request that has none of them, as all before 2025-06-18. */
    public static final Mirrored NONE = new Mirrored(Optional.empty(), Optional.empty(), Optional.empty());

    /** @throws Refused if a header contradicts the body, or one is missing that its revision demands */
    void agreeWith(Body body, Transport transport) {
        if (body.batch()) {
            if (method.isPresent() || name.isPresent()) {
                throw mismatch("Mcp-Method and Mcp-Name cannot describe a batch");
            }
            return;
        }
        var message = body.messages().getFirst();
        var bodyMethod = message.methodName();
        if (bodyMethod.isEmpty()) {
            if (method.isPresent() || name.isPresent()) {
                throw mismatch("Mcp-Method and Mcp-Name do not belong on a response");
            }
            return;
        }
        var meta = message.parameters().flatMap(params -> params.member("_meta"));
        agree(bodyMethod.get(), message.parameters(), meta);
        // The headers of notifications are left open, and other transports have none.
        if (message instanceof Message.Request && transport == Transport.STREAMABLE_HTTP) {
            complete(bodyMethod.get(), message.parameters(), meta);
        }
    }

    private void agree(String bodyMethod, Optional<JsonText> params, Optional<JsonText> meta) {
        if (method.isPresent() && !method.get().equals(bodyMethod)) {
            throw mismatch("Mcp-Method does not match the body's method");
        }
        if (name.isPresent()) {
            var field = nameField(bodyMethod, params);
            if (field.isPresent() && !field.get().equals(decoded(name.get()))) {
                throw mismatch("Mcp-Name does not match the body");
            }
        }
        if (protocolVersion.isPresent()) {
            var version = meta.flatMap(object -> string(object, VERSION_KEY));
            if (version.isPresent() && !version.get().equals(protocolVersion.get())) {
                throw mismatch("MCP-Protocol-Version does not match the body's _meta");
            }
        }
    }

    /** What only 2026-07-28 demands, of requests that say in one way or the other that they are of it. */
    private void complete(String bodyMethod, Optional<JsonText> params, Optional<JsonText> meta) {
        var version = meta.flatMap(object -> string(object, VERSION_KEY));
        if (version.or(() -> protocolVersion).filter(Revisions.MODERN::equals).isEmpty()) {
            return;
        }
        if (version.isEmpty() && bodyMethod.equals("initialize")) {
            // Older revisions begin so, whatever a header says.
            return;
        }
        if (version.isEmpty()) {
            throw incomplete(VERSION_KEY);
        }
        if (meta.flatMap(object -> object.member(CAPABILITIES_KEY))
                .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                .isEmpty()) {
            throw incomplete(CAPABILITIES_KEY);
        }
        if (protocolVersion.isEmpty()) {
            throw mismatch("MCP-Protocol-Version is missing");
        }
        if (method.isEmpty()) {
            throw mismatch("Mcp-Method is missing");
        }
        if (name.isEmpty()
                && NAMED.contains(bodyMethod)
                && nameField(bodyMethod, params).isPresent()) {
            throw mismatch("Mcp-Name is missing");
        }
    }

    private static Refused incomplete(String key) {
        return new Refused(
                new Refusal.BadMessage(MessageReader.INVALID_PARAMS, "Invalid params: _meta has to have " + key));
    }

    private static Optional<String> nameField(String bodyMethod, Optional<JsonText> params) {
        return switch (bodyMethod) {
            case "tools/call", "prompts/get" -> params.flatMap(object -> string(object, "name"));
            case "resources/read", "resources/subscribe", "resources/unsubscribe" ->
                params.flatMap(object -> string(object, "uri"));
            // SEP-2663 demands it of these, and nothing of servers that do not get it.
            case "tasks/get", "tasks/update", "tasks/cancel" -> params.flatMap(object -> string(object, "taskId"));
            // Of other methods no document says what the header repeats; it may repeat either.
            default ->
                params.flatMap(object -> string(object, "name"))
                        .or(() -> params.flatMap(object -> string(object, "uri")));
        };
    }

    private static Optional<String> string(JsonText object, String member) {
        return object.member(member).flatMap(JsonText::string);
    }

    private static String decoded(String header) {
        return HeaderText.decoded(header)
                .orElseThrow(
                        () -> mismatch("Mcp-Name has to be plain ASCII, or valid Base64 of UTF-8 as =?base64?…?="));
    }

    private static Refused mismatch(String text) {
        return new Refused(new Refusal.BadMessage(HEADER_MISMATCH, "Header mismatch: " + text));
    }
}
