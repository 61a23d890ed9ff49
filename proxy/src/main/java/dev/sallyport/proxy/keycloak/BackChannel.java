package dev.sallyport.proxy.keycloak;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.pages.Accounts.AccountsUnavailable;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** Requests to one realm with the proxy's own credentials. Blocks; bounded in time and size. */
final class BackChannel {

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration SPARE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KeycloakSettings keycloak;
    private final Secrets secrets;
    private final InstantSource clock;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final AtomicReference<Optional<Held>> token = new AtomicReference<>(Optional.empty());

    private record Held(Secret token, Instant until) {}

    /** A status and a body that is JSON, or an empty object. */
    record Answer(int status, JsonNode body) {}

    BackChannel(KeycloakSettings keycloak, Secrets secrets, InstantSource clock) {
        this.keycloak = keycloak;
        this.secrets = secrets;
        this.clock = clock;
    }

    KeycloakSettings keycloak() {
        return keycloak;
    }

    /** A request to an endpoint of our extension, as the service client. */
    Answer send(String method, String path) {
        var request = HttpRequest.newBuilder(
                        URI.create(keycloak.url() + "/realms/" + keycloak.realm() + "/sallyport" + path))
                .header("Authorization", "Bearer " + serviceToken().revealText())
                .method(method, HttpRequest.BodyPublishers.noBody());
        return exchange(request);
    }

    /** A form to an endpoint of our extension, as the service client. */
    Answer send(String method, String path, Map<String, String> parameters) {
        var request = HttpRequest.newBuilder(
                        URI.create(keycloak.url() + "/realms/" + keycloak.realm() + "/sallyport" + path))
                .header("Authorization", "Bearer " + serviceToken().revealText())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .method(method, HttpRequest.BodyPublishers.ofString(form(parameters)));
        return exchange(request);
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** A request to the token endpoint with the client's secret (RFC 6749 section 2.3.1). */
    Answer token(Map<String, String> parameters) {
        var request = HttpRequest.newBuilder(keycloak.tokenEndpoint())
                .header("Authorization", basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(parameters)));
        return exchange(request);
    }

    private Secret serviceToken() {
        var held = token.get().filter(one -> clock.instant().isBefore(one.until()));
        return held.isPresent() ? held.get().token() : newServiceToken();
    }

    private Secret newServiceToken() {
        var answer = token(Map.of("grant_type", "client_credentials"));
        if (answer.status() != 200) {
            throw new AccountsUnavailable("the proxy's client was refused with status " + answer.status());
        }
        var fresh = Secret.of(answer.body().path("access_token").asText());
        var life =
                Duration.ofSeconds(answer.body().path("expires_in").asLong(60)).minus(SPARE);
        token.set(Optional.of(new Held(fresh, clock.instant().plus(life))));
        return fresh;
    }

    private String basic() {
        try {
            var id = encode(keycloak.clientId()) + ":";
            return secrets.read(keycloak.secret()).reveal(secret -> {
                var encoded = encode(new String(secret, StandardCharsets.UTF_8));
                return "Basic " + Base64.getEncoder().encodeToString((id + encoded).getBytes(StandardCharsets.UTF_8));
            });
        } catch (SecretUnreadable e) {
            throw new AccountsUnavailable("the proxy's client secret cannot be read");
        }
    }

    private Answer exchange(HttpRequest.Builder request) {
        try {
            var response = http.send(request.timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofByteArray());
            var body = response.body();
            var json = body.length == 0 ? JSON.createObjectNode() : json(body);
            Arrays.fill(body, (byte) 0);
            return new Answer(response.statusCode(), json);
        } catch (IOException e) {
            throw new AccountsUnavailable(
                    "Keycloak does not answer: " + e.getClass().getSimpleName());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new AccountsUnavailable("interrupted");
        }
    }

    private static JsonNode json(byte[] body) throws IOException {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException _) {
            // Its message quotes the text, which may hold a token.
            return JSON.createObjectNode();
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
