package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.JsonText;
import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which methods need no rule, and what the others are about. The table in docs/reference/permissions.md says the same in
 * words.
 */
final class Methods {

    /** Longer than any name or URI that a server would give out. */
    private static final int MAX_NAME = 8192;

    /**
     * What every valid token may do: set up and keep a session, ask what there is (answers are filtered), and tell how it
     * goes. None of these reads or changes anything behind the server.
     */
    static final Set<String> BASELINE = Set.of(
            "initialize",
            "server/discover",
            "ping",
            "tools/list",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "logging/setLevel",
            "notifications/initialized",
            "notifications/cancelled",
            "notifications/progress",
            "notifications/roots/list_changed");

    /** Methods that a rule covers by naming what they are about, never as such. */
    static final Set<String> ABOUT_SOMETHING = Set.of(
            "tools/call",
            "prompts/get",
            "resources/read",
            "resources/subscribe",
            "resources/unsubscribe",
            "completion/complete",
            "subscriptions/listen");

    static final String TOOL_CALL = "tools/call";

    private Methods() {}

    /**
     * All that has to be allowed for a message of this method to pass. Empty for what needs no rule.
     *
     * @throws Refused with {@code BadMessage} if params do not say what the method is about
     */
    static List<Target> targets(String method, Optional<JsonText> params) {
        if (BASELINE.contains(method)) {
            return List.of();
        }
        return switch (method) {
            case TOOL_CALL -> List.of(new Target.Tool(text(params, "name")));
            case "prompts/get" -> List.of(new Target.Prompt(text(params, "name")));
            case "resources/subscribe", "resources/unsubscribe" -> {
                if (isOfModernRevision(params)
                        && params.flatMap(object -> object.member("uri")).isEmpty()) {
                    throw new Refused(new Refusal.BadMessage(MessageReader.METHOD_NOT_FOUND, "Method not found"));
                }
                yield List.of(new Target.Resource(ResourceUri.of(text(params, "uri"))));
            }
            case "resources/read" -> List.of(new Target.Resource(ResourceUri.of(text(params, "uri"))));
            case "completion/complete" -> List.of(reference(params.flatMap(object -> object.member("ref"))));
            case "subscriptions/listen" -> subscriptions(params);
            default -> List.of(new Target.Method(method));
        };
    }

    /** MCP 2026-07-28 took these methods away; a client that asks all the same is told so, as the MCP server would. */
    private static boolean isOfModernRevision(Optional<JsonText> params) {
        return params.flatMap(object -> object.member("_meta"))
                .flatMap(meta -> meta.member("io.modelcontextprotocol/protocolVersion"))
                .isPresent();
    }

    private static Target reference(Optional<JsonText> ref) {
        var type = text(ref, "type");
        return switch (type) {
            case "ref/prompt" -> new Target.Prompt(text(ref, "name"));
            case "ref/resource" -> new Target.Resource(ResourceUri.of(text(ref, "uri")));
            default -> throw badParams("ref.type must be ref/prompt or ref/resource");
        };
    }

    private static List<Target> subscriptions(Optional<JsonText> params) {
        var targets = new ArrayList<Target>();
        var filter = params.flatMap(object -> object.member("notifications"));
        for (var member : filter.map(JsonText::members).orElseGet(List::of)) {
            switch (member.name()) {
                case "toolsListChanged", "promptsListChanged", "resourcesListChanged" -> {}
                case "resourceSubscriptions" -> {
                    for (var uri : member.value().elements()) {
                        targets.add(new Target.Resource(ResourceUri.of(name(uri.string(), "resourceSubscriptions"))));
                    }
                }
                // What an extension lets one listen to is covered by a rule for the method as such.
                default -> targets.add(new Target.Method("subscriptions/listen"));
            }
        }
        return targets;
    }

    private static String text(Optional<JsonText> object, String member) {
        return name(object.flatMap(json -> json.member(member)).flatMap(JsonText::string), member);
    }

    private static String name(Optional<String> text, String member) {
        if (text.isEmpty()) {
            throw badParams(member + " must be a string");
        }
        var name = text.get();
        if (name.length() > MAX_NAME || name.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
            throw badParams(member + " is too long or holds control characters");
        }
        return name;
    }

    private static Refused badParams(String rule) {
        return new Refused(new Refusal.BadMessage(MessageReader.INVALID_PARAMS, "Invalid params: " + rule));
    }
}
