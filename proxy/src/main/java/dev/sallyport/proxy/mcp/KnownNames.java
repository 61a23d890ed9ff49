package dev.sallyport.proxy.mcp;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Member names that decide what a call does. A name that differs from one of them in case alone (Unicode's idea of case:
 * {@code paramſ} too) is refused, because some parsers would take it for the real one and others would not.
 */
final class KnownNames {

    /** Of {@code params}: all that any revision of MCP or its tasks extension gives a meaning to. */
    static final Map<String, String> PARAMS = folded(
            "name",
            "uri",
            "arguments",
            "_meta",
            "ref",
            "argument",
            "context",
            "cursor",
            "level",
            "task",
            "taskId",
            "notifications",
            "inputResponses",
            "requestState",
            "requestId",
            "protocolVersion",
            "capabilities",
            "clientInfo",
            "progressToken",
            "progress",
            "total",
            "reason",
            "message");

    /** Of the reference in {@code completion/complete}. */
    static final Map<String, String> REF = folded("type", "name", "uri");

    /** Of {@code _meta}. */
    static final Map<String, String> META = folded(
            "progressToken",
            "io.modelcontextprotocol/protocolVersion",
            "io.modelcontextprotocol/clientInfo",
            "io.modelcontextprotocol/clientCapabilities",
            "io.modelcontextprotocol/logLevel",
            "io.modelcontextprotocol/subscriptionId",
            "io.modelcontextprotocol/related-task",
            "traceparent",
            "tracestate",
            "baggage");

    /** Of the filter in {@code subscriptions/listen}. */
    static final Map<String, String> LISTEN = folded(
            "toolsListChanged", "promptsListChanged", "resourcesListChanged", "resourceSubscriptions", "taskIds");

    private KnownNames() {}

    static void check(String name, Map<String, String> known) {
        if (name.equals("__proto__")) {
            // Where JavaScript copies members one by one, it would stand for all that are absent.
            throw MessageReader.invalid("no member that decides what is called is named __proto__");
        }
        var exact = known.get(JsonText.fold(name));
        if (exact != null && !exact.equals(name)) {
            throw MessageReader.invalid("a member of params differs from " + exact + " in case only");
        }
    }

    static void checkMembers(JsonText object, Map<String, String> known) {
        for (var member : object.members()) {
            check(member.name(), known);
        }
    }

    private static Map<String, String> folded(String... names) {
        return Stream.of(names).collect(Collectors.toUnmodifiableMap(JsonText::fold, Function.identity()));
    }
}
