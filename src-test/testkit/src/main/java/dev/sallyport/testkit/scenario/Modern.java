package dev.sallyport.testkit.scenario;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What 2026-07-28 wants in every message, beyond what older revisions say: added by who sends, taken off by who gets. */
final class Modern {

    static final String VERSION = "2026-07-28";

    private static final String PREFIX = "io.modelcontextprotocol/";
    private static final List<String> OF_REQUESTS =
            List.of(PREFIX + "protocolVersion", PREFIX + "clientInfo", PREFIX + "clientCapabilities");
    private static final Set<String> CACHED = Set.of(
            "server/discover",
            "tools/list",
            "prompts/list",
            "resources/list",
            "resources/templates/list",
            "resources/read");

    private Modern() {}

    static JsonNode request(JsonNode message, JsonNode capabilities) {
        var request = (ObjectNode) message.deepCopy();
        var meta = object(object(request, "params"), "_meta");
        meta.put(OF_REQUESTS.get(0), version(message));
        meta.putObject(OF_REQUESTS.get(1)).put("name", "scenario").put("version", "1");
        meta.set(OF_REQUESTS.get(2), capabilities);
        return request;
    }

    /** The revision of a request, which may say another one by itself. */
    static String version(JsonNode message) {
        return message.path("params").path("_meta").path(OF_REQUESTS.get(0)).asString(VERSION);
    }

    private static ObjectNode object(ObjectNode in, String name) {
        return in.get(name) instanceof ObjectNode there ? there : in.putObject(name);
    }

    /** Without what it owes, but for extensions; as it is if it owes something still, which then is as nobody expects. */
    static JsonNode plainRequest(JsonNode message) {
        var request = message.deepCopy();
        if (!(request.at("/params/_meta") instanceof ObjectNode meta)
                || !meta.path(OF_REQUESTS.get(0)).asString().equals(VERSION)
                || !meta.path(OF_REQUESTS.get(2)).isObject()) {
            return message;
        }
        var extensions = meta.path(OF_REQUESTS.get(2)).path("extensions");
        meta.remove(OF_REQUESTS);
        if (!extensions.isMissingNode()) {
            meta.putObject(OF_REQUESTS.get(2)).set("extensions", extensions);
        }
        removeIfEmpty((ObjectNode) request.get("params"), "_meta");
        removeIfEmpty((ObjectNode) request, "params");
        return request;
    }

    private static void removeIfEmpty(ObjectNode in, String name) {
        if (in.path(name).isEmpty()) {
            in.remove(name);
        }
    }

    static JsonNode answer(JsonNode message, String method) {
        var answer = message.deepCopy();
        if (answer.get("result") instanceof ObjectNode result && !result.has("resultType")) {
            result.put("resultType", "complete");
            if (CACHED.contains(method)) {
                result.put("ttlMs", 1000).put("cacheScope", "private");
            }
        }
        return answer;
    }

    /** Without what it owes, as {@link #plainRequest}. */
    static JsonNode plainAnswer(JsonNode message, String method) {
        var answer = message.deepCopy();
        if (!(answer.get("result") instanceof ObjectNode result)
                || !result.path("resultType").asString().equals("complete")) {
            return message;
        }
        var cached =
                result.path("ttlMs").isNumber() && result.path("cacheScope").isString();
        if (CACHED.contains(method) != cached) {
            return message;
        }
        result.remove("resultType");
        if (cached) {
            result.remove(List.of("ttlMs", "cacheScope"));
        }
        return answer;
    }
}
