package dev.sallyport.proxy.remote;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sallyport.proxy.mcp.HeaderText;
import dev.sallyport.proxy.mcp.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How requests are written in revision 2026-07-28: each says by itself what {@code initialize} used to say once. */
final class Modern {

    static final String REVISION = "2026-07-28";

    static final int METHOD_NOT_FOUND = -32601;
    static final int HEADER_MISMATCH = -32020;
    static final int MISSING_CAPABILITY = -32021;
    static final int UNSUPPORTED_VERSION = -32022;

    private static final String PREFIX = "io.modelcontextprotocol/";

    private static final String TASKS = "\"extensions\":{\"" + ModernTask.EXTENSION + "\":{}}";

    /** What a client must not say in the place of the bridge. */
    private static final Set<String> OURS = Set.of(
            PREFIX + "protocolVersion", PREFIX + "clientInfo", PREFIX + "clientCapabilities", PREFIX + "logLevel");

    private Modern() {}

    /**
     * What every request says about the client.
     *
     * @param clientInfo as JSON
     * @param capabilities as JSON
     * @param logLevel from which on the client wants log messages
     */
    record About(String clientInfo, String capabilities, Optional<String> logLevel) {

        /** The proxy itself, which can answer nothing. */
        static final About OURSELVES = new About("{\"name\":\"sallyport\",\"version\":\"1\"}", "{}", Optional.empty());

        /** What a client says in {@code params} of {@code initialize}. */
        static About of(Optional<JsonText> params) {
            return new About(
                    object(params, "clientInfo").orElse(OURSELVES.clientInfo()),
                    object(params, "capabilities").orElse(OURSELVES.capabilities()),
                    Optional.empty());
        }

        private static Optional<String> object(Optional<JsonText> params, String name) {
            return params.flatMap(all -> all.member(name))
                    .filter(value -> value.kind() == JsonText.Kind.OBJECT)
                    .map(JsonText::json);
        }

        About from(String level) {
            return new About(clientInfo, capabilities, Optional.of(level));
        }

        /** The same client, for a request that may be answered with a task (SEP-2663, capability negotiation). */
        About withTasks() {
            var all = JsonText.ofServer(capabilities.getBytes(StandardCharsets.UTF_8));
            var members = new ArrayList<String>();
            all.members().stream()
                    // Of extensions, older revisions know nothing; their own tasks mean nothing here.
                    .filter(member -> !member.name().equals("extensions")
                            && !member.name().equals("tasks"))
                    .forEach(member -> members.add(
                            quoted(member.name()) + ':' + member.value().json()));
            members.add(TASKS);
            return new About(clientInfo, '{' + String.join(",", members) + '}', logLevel);
        }

        boolean hasTasks() {
            return capabilities.contains(TASKS);
        }
    }

    /**
     * A request.
     *
     * @param id as JSON
     * @param params of the client, whose other members of {@code _meta} stay
     * @param more further parameters, as JSON by name; they replace those of the client
     */
    static byte[] request(String id, String method, Optional<JsonText> params, Map<String, String> more, About about) {
        var members = new LinkedHashMap<String, String>();
        var meta = new ArrayList<String>();
        for (var member : params.map(JsonText::members).orElse(List.of())) {
            if (member.name().equals("_meta")) {
                member.value().members().stream()
                        .filter(each -> !OURS.contains(each.name()))
                        .forEach(each -> meta.add(
                                quoted(each.name()) + ':' + each.value().json()));
            } else {
                members.put(member.name(), member.value().json());
            }
        }
        members.putAll(more);
        meta.add(quoted(PREFIX + "protocolVersion") + ':' + quoted(REVISION));
        meta.add(quoted(PREFIX + "clientInfo") + ':' + about.clientInfo());
        meta.add(quoted(PREFIX + "clientCapabilities") + ':' + about.capabilities());
        about.logLevel().ifPresent(level -> meta.add(quoted(PREFIX + "logLevel") + ':' + quoted(level)));
        members.put("_meta", '{' + String.join(",", meta) + '}');
        var written = new ArrayList<String>();
        members.forEach((name, value) -> written.add(quoted(name) + ':' + value));
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":" + quoted(method) + ",\"params\":{"
                        + String.join(",", written) + "}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a request says by itself that it is of this revision. */
    static boolean isRequest(Optional<JsonText> params) {
        return params.flatMap(all -> all.member("_meta"))
                .flatMap(meta -> meta.member(PREFIX + "protocolVersion"))
                .flatMap(JsonText::string)
                .filter(REVISION::equals)
                .isPresent();
    }

    /** The headers that repeat parts of the request (Streamable HTTP, request metadata). */
    static Map<String, String> headers(String method, Optional<JsonText> params) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("MCP-Protocol-Version", REVISION);
        headers.put("Mcp-Method", HeaderText.encoded(method));
        name(method, params).ifPresent(name -> headers.put("Mcp-Name", HeaderText.encoded(name)));
        return headers;
    }

    private static Optional<String> name(String method, Optional<JsonText> params) {
        return switch (method) {
            case "tools/call", "prompts/get" ->
                params.flatMap(all -> all.member("name")).flatMap(JsonText::string);
            case "resources/read" -> params.flatMap(all -> all.member("uri")).flatMap(JsonText::string);
            case "tasks/get", "tasks/update", "tasks/cancel" -> params.flatMap(ModernTask::id);
            default -> Optional.empty();
        };
    }

    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
