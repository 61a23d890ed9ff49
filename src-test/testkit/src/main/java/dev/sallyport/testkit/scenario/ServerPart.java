package dev.sallyport.testkit.scenario;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What one scenario wants of a server: an introduction that is prepared, and what has arrived besides. */
public final class ServerPart {

    static final String END = "the end";

    private static final Set<String> REVISIONS = Set.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");

    private final boolean byHand;
    private final JsonNode capabilities;
    private final Arrivals arrivals;
    private volatile boolean introduced;

    ServerPart(boolean byHand, JsonNode capabilities, Duration patience) {
        this.byHand = byHand;
        this.capabilities = capabilities;
        this.arrivals = new Arrivals(patience);
    }

    /** One that nobody plays: introduces itself to whoever comes. */
    public static ServerPart idle() {
        return new ServerPart(false, Words.JSON.readTree("{}"), Duration.ZERO);
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** Whether somebody asked for the introduction, if one was prepared. */
    boolean isIntroduced() {
        return byHand || introduced;
    }

    static String closed(JsonNode id) {
        return "closed " + id;
    }

    /** Takes a message in; what comes back is the answer that was prepared. */
    Optional<JsonNode> take(Object lane, JsonNode message) {
        var method = message.path("method").asString();
        if (!byHand && (method.equals("initialize") || method.equals("server/discover"))) {
            introduced = true;
            return Optional.of(introduction(message, method.equals("initialize")));
        }
        if (byHand || !method.equals("notifications/initialized")) {
            arrivals.add(lane, withoutEmptyParams(message));
        }
        return Optional.empty();
    }

    /** They say as much as none. */
    private static JsonNode withoutEmptyParams(JsonNode message) {
        return message.path("params").isObject()
                        && message.path("params").isEmpty()
                        && message.deepCopy() instanceof ObjectNode object
                ? object.without("params")
                : message;
    }

    private JsonNode introduction(JsonNode message, boolean legacy) {
        var answer = Words.JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", message.get("id"));
        var result = answer.putObject("result");
        if (legacy) {
            var wanted = message.at("/params/protocolVersion").asString();
            result.put("protocolVersion", REVISIONS.contains(wanted) ? wanted : "2025-11-25");
            result.putObject("serverInfo").put("name", "scripted").put("version", "1");
        } else {
            result.putArray("supportedVersions").add(Modern.VERSION);
            result.putObject("_meta")
                    .putObject("io.modelcontextprotocol/serverInfo")
                    .put("name", "scripted")
                    .put("version", "1");
        }
        result.set("capabilities", capabilities);
        return answer;
    }
}
