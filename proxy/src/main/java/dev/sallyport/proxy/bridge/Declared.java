package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.mcp.JsonText;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an MCP server is told about its client in {@code initialize}. Roots are never declared to a command: they name
 * folders of the client's machine, and servers take them in the place of those that the operator configured.
 *
 * @param version the newest revision that the client speaks
 * @param capabilities as JSON
 * @param clientInfo as JSON
 */
record Declared(String version, String capabilities, String clientInfo) {

    static final String NEWEST = "2025-11-25";

    private static final String OURSELVES = "{\"name\":\"sallyport\",\"version\":\"1\"}";

    /** For a process of one person, whose clients are not all known when it starts. */
    static final Declared FOR_ANY =
            new Declared(NEWEST, "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{}}", OURSELVES);

    /** For a server that runs elsewhere: folders of the client's machine are as far from it as from us. */
    static final Declared FOR_ANY_ELSEWHERE =
            new Declared(NEWEST, "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}", OURSELVES);

    /** For a process that serves everybody, and so can ask nobody. */
    static final Declared FOR_EVERYBODY = new Declared(NEWEST, "{}", OURSELVES);

    /**
     * What the client itself said, as far as we pass it on.
     *
     * @param elsewhere whether the server runs elsewhere, and may hear of roots
     */
    static Declared by(Optional<JsonText> params, boolean elsewhere) {
        var capabilities = new TreeMap<String, String>();
        for (var name : elsewhere ? List.of("elicitation", "sampling", "roots") : List.of("elicitation", "sampling")) {
            params.flatMap(object -> object.member("capabilities"))
                    .flatMap(all -> all.member(name))
                    .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                    .ifPresent(value -> capabilities.put(name, '"' + name + "\":" + value.json()));
        }
        return new Declared(
                params.flatMap(object -> object.member("protocolVersion"))
                        .flatMap(JsonText::string)
                        .orElse(NEWEST),
                '{' + String.join(",", capabilities.values()) + '}',
                params.flatMap(object -> object.member("clientInfo"))
                        .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                        .map(JsonText::json)
                        .orElse(OURSELVES));
    }

    /** Whether it can answer requests of this method. */
    boolean answers(String method) {
        var wanted = switch (method) {
            case "elicitation/create" -> "elicitation";
            case "sampling/createMessage" -> "sampling";
            case "roots/list" -> "roots";
            default -> "";
        };
        return !wanted.isEmpty()
                && JsonText.strict(Rewrite.utf8(capabilities)).member(wanted).isPresent();
    }

    byte[] initialize() {
        return Rewrite.utf8("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
                + Rewrite.quoted(version) + ",\"capabilities\":" + capabilities + ",\"clientInfo\":" + clientInfo
                + "}}");
    }
}
