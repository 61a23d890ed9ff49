package dev.sallyport.suites.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.Http;
import java.net.URI;
import java.net.http.HttpRequest;

/** Messages as a client of 2025-11-25 could send them, whatever an SDK would not. */
record Session(URI server, String token, String id) {

    Session(URI server, String token) {
        this(server, token, begin(server, token));
    }

    static String message(String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    Answer send(String body) {
        return post(server, token, body, id);
    }

    private static String begin(URI server, String token) {
        var answer = post(server, token, message("initialize", """
                {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"policy","version":"1"}}"""), "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.header("Mcp-Session-Id").orElse("");
    }

    private static Answer post(URI server, String token, String body, String session) {
        var request = Http.request(server, "Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .header("MCP-Protocol-Version", "2025-11-25");
        if (!session.isEmpty()) {
            request.header("Mcp-Session-Id", session);
        }
        return Http.send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
    }
}
