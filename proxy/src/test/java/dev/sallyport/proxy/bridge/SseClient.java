package dev.sallyport.proxy.bridge;

import dev.sallyport.proxy.boot.RunningGate;
import dev.sallyport.testkit.wire.RawAnswer;
import dev.sallyport.testkit.wire.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A client of HTTP+SSE as it was in 2024-11-05, byte by byte: one stream, and an address to post to. */
final class SseClient implements AutoCloseable {

    private static final Pattern ENDPOINT = Pattern.compile("event: endpoint\ndata: (\\S+)\n\n");
    private static final Pattern ID = Pattern.compile("id: (\\S+)\n");

    private final RunningGate gate;
    private final String token;
    private final RawClient stream;
    private final StringBuilder heard = new StringBuilder();
    private final RawAnswer head;
    private String endpoint = "";
    private String lastId = "";

    private SseClient(RunningGate gate, String token, String path, String more) {
        this.gate = gate;
        this.token = token;
        stream = RawClient.connect(gate.port())
                .send(
                        "GET " + path + " HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + token
                                + "\nAccept: text/event-stream" + more,
                        "");
        head = stream.head();
        if (head.status() == 200) {
            endpoint = in(ENDPOINT, until("event: endpoint"));
        }
    }

    /** Opens the stream beside the server's own address. */
    static SseClient open(RunningGate gate, String token) {
        return at(gate, token, "/notes/mcp/sse", "");
    }

    static SseClient at(RunningGate gate, String token, String path, String more) {
        return new SseClient(gate, token, path, more);
    }

    /** One that has begun, and declares everything. */
    static SseClient begun(RunningGate gate, String token) {
        var client = open(gate, token);
        client.begin();
        return client;
    }

    String begin() {
        post("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2024-11-05\","
                + "\"capabilities\":" + LegacyClient.ALL + ",\"clientInfo\":{\"name\":\"old\",\"version\":\"1\"}}}");
        var answer = until("\"id\":0");
        post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        return answer;
    }

    RawAnswer head() {
        return head;
    }

    String endpoint() {
        return endpoint;
    }

    /** The id of the event that came last. */
    String lastId() {
        return lastId;
    }

    RawAnswer post(String body) {
        return post(body, token, endpoint);
    }

    RawAnswer post(String body, String byToken, String to) {
        return RawClient.exchange(
                gate.port(),
                "POST " + to + " HTTP/1.1\nHost: " + RunningGate.HOST + "\nAuthorization: Bearer " + byToken
                        + "\nContent-Type: application/json\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length,
                body);
    }

    /** What comes until this text is among it; what was heard before is not looked at again. */
    String until(String text) {
        for (var chunks = 0; heard.indexOf(text) < 0 || heard.indexOf("\n\n", heard.indexOf(text)) < 0; chunks++) {
            var next = stream.chunk();
            if (next.isEmpty() || chunks > 50) {
                throw new AssertionError("instead of " + text + " came " + heard);
            }
            heard.append(next);
        }
        var end = heard.indexOf("\n\n", heard.indexOf(text)) + 2;
        var events = heard.substring(0, end);
        heard.delete(0, end);
        var ids = ID.matcher(events);
        while (ids.find()) {
            lastId = ids.group(1);
        }
        return events;
    }

    /** True if the stream is at its end, or comes to it before we have heard too much. */
    boolean isOver() {
        for (var chunks = 0; chunks < 20; chunks++) {
            var chunk = stream.chunk();
            if (chunk.isEmpty()) {
                return true;
            }
            heard.append(chunk);
        }
        return false;
    }

    private static String in(Pattern pattern, String text) {
        var found = pattern.matcher(text);
        if (!found.find()) {
            throw new AssertionError(text);
        }
        return found.group(1);
    }

    @Override
    public void close() {
        stream.close();
    }
}
