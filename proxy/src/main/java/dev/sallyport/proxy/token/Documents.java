package dev.sallyport.proxy.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Fetches small JSON documents from authorization servers: no redirects, no more than 512 KiB, no longer than 5 s. */
final class Documents {

    private static final int MAX_BYTES = 512 * 1024;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** The document, or empty if there is no sound one; the caller says what that means. */
    Optional<JsonNode> get(URI address) {
        var request = HttpRequest.newBuilder(address)
                .header("Accept", "application/json")
                .timeout(TIMEOUT)
                .build();
        var answer = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            var response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return response.statusCode() == 200
                    ? Optional.ofNullable(json.readTree(response.body()))
                    : Optional.empty();
        } catch (ExecutionException | TimeoutException | JsonProcessingException _) {
            answer.cancel(true);
            return Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException _) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
