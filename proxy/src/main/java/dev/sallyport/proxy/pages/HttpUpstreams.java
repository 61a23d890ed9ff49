package dev.sallyport.proxy.pages;

import dev.sallyport.proxy.credential.ConnectedCredentials;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.vault.Connection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Tries a credential with the first request of every MCP session, {@code initialize}, or the event stream that comes
 * before it in HTTP+SSE: a server that wants credentials refuses it without them. The session that it may open is closed again.
 */
public final class HttpUpstreams implements Upstreams {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",\
            "capabilities":{},"clientInfo":{"name":"sallyport","version":"1"}}}""";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    @Override
    public Tried tryOut(ServerSettings server, Connection connection) {
        if (!(server.credential() instanceof CredentialSettings.Connectable settings)) {
            return new Tried.Unreachable();
        }
        return switch (server.upstream()) {
            case UpstreamSettings.Url(var url) ->
                tryOut(
                        HttpRequest.newBuilder(url)
                                .header("Content-Type", "application/json")
                                .header("Accept", "application/json, text/event-stream")
                                .POST(HttpRequest.BodyPublishers.ofString(INITIALIZE)),
                        settings,
                        connection);
            case UpstreamSettings.Sse(var url) ->
                tryOut(HttpRequest.newBuilder(url).header("Accept", "text/event-stream"), settings, connection);
            case UpstreamSettings.Command _ -> new Tried.NotTried();
        };
    }

    private Tried tryOut(HttpRequest.Builder request, CredentialSettings.Connectable settings, Connection connection) {
        request.timeout(LIMIT);
        var credential = ConnectedCredentials.headers(settings, connection);
        if (!credential.query().isEmpty()) {
            var url = request.build().uri();
            var query = credential.query(Optional.ofNullable(url.getRawQuery()));
            request.uri(URI.create(url.toString().split("\\?", 2)[0] + "?" + query));
        }
        for (var header : credential.headers()) {
            request.header(header.name(), header.value().revealText());
        }
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            // The head is enough, and an event stream has no end.
            answer.body().close();
            var status = answer.statusCode();
            if (status == 401 || status == 403) {
                return new Tried.Rejected();
            }
            return status < 500 ? new Tried.Accepted() : new Tried.Unreachable();
        } catch (IOException | IllegalArgumentException _) {
            return new Tried.Unreachable();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Tried.Unreachable();
        }
    }
}
