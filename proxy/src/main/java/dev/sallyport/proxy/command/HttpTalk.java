package dev.sallyport.proxy.command;

import dev.sallyport.proxy.mcp.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Streamable HTTP: one POST for each message, answered by JSON or by an event stream. */
final class HttpTalk implements ServerTalk {

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI url;
    private final Map<String, String> headers;
    private Optional<String> session = Optional.empty();
    private Optional<String> version = Optional.empty();

    HttpTalk(URI url, Map<String, String> headers) {
        this.url = url;
        this.headers = Map.copyOf(headers);
    }

    @Override
    public Optional<JsonText> send(String message) throws IOException {
        var json = JsonText.strict(message.getBytes(StandardCharsets.UTF_8));
        var request = HttpRequest.newBuilder(url)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(message));
        headers.forEach(request::setHeader);
        session.ifPresent(id -> request.setHeader("Mcp-Session-Id", id));
        version.ifPresent(name -> request.setHeader("MCP-Protocol-Version", name));
        modernHeaders(json).forEach(request::setHeader);
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try (var body = response.body()) {
            session = response.headers().firstValue("Mcp-Session-Id").or(() -> session);
            return answer(response, body, json.member("id").map(JsonText::json).map(Integer::valueOf));
        }
    }

    /** From now on every request names the revision that was agreed on. */
    void speak(String revision) {
        version = Optional.of(revision);
    }

    /** What 2026-07-28 repeats of the body; older revisions have nothing of it in the body. */
    private static Map<String, String> modernHeaders(JsonText message) {
        var revision = message.member("params")
                .flatMap(params -> params.member("_meta"))
                .flatMap(meta -> meta.member("io.modelcontextprotocol/protocolVersion"))
                .flatMap(JsonText::string);
        var method = message.member("method").flatMap(JsonText::string);
        return revision.isPresent() && method.isPresent()
                ? Map.of("MCP-Protocol-Version", revision.get(), "Mcp-Method", method.get())
                : Map.of();
    }

    private static Optional<JsonText> answer(HttpResponse<?> response, InputStream body, Optional<Integer> id)
            throws IOException {
        var status = response.statusCode();
        if (status == 401 || status == 403) {
            throw new Unusable("the server wants a credential (" + status
                    + "): give it as --header \"Name: value\"; it is not written anywhere");
        }
        if (status / 100 != 2) {
            throw new Unusable("the server answered with status " + status);
        }
        if (id.isEmpty()) {
            return Optional.empty();
        }
        var type = response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        var answer = type.startsWith("text/event-stream")
                ? fromEvents(body, id.get())
                : ServerTalk.answer(new String(body.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8), id.get());
        if (answer.isEmpty()) {
            throw new Unusable("the server ended its answer without a result");
        }
        return answer;
    }

    private static Optional<JsonText> fromEvents(InputStream body, int id) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        var data = new StringBuilder();
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data:")) {
                data.append(line.substring(5).stripLeading()).append('\n');
            } else if (line.isEmpty() && data.toString().isBlank()) {
                // An event without data only names a place to resume from (MCP 2025-11-25, Streamable HTTP).
                data.setLength(0);
            } else if (line.isEmpty()) {
                var answer = ServerTalk.answer(data.toString(), id);
                if (answer.isPresent()) {
                    return answer;
                }
                data.setLength(0);
            }
            if (data.length() > MAX_ANSWER) {
                throw new Unusable("the server's answer is too long");
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        session.ifPresent(id -> {
            var request = HttpRequest.newBuilder(url).timeout(PATIENCE).DELETE().setHeader("Mcp-Session-Id", id);
            headers.forEach(request::setHeader);
            try {
                client.send(request.build(), HttpResponse.BodyHandlers.discarding());
            } catch (IOException _) {
                // The server forgets the session by itself, later.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        client.shutdownNow();
    }
}
