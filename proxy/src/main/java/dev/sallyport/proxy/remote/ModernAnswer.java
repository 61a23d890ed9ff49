package dev.sallyport.proxy.remote;

import dev.sallyport.proxy.mcp.Edits;
import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a server of 2026-07-28 answers, in the words of 2025-11-25. */
final class ModernAnswer {

    private static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

    private static final int INTERNAL_ERROR = -32603;

    /** Members of results that older revisions do not know. */
    private static final Set<String> NEW = Set.of("resultType", "ttlMs", "cacheScope");

    /** Capabilities that older revisions know, too, in the same form. */
    private static final Set<String> KNOWN =
            Set.of("tools", "resources", "prompts", "completions", "logging", "experimental");

    private ModernAnswer() {}

    /** What kind of answer it is. */
    sealed interface Kind {
        /** A result that is complete, or an error. */
        record Final() implements Kind {}

        /**
         * The server wants to know something first.
         *
         * @param requests what it asks, by the names that it gave them
         * @param state to be sent back as it is, as JSON
         */
        record InputRequired(Map<String, JsonText> requests, Optional<String> state) implements Kind {}

        /** The answer will be a task's (SEP-2663). */
        record Task(JsonText task) implements Kind {}

        /** Nothing that this revision defines. */
        record Unknown() implements Kind {}
    }

    /** The message, if it is JSON-RPC's answer to this request. */
    static Optional<JsonText> to(String id, byte[] bytes) {
        try {
            var message = JsonText.ofServer(bytes);
            return message.member("method").isEmpty()
                            && message.member("id")
                                    .map(JsonText::json)
                                    .filter(id::equals)
                                    .isPresent()
                            && message.member("result").isPresent()
                                    != message.member("error").isPresent()
                    ? Optional.of(message)
                    : Optional.empty();
        } catch (JsonProblem _) {
            return Optional.empty();
        }
    }

    static Kind kind(JsonText answer) {
        var result = answer.member("result");
        if (result.isEmpty()) {
            return new Kind.Final();
        }
        return switch (result.flatMap(object -> object.member("resultType"))
                .flatMap(JsonText::string)
                .orElse("complete")) {
            case "complete" -> new Kind.Final();
            case "input_required" -> inputRequired(result.get());
            case "task" -> new Kind.Task(result.get());
            default -> new Kind.Unknown();
        };
    }

    private static Kind inputRequired(JsonText result) {
        var requests = new LinkedHashMap<String, JsonText>();
        result.member("inputRequests")
                .map(JsonText::members)
                .orElse(List.of())
                .forEach(member -> requests.put(member.name(), member.value()));
        var state = result.member("requestState")
                .filter(value -> value.kind() == JsonText.Kind.STRING)
                .map(JsonText::json);
        return requests.isEmpty() && state.isEmpty() ? new Kind.Unknown() : new Kind.InputRequired(requests, state);
    }

    /** The code of an error; empty for a result. */
    static Optional<Integer> errorCode(JsonText answer) {
        return answer.member("error")
                .flatMap(error -> error.member("code"))
                .map(JsonText::json)
                .filter(code -> code.matches("-?[0-9]{1,9}"))
                .map(Integer::valueOf);
    }

    /** A message of this revision under another id, also where it names the subscription that has this id. */
    static byte[] renamed(byte[] bytes, String from, String to) {
        var message = JsonText.ofServer(bytes);
        var edits = new Edits(bytes);
        var name = to.getBytes(StandardCharsets.UTF_8);
        message.member("id").filter(id -> id.json().equals(from)).ifPresent(id -> edits.replace(id, name));
        message.member("params")
                .or(() -> message.member("result"))
                .flatMap(body -> body.member("_meta"))
                .flatMap(meta -> meta.member(SUBSCRIPTION))
                .filter(id -> id.json().equals(from))
                .ifPresent(id -> edits.replace(id, name));
        return edits.applied();
    }

    /** A notification without the id of the subscription that it belongs to, of which older clients know nothing. */
    static byte[] legacyNotification(byte[] bytes) {
        var edits = new Edits(bytes);
        JsonText.ofServer(bytes)
                .member("params")
                .ifPresent(params -> params.member("_meta")
                        .filter(meta -> meta.member(SUBSCRIPTION).isPresent())
                        .ifPresent(meta -> {
                            if (meta.members().size() > 1) {
                                edits.keepMembers(meta, name -> !name.equals(SUBSCRIPTION));
                            } else {
                                edits.keepMembers(params, name -> !name.equals("_meta"));
                            }
                        }));
        return edits.applied();
    }

    /** A final answer under the id that the client's side knows, without what older revisions do not have. */
    static byte[] legacy(byte[] bytes, String id) {
        var answer = JsonText.ofServer(bytes);
        if (answer.member("id").isEmpty()) {
            return withId(answer, id);
        }
        var edits = new Edits(bytes);
        answer.member("id").ifPresent(value -> edits.replace(value, id.getBytes(StandardCharsets.UTF_8)));
        answer.member("result")
                .filter(result -> result.kind() == JsonText.Kind.OBJECT)
                .ifPresent(result -> edits.keepMembers(result, name -> !NEW.contains(name)));
        // Codes of the reserved range mean nothing to older clients, and the mistake is between us and the server.
        errorCode(answer)
                .filter(code -> code <= Modern.HEADER_MISMATCH && code >= -32099)
                .flatMap(_ -> answer.member("error"))
                .flatMap(error -> error.member("code"))
                .ifPresent(code ->
                        edits.replace(code, Integer.toString(INTERNAL_ERROR).getBytes(StandardCharsets.UTF_8)));
        return edits.applied();
    }

    /** An error with which a server answered a request that it could not read. */
    private static byte[] withId(JsonText answer, String id) {
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":"
                        + answer.member("error").map(JsonText::json).orElse("{}") + '}')
                .getBytes(StandardCharsets.UTF_8);
    }

    /** {@code InitializeResult} of 2025-11-25, made of {@code DiscoverResult}. */
    static byte[] introduction(String id, JsonText discovered, String name) {
        var members = new ArrayList<String>();
        members.add("\"protocolVersion\":\"2025-11-25\"");
        members.add("\"capabilities\":{" + String.join(",", capabilities(discovered)) + '}');
        members.add("\"serverInfo\":"
                + discovered
                        .member("_meta")
                        .flatMap(meta -> meta.member("io.modelcontextprotocol/serverInfo"))
                        .filter(info -> info.kind() == JsonText.Kind.OBJECT
                                && info.member("name").flatMap(JsonText::string).isPresent()
                                && info.member("version")
                                        .flatMap(JsonText::string)
                                        .isPresent())
                        .map(JsonText::json)
                        .orElseGet(() -> "{\"name\":" + Modern.quoted(name) + ",\"version\":\"unknown\"}"));
        discovered
                .member("instructions")
                .filter(text -> text.kind() == JsonText.Kind.STRING)
                .ifPresent(text -> members.add("\"instructions\":" + text.json()));
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{" + String.join(",", members) + "}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> capabilities(JsonText discovered) {
        var capabilities = new ArrayList<String>();
        discovered.member("capabilities").ifPresent(all -> {
            all.members().stream()
                    .filter(member ->
                            KNOWN.contains(member.name()) && member.value().kind() == JsonText.Kind.OBJECT)
                    .map(member ->
                            Modern.quoted(member.name()) + ':' + member.value().json())
                    .forEach(capabilities::add);
            if (ModernTask.isOffered(all)) {
                capabilities.add("\"tasks\":" + ModernTask.CAPABILITY);
            }
        });
        return capabilities;
    }

    /** Whether this is a {@code DiscoverResult} of a server that speaks this revision. */
    static boolean isDiscovery(JsonText answer) {
        return answer
                .member("result")
                .flatMap(result -> result.member("supportedVersions"))
                .map(JsonText::elements)
                .orElse(List.of())
                .stream()
                .flatMap(version -> version.string().stream())
                .anyMatch(Modern.REVISION::equals);
    }
}
