package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonDigest;
import dev.sallyport.proxy.mcp.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One request of MCP 2026-07-28, which says by itself what {@code initialize} used to say once. */
final class StatelessRequest {

    private static final String PREFIX = "io.modelcontextprotocol/";
    private static final String STATE = "requestState";
    private static final String RESPONSES = "inputResponses";

    /** What an older server has no use for, or would take for something else. */
    private static final Set<String> OF_THIS_REVISION = Set.of(
            PREFIX + "protocolVersion", PREFIX + "clientInfo", PREFIX + "clientCapabilities", PREFIX + "logLevel");

    private static final Set<String> OF_ROUNDS = Set.of(STATE, RESPONSES);

    /** With this, clients of 2025-11-25 make a task of a call; here that is the server's to decide, and so ours. */
    private static final String TASK = "task";

    private final byte[] bytes;
    private final JsonText message;
    private final String version;

    private StatelessRequest(byte[] bytes, JsonText message, String version) {
        this.bytes = bytes;
        this.message = message;
        this.version = version;
    }

    /** The message, if it says its revision itself, as all of 2026-07-28 and later do. */
    static Optional<StatelessRequest> of(byte[] bytes, JsonText message) {
        return message.kind() != JsonText.Kind.OBJECT
                ? Optional.empty()
                : meta(message, "protocolVersion")
                        .flatMap(JsonText::string)
                        .map(version -> new StatelessRequest(bytes, message, version));
    }

    private static Optional<JsonText> meta(JsonText message, String name) {
        return message.member("params")
                .flatMap(params -> params.member("_meta"))
                .flatMap(meta -> meta.member(PREFIX + name));
    }

    String version() {
        return version;
    }

    /**
     * The request as a command of this revision gets it: without roots, which name folders of the client's machine, and which
     * servers take in the place of those that the operator configured.
     */
    byte[] withoutRoots() {
        var edits = new Edits(bytes);
        meta(message, "clientCapabilities").ifPresent(all -> edits.keepMembers(all, name -> !name.equals("roots")));
        return edits.applied();
    }

    /** As JSON; empty for a notification. */
    Optional<String> id() {
        return message.member("id").map(JsonText::json);
    }

    String method() {
        return message.member("method").flatMap(JsonText::string).orElse("");
    }

    Optional<JsonText> params() {
        return message.member("params").filter(value -> value.kind() == JsonText.Kind.OBJECT);
    }

    /** From which level on the client wants log messages with this request. */
    Optional<String> logLevel() {
        return meta(message, "logLevel").flatMap(JsonText::string);
    }

    /** As JSON. */
    Optional<String> progressToken() {
        return Rewrite.progressToken(message).map(JsonText::json);
    }

    /** Whether the client said that it can answer this request of a server. */
    boolean answers(String method, Optional<JsonText> params) {
        var capabilities = meta(message, "clientCapabilities");
        return switch (method) {
            case "elicitation/create" -> {
                var elicitation = capabilities.flatMap(all -> all.member("elicitation"));
                var url = params.flatMap(all -> all.member("mode"))
                        .flatMap(JsonText::string)
                        .filter("url"::equals)
                        .isPresent();
                yield elicitation
                        .filter(modes -> url
                                ? modes.member("url").isPresent()
                                : modes.member("form").isPresent()
                                        || modes.members().isEmpty())
                        .isPresent();
            }
            case "sampling/createMessage" ->
                capabilities.flatMap(all -> all.member("sampling")).isPresent();
            case "roots/list" ->
                capabilities.flatMap(all -> all.member("roots")).isPresent();
            default -> false;
        };
    }

    /** Whether the client said that it knows tasks (SEP-2663, capability negotiation). */
    boolean declaresTasks() {
        return meta(message, "clientCapabilities")
                .flatMap(all -> all.member("extensions"))
                .flatMap(extensions -> extensions.member(TaskAnswer.EXTENSION))
                .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                .isPresent();
    }

    /**
     * The request as an older server gets it, without what only this revision says, and without a {@code _meta} of nothing.
     *
     * @param parameter one more, as JSON with its name
     */
    byte[] legacy(Optional<String> parameter) {
        var edits = new Edits(bytes);
        params().ifPresent(params -> {
            params.member("_meta")
                    .filter(meta -> meta.kind() == JsonText.Kind.OBJECT)
                    .ifPresent(meta -> edits.keepMembers(meta, name -> !OF_THIS_REVISION.contains(name)));
        });
        var cleaned = edits.applied();
        var further = new Edits(cleaned);
        legacyParams(cleaned)
                .ifPresent(params -> further.keepMembers(
                        params,
                        name -> !OF_ROUNDS.contains(name)
                                && !name.equals(TASK)
                                && !(name.equals("_meta") && isEmpty(params, name))));
        var legacy = further.applied();
        if (parameter.isEmpty()) {
            return legacy;
        }
        var more = new Edits(legacy);
        legacyParams(legacy).ifPresent(params -> more.addMember(params, parameter.get()));
        return more.applied();
    }

    private static Optional<JsonText> legacyParams(byte[] request) {
        return JsonText.strict(request).member("params").filter(params -> params.kind() == JsonText.Kind.OBJECT);
    }

    private static boolean isEmpty(JsonText object, String name) {
        return object.member(name)
                .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                .filter(value -> value.members().isEmpty())
                .isPresent();
    }

    Optional<String> state() {
        return params().flatMap(params -> params.member(STATE)).flatMap(JsonText::string);
    }

    /** What the client brought for the server's questions, by the names of these. */
    Map<String, JsonText> responses() {
        var responses = new LinkedHashMap<String, JsonText>();
        params().flatMap(params -> params.member(RESPONSES))
                .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                .ifPresent(all -> all.members().forEach(member -> responses.put(member.name(), member.value())));
        return responses;
    }

    /** The same for every round of one request, and for no other. */
    String digest() {
        var digest = new JsonDigest().add(method());
        params().ifPresent(params -> digest.add(params, name -> !OF_ROUNDS.contains(name) && !name.equals("_meta")));
        return digest.hex();
    }
}
