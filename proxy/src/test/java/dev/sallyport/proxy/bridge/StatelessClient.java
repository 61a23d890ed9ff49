package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.charset.StandardCharsets;

/** A client of MCP 2026-07-28, byte by byte. */
final class StatelessClient {

    static final String ALL = "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{}}";

    private final RunningGate gate;
    private final String token;
    private final String capabilities;

    StatelessClient(RunningGate gate, String token, String capabilities) {
        this.gate = gate;
        this.token = token;
        this.capabilities = capabilities;
    }

    /** One that can answer everything, and belongs to this person. */
    static StatelessClient of(RunningGate gate, String person) {
        return of(gate, person, ALL);
    }

    static StatelessClient of(RunningGate gate, String person, String capabilities) {
        return of(gate, person, capabilities, "client-of-" + person);
    }

    /** One of several that a person has. */
    static StatelessClient of(RunningGate gate, String person, String capabilities, String clientId) {
        var token = gate.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .client(clientId)
                .sign();
        return new StatelessClient(gate, token, capabilities);
    }

    /** The same at another node. */
    StatelessClient at(RunningGate another) {
        return new StatelessClient(another, token, capabilities);
    }

    /** @param params as JSON, without braces */
    RawAnswer ask(int id, String method, String params) {
        return post(request(id, method, params, ""));
    }

    RawAnswer call(int id, String tool, String text) {
        return post(tool(id, tool, text, ""));
    }

    RawAnswer post(String body) {
        return RawClient.exchange(gate.port(), head(body), body);
    }

    /** Sends and leaves the answer to be read. */
    RawClient open(String body) {
        return RawClient.connect(gate.port()).send(head(body), body);
    }

    /**
     * A call of a tool.
     *
     * @param more further parameters, as JSON, each with a comma before it
     */
    String tool(int id, String tool, String text, String more) {
        return request(
                id, "tools/call", "\"name\":\"" + tool + "\",\"arguments\":{\"text\":\"" + text + "\"}" + more, "");
    }

    /** @param meta further members of {@code _meta}, each with a comma before it */
    String request(int id, String method, String params, String meta) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{"
                + params + (params.isEmpty() ? "" : ",")
                + "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"test\",\"version\":\"1\"},"
                + "\"io.modelcontextprotocol/clientCapabilities\":" + capabilities + meta + "}}}";
    }

    private String head(String body) {
        return bareHead(body) + standardHeaders(body);
    }

    /** The headers in which a request repeats its body, each on a line of its own. */
    static String standardHeaders(String body) {
        var version = body.replaceAll("(?s).*protocolVersion\":\"([^\"]*)\".*", "$1");
        var method = body.replaceAll("(?s).*?\"method\":\"([^\"]*)\".*", "$1");
        var field = switch (method) {
            case "tools/call", "prompts/get" -> "name";
            case "resources/read" -> "uri";
            default -> "";
        };
        var name = field.isEmpty() ? "" : body.replaceAll("(?s).*?\"" + field + "\":\"([^\"]*)\".*", "$1");
        return "\nMCP-Protocol-Version: " + version + "\nMcp-Method: " + method
                + (name.isEmpty() ? "" : "\nMcp-Name: " + name);
    }

    /** With other headers than those that belong to the body, each with a line break before it. */
    RawAnswer post(String body, String headers) {
        return RawClient.exchange(gate.port(), bareHead(body) + headers, body);
    }

    private String bareHead(String body) {
        return "POST /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + token
                + "\nContent-Type: application/json\nAccept: application/json, text/event-stream\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length;
    }
}
