package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonProblem;
import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.mcp.Revisions;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Answers of older servers in the words of MCP 2026-07-28. */
final class StatelessAnswer {

    private static final int OK = 200;
    static final int NOT_FOUND = 404;
    static final int BAD_REQUEST = 400;

    private static final int INVALID_PARAMS = -32602;
    private static final int INTERNAL_ERROR = -32603;
    private static final int MISSING_CAPABILITY = -32021;
    private static final int UNSUPPORTED_VERSION = -32022;

    /** Codes that this revision gives meanings of its own, which nobody else's errors may take (MCP 2026-07-28, error codes). */
    private static final int RESERVED_FROM = -32099;

    private static final int RESERVED_TO = -32020;

    /** {@code HeaderMismatch}, {@code MissingRequiredClientCapability}, {@code UnsupportedProtocolVersion}. */
    private static final Set<String> WRONG = Set.of("-32020", "-32021", "-32022");

    /** {@code URLElicitationRequiredError}, 2025-11-25 only. */
    private static final String PAGE_REQUIRED = "-32042";

    /** Of servers before 2026-07-28, which has {@code Invalid params} for it. */
    private static final String RESOURCE_NOT_FOUND = "-32002";

    /** Members that this revision gives a meaning, and that only we may say. */
    private static final Set<String> OURS =
            Set.of("resultType", "ttlMs", "cacheScope", "inputRequests", "requestState");

    /** Results that have to say how long they hold (MCP 2026-07-28, caching). */
    private static final Set<String> CACHEABLE = Set.of(
            "server/discover",
            "tools/list",
            "prompts/list",
            "resources/list",
            "resources/templates/list",
            "resources/read");

    /** Capabilities that both sides know. Tasks are an extension here. */
    private static final Set<String> KNOWN =
            Set.of("tools", "resources", "prompts", "completions", "logging", "experimental");

    private static final String COMPLETE = "{\"resultType\":\"complete\"";

    /** Nothing tells us how long an older server's answer holds, and what it shows is the caller's own. */
    private static final String NOT_KEPT = ",\"ttlMs\":0,\"cacheScope\":\"private\"";

    private StatelessAnswer() {}

    /** A result or an error of an older server, for a request of this method. */
    static byte[] of(byte[] answer, String method) {
        var message = JsonText.ofServer(answer);
        var result = message.member("result").filter(value -> value.kind() == JsonText.Kind.OBJECT);
        if (result.isPresent()) {
            return withResult(answer, message, result.get(), method);
        }
        return message.member("error")
                .flatMap(error -> error.member("code"))
                .filter(StatelessAnswer::isGone)
                .map(code -> Rewrite.replaced(
                        answer,
                        code,
                        Integer.toString(
                                code.json().equals(RESOURCE_NOT_FOUND) && method.equals("resources/read")
                                        ? INVALID_PARAMS
                                        : INTERNAL_ERROR)))
                .orElse(answer);
    }

    /** Whether an older server's code must not be said in this revision, or would be taken for something else. */
    private static boolean isGone(JsonText code) {
        try {
            var number = Integer.parseInt(code.json());
            return code.json().equals(RESOURCE_NOT_FOUND) || (number >= RESERVED_FROM && number <= RESERVED_TO);
        } catch (NumberFormatException _) {
            return false;
        }
    }

    /** The HTTP status of an answer that is nothing but this message (MCP 2026-07-28, Streamable HTTP). */
    static int status(byte[] answer) {
        var code = code(JsonText.ofServer(answer));
        if (code.filter(Integer.toString(MessageReader.METHOD_NOT_FOUND)::equals)
                .isPresent()) {
            return NOT_FOUND;
        }
        return code.filter(WRONG::contains).isPresent() ? BAD_REQUEST : OK;
    }

    /** {@code MissingRequiredClientCapabilityError}, for a client that cannot send its person to a page. */
    static byte[] pagesNeeded(String id) {
        return capabilityNeeded(id, "the MCP server wants the person to open a page", "{\"elicitation\":{\"url\":{}}}");
    }

    /**
     * {@code MissingRequiredClientCapabilityError}.
     *
     * @param capabilities as JSON
     */
    static byte[] capabilityNeeded(String id, String why, String capabilities) {
        return Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + MISSING_CAPABILITY
                + ",\"message\":" + Rewrite.quoted("Missing required client capability: " + why)
                + ",\"data\":{\"requiredCapabilities\":" + capabilities + "}}}");
    }

    private static byte[] withResult(byte[] answer, JsonText message, JsonText result, String method) {
        var out = new ByteArrayOutputStream(answer.length + 64);
        out.writeBytes(Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":"
                + message.member("id").map(JsonText::json).orElse("null") + ",\"result\":" + COMPLETE));
        if (CACHEABLE.contains(method)) {
            out.writeBytes(Rewrite.utf8(NOT_KEPT));
        }
        for (var member : result.members()) {
            if (!OURS.contains(member.name())) {
                out.write(',');
                out.write(answer, member.start(), member.value().to() - member.start());
            }
        }
        out.writeBytes(Rewrite.utf8("}}"));
        return out.toByteArray();
    }

    private static Optional<String> code(JsonText message) {
        return message.member("error").flatMap(error -> error.member("code")).map(JsonText::json);
    }

    /**
     * Pages that the person has to open before the request can pass, as JSON of {@code elicitation/create} by names: what
     * 2025-11-25 had an error for. Empty if the answer is anything else.
     */
    static Map<String, String> pages(byte[] answer) {
        var pages = new LinkedHashMap<String, String>();
        try {
            var message = JsonText.ofServer(answer);
            if (code(message).filter(PAGE_REQUIRED::equals).isEmpty()) {
                return Map.of();
            }
            var elicitations = message.member("error")
                    .flatMap(error -> error.member("data"))
                    .flatMap(data -> data.member("elicitations"))
                    .map(JsonText::elements)
                    .orElse(List.of());
            for (var each : elicitations) {
                var url = each.member("url").flatMap(JsonText::string);
                var text = each.member("message").flatMap(JsonText::string).orElse("Open this page to go on.");
                url.ifPresent(address -> pages.put(
                        "page-" + (pages.size() + 1),
                        "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\",\"message\":"
                                + Rewrite.quoted(text) + ",\"url\":" + Rewrite.quoted(address) + "}}"));
            }
        } catch (JsonProblem _) {
            return Map.of();
        }
        return pages;
    }

    /**
     * {@code InputRequiredResult}.
     *
     * @param id as JSON
     * @param requests as JSON, by name
     */
    static byte[] inputRequired(String id, Map<String, String> requests, Optional<String> state) {
        var written = new ArrayList<String>();
        requests.forEach((name, request) -> written.add(Rewrite.quoted(name) + ':' + request));
        return Rewrite.result(
                id,
                "{\"resultType\":\"input_required\",\"inputRequests\":{" + String.join(",", written) + '}'
                        + state.map(text -> ",\"requestState\":" + Rewrite.quoted(text))
                                .orElse("") + '}');
    }

    /** {@code DiscoverResult}, made of {@code InitializeResult}; as an answer to this id. */
    static byte[] discovery(String id, JsonText introduction, Peer.Privacy privacy) {
        var capabilities = introduction.member("capabilities").map(JsonText::members).orElse(List.of()).stream()
                .filter(member ->
                        KNOWN.contains(member.name()) && member.value().kind() == JsonText.Kind.OBJECT)
                // Log messages of a process that serves everybody could be about anybody.
                .filter(member ->
                        privacy == Peer.Privacy.ONE_PERSON || !member.name().equals("logging"))
                .map(member ->
                        Rewrite.quoted(member.name()) + ':' + member.value().json())
                .collect(Collectors.toCollection(ArrayList::new));
        if (StatelessTasks.areOffered(introduction, privacy)) {
            capabilities.add("\"extensions\":{\"" + TaskAnswer.EXTENSION + "\":{}}");
        }
        var result = new StringBuilder(COMPLETE).append(NOT_KEPT).append(",\"supportedVersions\":");
        result.append(versions())
                .append(",\"capabilities\":{")
                .append(String.join(",", capabilities))
                .append('}');
        introduction
                .member("serverInfo")
                .filter(info -> info.kind() == JsonText.Kind.OBJECT)
                .ifPresent(info -> result.append(",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":")
                        .append(info.json())
                        .append('}'));
        introduction
                .member("instructions")
                .filter(text -> text.kind() == JsonText.Kind.STRING)
                .ifPresent(text -> result.append(",\"instructions\":").append(text.json()));
        return Rewrite.result(id, result.append('}').toString());
    }

    /** What is spoken here, as JSON: behind the bridge every revision is. */
    private static String versions() {
        return Revisions.all().stream().map(Rewrite::quoted).toList().toString().replace(" ", "");
    }

    /**
     * {@code UnsupportedProtocolVersionError}, from which clients recover.
     *
     * @param modernOnly whether the server says by itself what it speaks, and so names 2026-07-28 alone
     */
    static byte[] unsupported(String id, String requested, boolean modernOnly) {
        return Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + UNSUPPORTED_VERSION
                + ",\"message\":\"Unsupported protocol version\",\"data\":{\"supported\":"
                + (modernOnly ? "[" + Rewrite.quoted(Revisions.MODERN) + "]" : versions())
                + ",\"requested\":" + Rewrite.quoted(requested) + "}}}");
    }
}
