package dev.sallyport.proxy.mcp;

import java.util.Set;

/**
 * The methods of MCP 2024-11-05 to 2026-07-28 and of its tasks extension, in both directions. For telling words of the
 * protocol from words that anybody made up; it decides nothing.
 */
public final class KnownMethods {

    private static final Set<String> ALL = Set.of(
            "initialize",
            "server/discover",
            "ping",
            "tools/list",
            "tools/call",
            "resources/list",
            "resources/templates/list",
            "resources/read",
            "resources/subscribe",
            "resources/unsubscribe",
            "prompts/list",
            "prompts/get",
            "completion/complete",
            "logging/setLevel",
            "subscriptions/listen",
            "tasks/list",
            "tasks/get",
            "tasks/result",
            "tasks/cancel",
            "tasks/update",
            "roots/list",
            "sampling/createMessage",
            "elicitation/create",
            "notifications/initialized",
            "notifications/cancelled",
            "notifications/progress",
            "notifications/message",
            "notifications/roots/list_changed",
            "notifications/tools/list_changed",
            "notifications/prompts/list_changed",
            "notifications/resources/list_changed",
            "notifications/resources/updated",
            "notifications/tasks/status",
            "notifications/tasks",
            "notifications/elicitation/complete");

    private KnownMethods() {}

    public static boolean contains(String method) {
        return ALL.contains(method);
    }
}
