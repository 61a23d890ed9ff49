package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A client of Streamable HTTP as it was from 2025-03-26 to 2025-11-25, byte by byte. */
final class LegacyClient {

    static final String ALL =
            "{\"elicitation\":{\"form\":{},\"url\":{}},\"sampling\":{},\"roots\":{\"listChanged\":true}}";

    private final RunningGate gate;
    private final String token;
    private Optional<String> session = Optional.empty();

    LegacyClient(RunningGate gate, String token) {
        this.gate = gate;
        this.token = token;
    }

    /** One that has begun a session, declares everything, and belongs to this person. */
    static LegacyClient of(RunningGate gate, String person) {
        return of(gate, person, "client-of-" + person);
    }

    static LegacyClient of(RunningGate gate, String person, String clientId) {
        var token = gate.authorizationServer()
                .token(RunningGate.RESOURCE)
                .scope("notes:all")
                .subject(person)
                .client(clientId)
                .sign();
        var client = new LegacyClient(gate, token);
        client.begin("2025-11-25", ALL);
        return client;
    }

    RawAnswer begin(String version, String capabilities) {
        var answer = post("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\""
                + version + "\",\"capabilities\":" + capabilities
                + ",\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}");
        session = answer.header("mcp-session-id");
        if (session.isPresent()) {
            post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        }
        return answer;
    }

    String session() {
        return session.orElseThrow();
    }

    /** The same session in other hands. */
    LegacyClient with(String otherToken) {
        var other = new LegacyClient(gate, otherToken);
        other.session = session;
        return other;
    }

    /** The same session at another node. */
    LegacyClient at(RunningGate another) {
        var other = new LegacyClient(another, token);
        other.session = session;
        return other;
    }

    RawAnswer post(String body) {
        return RawClient.exchange(gate.port(), head("POST", body, ""), body);
    }

    /** Sends and leaves the answer to be read. */
    RawClient open(String body) {
        return RawClient.connect(gate.port()).send(head("POST", body, ""), body);
    }

    RawClient listen(String more) {
        return RawClient.connect(gate.port()).send(head("GET", "", more), "");
    }

    RawAnswer delete() {
        return RawClient.exchange(gate.port(), head("DELETE", "", ""), "");
    }

    /** What the tool says, of an answer that is all there is. */
    String tool(String name, String text) {
        var answer = post(call(1, name, text));
        var start = answer.body().indexOf("\"text\":\"");
        var from = answer.body().indexOf("\"text\":\"", start + 1);
        var at = (from < 0 ? start : from) + "\"text\":\"".length();
        if (start < 0) {
            throw new AssertionError(answer);
        }
        return answer.body().substring(at, answer.body().indexOf('"', at));
    }

    /** What comes until this text is among it. */
    static String until(RawClient stream, String text) {
        var events = new StringBuilder();
        for (var chunks = 0; events.indexOf(text) < 0; chunks++) {
            var next = stream.chunk();
            if (next.isEmpty() || chunks > 20) {
                throw new AssertionError("instead of " + text + " came " + events);
            }
            events.append(next);
        }
        return events.toString();
    }

    static String call(int id, String tool, String text) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":{\"text\":\"" + text + "\"}}}";
    }

    private String head(String method, String body, String more) {
        return method + " /notes/mcp HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + token
                + "\nContent-Type: application/json\nAccept: application/json, text/event-stream\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length
                + session.map(id -> "\nMcp-Session-Id: " + id).orElse("") + more;
    }
}
