package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an MCP server offers: definitions as it writes them. */
record Offer(
        String name,
        Optional<String> title,
        List<JsonText> tools,
        List<JsonText> resources,
        List<JsonText> templates,
        List<JsonText> prompts) {

    private static final String LEGACY = "2025-11-25";
    private static final String MODERN = "2026-07-28";
    private static final int MAX_PAGES = 100;

    Offer {
        tools = List.copyOf(tools);
        resources = List.copyOf(resources);
        templates = List.copyOf(templates);
        prompts = List.copyOf(prompts);
    }

    /** Asks for everything. A server that knows no {@code initialize} is spoken to as 2026-07-28 has it. */
    static Offer of(ServerTalk talk) throws IOException {
        var asking = new Asking(talk);
        var result = asking.start();
        var capabilities = result.member("capabilities");
        var info = result.member("serverInfo")
                .or(() -> result.member("_meta").flatMap(meta -> meta.member("io.modelcontextprotocol/serverInfo")));
        return new Offer(
                info.flatMap(json -> json.member("name"))
                        .flatMap(JsonText::string)
                        .orElse("server"),
                info.flatMap(json -> json.member("title")).flatMap(JsonText::string),
                asking.list(capabilities, "tools", "tools/list", "tools"),
                asking.list(capabilities, "resources", "resources/list", "resources"),
                asking.list(capabilities, "resources", "resources/templates/list", "resourceTemplates"),
                asking.list(capabilities, "prompts", "prompts/list", "prompts"));
    }

    private static final class Asking {
        private final ServerTalk talk;
        private int id;
        private boolean modern;

        Asking(ServerTalk talk) {
            this.talk = talk;
        }

        JsonText start() throws IOException {
            try {
                var result = result(
                        "initialize",
                        "\"protocolVersion\":\"" + LEGACY
                                + "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"sallyport-init\",\"version\":\"1\"}");
                if (talk instanceof HttpTalk http) {
                    http.speak(result.member("protocolVersion")
                            .flatMap(JsonText::string)
                            .orElse(LEGACY));
                }
                talk.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
                return result;
            } catch (ServerTalk.Unusable legacyRefused) {
                modern = true;
                try {
                    return result("server/discover", "");
                } catch (IOException _) {
                    throw legacyRefused;
                }
            }
        }

        /** All pages; nothing where the server does not offer this kind, or says so by an error. */
        List<JsonText> list(Optional<JsonText> capabilities, String capability, String method, String member)
                throws IOException {
            var entries = new ArrayList<JsonText>();
            if (capabilities.flatMap(json -> json.member(capability)).isEmpty()) {
                return entries;
            }
            var cursor = Optional.<String>empty();
            for (var page = 0; page < MAX_PAGES; page++) {
                JsonText result;
                try {
                    result = result(
                            method, cursor.map(json -> "\"cursor\":" + json).orElse(""));
                } catch (ServerTalk.Unusable refused) {
                    if (capability.equals(member)) {
                        throw refused;
                    }
                    return entries;
                }
                result.member(member).ifPresent(list -> entries.addAll(list.elements()));
                cursor = result.member("nextCursor")
                        .filter(json -> json.kind() == JsonText.Kind.STRING)
                        .map(JsonText::json);
                if (cursor.isEmpty()) {
                    return entries;
                }
            }
            throw new ServerTalk.Unusable(method + " has more than " + MAX_PAGES + " pages");
        }

        private JsonText result(String method, String params) throws IOException {
            var meta = modern
                    ? "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" + MODERN
                            + "\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"sallyport-init\",\"version\":\"1\"},"
                            + "\"io.modelcontextprotocol/clientCapabilities\":{}}"
                    : "";
            var both = meta.isEmpty() || params.isEmpty() ? meta + params : meta + "," + params;
            var answer = talk.send("{\"jsonrpc\":\"2.0\",\"id\":" + ++id + ",\"method\":\"" + method + "\",\"params\":{"
                    + both + "}}");
            return answer.flatMap(json -> json.member("result"))
                    .orElseThrow(() -> new ServerTalk.Unusable("the server refuses " + method));
        }
    }
}
