package dev.sallyport.proxy.mcp;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The bytes that a client sent in, messages out. What it accepts, every parser reads the same way: strict JSON, JSON-RPC
 * 2.0 without extra members, and no name that a case-insensitive parser would take for one that matters
 * (CVE-2026-27896).
 */
public final class MessageReader {

    /** JSON-RPC 2.0 section 5.1: the text is not JSON. */
    public static final int PARSE_ERROR = -32700;

    /** JSON-RPC 2.0 section 5.1: the JSON is not a request. */
    public static final int INVALID_REQUEST = -32600;

    /** JSON-RPC 2.0 section 5.1. */
    public static final int INVALID_PARAMS = -32602;

    public static final int METHOD_NOT_FOUND = -32601;

    /** More than any client sends at once; batches exist in 2025-03-26 only. */
    private static final int MAX_BATCH = 100;

    private static final int MAX_ID = 256;
    private static final int MAX_METHOD = 128;

    /** Integers that every parser keeps exactly: 53 bits. */
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

    private MessageReader() {}

    /**
     * @return the one message, or the batch
     * @throws Refused with {@code BadMessage} if the body is anything else than strict JSON-RPC 2.0
     */
    public static Body read(byte[] body) {
        JsonText text;
        try {
            text = JsonText.strict(body);
        } catch (JsonProblem problem) {
            throw refused(PARSE_ERROR, "Parse error: " + problem.rule());
        }
        return switch (text.kind()) {
            case OBJECT -> new Body(List.of(message(text)), false);
            case ARRAY -> batch(text.elements());
            case STRING, NUMBER, BOOLEAN, NULL -> throw invalid("a message is a JSON object");
        };
    }

    private static Body batch(List<JsonText> elements) {
        if (elements.isEmpty()) {
            throw invalid("a batch must not be empty");
        }
        if (elements.size() > MAX_BATCH) {
            throw invalid("a batch holds at most " + MAX_BATCH + " messages");
        }
        var messages = new ArrayList<Message>(elements.size());
        var ids = new HashSet<Message.Id>();
        for (var element : elements) {
            if (element.kind() != JsonText.Kind.OBJECT) {
                throw invalid("a batch holds JSON objects only");
            }
            var message = message(element);
            if (message instanceof Message.Request request && !ids.add(request.id())) {
                throw invalid("two requests of a batch have the same id");
            }
            messages.add(message);
        }
        return new Body(messages, true);
    }

    private static Message message(JsonText object) {
        var parts = new Parts();
        for (var member : object.members()) {
            parts.take(member);
        }
        if (!"2.0".equals(parts.jsonrpc)) {
            throw invalid("jsonrpc must be \"2.0\"");
        }
        if (parts.method.isPresent()) {
            return call(parts, parts.method.get());
        }
        if (parts.result.isPresent() == parts.error.isPresent()) {
            throw invalid("a message has a method, or a result, or an error");
        }
        if (parts.params.isPresent()) {
            throw invalid("a response has no params");
        }
        if (parts.result.isPresent() && parts.id.isEmpty()) {
            throw invalid("a result needs an id");
        }
        return new Message.Response(parts.id.map(MessageReader::id), parts.error.isPresent());
    }

    private static Message call(Parts parts, JsonText name) {
        if (parts.result.isPresent() || parts.error.isPresent()) {
            throw invalid("a message with a method has neither result nor error");
        }
        var method = name.string().orElseThrow(() -> invalid("method must be a string"));
        if (!isName(method)) {
            throw invalid("method is not a method name");
        }
        parts.params.ifPresent(MessageReader::checkParams);
        return parts.id.isPresent()
                ? new Message.Request(id(parts.id.get()), method, parts.params)
                : new Message.Notification(method, parts.params);
    }

    private static void checkParams(JsonText params) {
        if (params.kind() != JsonText.Kind.OBJECT) {
            throw invalid("params must be an object");
        }
        for (var member : params.members()) {
            KnownNames.check(member.name(), KnownNames.PARAMS);
            switch (member.name()) {
                case "ref" -> KnownNames.checkMembers(member.value(), KnownNames.REF);
                case "_meta" -> KnownNames.checkMembers(member.value(), KnownNames.META);
                case "notifications" -> KnownNames.checkMembers(member.value(), KnownNames.LISTEN);
                default -> {}
            }
        }
    }

    /** Visible ASCII: all methods of MCP, of its extensions and of JSON-RPC libraries ({@code rpc.discover}). */
    private static boolean isName(String method) {
        return !method.isEmpty()
                && method.length() <= MAX_METHOD
                && method.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != '"' && c != '\\');
    }

    private static Message.Id id(JsonText id) {
        return switch (id.kind()) {
            case STRING -> {
                var text = id.string().orElseThrow();
                if (text.length() > MAX_ID) {
                    throw invalid("an id has at most " + MAX_ID + " characters");
                }
                yield new Message.Id(true, text);
            }
            case NUMBER -> new Message.Id(false, integer(id.json()));
            case OBJECT, ARRAY, BOOLEAN, NULL -> throw invalid("an id is a string or an integer");
        };
    }

    /** Digits only: {@code 1.0}, {@code 1e0} and {@code -0} come back from other parsers as something else. */
    private static String integer(String json) {
        var digits = json.startsWith("-") ? json.substring(1) : json;
        if (digits.length() > 16
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
                || Long.parseLong(digits) > MAX_SAFE_INTEGER
                || json.equals("-0")) {
            throw invalid("an id that is a number is an integer of at most 53 bits");
        }
        return json;
    }

    static Refused invalid(String rule) {
        return refused(INVALID_REQUEST, "Invalid request: " + rule);
    }

    private static Refused refused(int code, String text) {
        return new Refused(new Refusal.BadMessage(code, text));
    }

    /** The members of one message while it is read. */
    private static final class Parts {
        private String jsonrpc = "";
        private Optional<JsonText> id = Optional.empty();
        private Optional<JsonText> method = Optional.empty();
        private Optional<JsonText> params = Optional.empty();
        private Optional<JsonText> result = Optional.empty();
        private Optional<JsonText> error = Optional.empty();

        void take(JsonText.Member member) {
            var value = Optional.of(member.value());
            switch (member.name()) {
                case "jsonrpc" -> jsonrpc = member.value().string().orElse("");
                case "id" -> id = value;
                case "method" -> method = value;
                case "params" -> params = value;
                case "result" -> result = value;
                case "error" -> error = value;
                default ->
                    throw invalid("a message has no other members than jsonrpc, id, method, params, result, error");
            }
        }
    }
}
