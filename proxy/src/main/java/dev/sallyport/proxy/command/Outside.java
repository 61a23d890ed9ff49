package dev.sallyport.proxy.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** HTTP as a stranger speaks it: no redirects followed, ten seconds, at most a mebibyte. */
final class Outside {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 1024 * 1024;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** Either an answer, or in words why there is none. */
    sealed interface Result {
        record Answered(HttpResponse<byte[]> response, JsonNode body) implements Result {
            int status() {
                return response.statusCode();
            }

            Optional<String> header(String name) {
                return response.headers().firstValue(name);
            }

            Optional<Instant> date() {
                try {
                    return header("Date").map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
                } catch (DateTimeParseException _) {
                    return Optional.empty();
                }
            }
        }

        record Silent(String why) implements Result {}
    }

    Result get(URI address, Map<String, String> headers) {
        return send("GET", address, headers, "");
    }

    Result send(String method, URI address, Map<String, String> headers, String body) {
        var request = HttpRequest.newBuilder(address).timeout(TIMEOUT);
        headers.forEach(request::header);
        request.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return result(client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES)));
    }

    /** What comes before the body, which may have no end. */
    Result head(URI address, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(address).timeout(TIMEOUT);
        headers.forEach(request::header);
        return result(client.sendAsync(
                request.build(), _ -> BodySubscribers.mapping(BodySubscribers.ofInputStream(), Outside::nothing)));
    }

    private static byte[] nothing(InputStream body) {
        try {
            body.close();
        } catch (IOException _) {
            // It is not wanted.
        }
        return new byte[0];
    }

    private Result result(CompletableFuture<HttpResponse<byte[]>> answer) {
        try {
            var response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new Result.Answered(response, tree(response.body()));
        } catch (ExecutionException e) {
            return new Result.Silent(why(e.getCause() == null ? e : e.getCause()));
        } catch (TimeoutException _) {
            return new Result.Silent("no answer within " + TIMEOUT.toSeconds() + " s");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Result.Silent("interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    private JsonNode tree(byte[] body) {
        try {
            var node = json.readTree(body);
            return node == null ? MissingNode.getInstance() : node;
        } catch (IOException _) {
            return MissingNode.getInstance();
        }
    }

    private static String why(Throwable failure) {
        return switch (failure) {
            case java.net.ConnectException _ -> "nobody listens there, or a firewall is in between";
            case java.nio.channels.UnresolvedAddressException _ -> "the host name does not resolve";
            case SSLException tls -> "TLS fails (" + tls.getMessage() + ")";
            case java.net.http.HttpTimeoutException _ -> "no answer in time";
            default -> failure.getClass().getSimpleName();
        };
    }
}
