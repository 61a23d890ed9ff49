package dev.sallyport.proxy.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls the extension's service endpoints as the proxy's own client: gets a token by client credentials, keeps it while
 * it lives, gets another when it is refused. Blocks; belongs on virtual threads. Follows no redirect, reads at most 4 MiB.
 */
public final class ServiceClient {

    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofSeconds(20);

    private final KeycloakSettings keycloak;
    private final Secrets secrets;
    private final InstantSource clock;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private volatile Optional<ServiceToken> token = Optional.empty();

    private record ServiceToken(Secret value, Instant until) {}

    /** An answer: its status, its JSON (missing where there is none), and the time at which Keycloak says it was. */
    public record Reply(int status, JsonNode body, Instant date) {

        /** What Keycloak says is wrong; for logs. */
        String problem() {
            var text = body.path("error_description").asText(body.path("error").asText(""));
            return status + (text.isEmpty() ? "" : " " + text.replaceAll("\\p{Cntrl}", " "));
        }
    }

    /** Keycloak cannot be reached, or does not let us in. The message is for logs and holds no secret. */
    public static final class Failure extends Exception {

        private static final long serialVersionUID = 1L;

        Failure(String message) {
            super(message);
        }
    }

    public ServiceClient(KeycloakSettings keycloak, Secrets secrets, InstantSource clock) {
        this.keycloak = keycloak;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** {@code path} begins after {@code /realms/{realm}/sallyport}; any status is an answer except a refused token. */
    public Reply call(String method, String path, Optional<String> body, Duration timeout) throws Failure {
        var known = token;
        var reply = call(method, path, body, timeout, bearer());
        if (reply.status() == 401 && known.isPresent()) {
            token = Optional.empty();
            reply = call(method, path, body, timeout, bearer());
        }
        return reply;
    }

    private Reply call(String method, String path, Optional<String> body, Duration timeout, Secret bearer)
            throws Failure {
        BodyPublisher content = body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody);
        var request = HttpRequest.newBuilder(realm("/sallyport" + path))
                .header("Authorization", "Bearer " + bearer.revealText())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .timeout(timeout)
                .method(method, content)
                .build();
        return send(request, timeout);
    }

    private Secret bearer() throws Failure {
        var current = token;
        if (current.isPresent() && clock.instant().isBefore(current.get().until())) {
            return current.get().value();
        }
        var reply = send(tokenRequest(), TIMEOUT);
        var value = reply.body().path("access_token").asText("");
        if (reply.status() != 200 || value.isEmpty()) {
            throw new Failure("Keycloak gives the client " + keycloak.clientId() + " no token: " + reply.problem()
                    + "; check authorizationServer.clientId and clientSecret");
        }
        var life = Duration.ofSeconds(reply.body().path("expires_in").asLong(60));
        var until = clock.instant()
                .plus(life.compareTo(MARGIN.multipliedBy(2)) > 0 ? life.minus(MARGIN) : life.dividedBy(2));
        var fresh = new ServiceToken(Secret.of(value), until);
        token = Optional.of(fresh);
        return fresh.value();
    }

    private HttpRequest tokenRequest() throws Failure {
        try {
            var credentials = encode(keycloak.clientId()) + ":"
                    + encode(secrets.read(keycloak.secret()).revealText());
            return HttpRequest.newBuilder(realm("/protocol/openid-connect/token"))
                    .header(
                            "Authorization",
                            "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .timeout(TIMEOUT)
                    .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                    .build();
        } catch (SecretUnreadable e) {
            throw new Failure(e.getMessage() == null ? "the client secret cannot be read" : e.getMessage());
        }
    }

    private Reply send(HttpRequest request, Duration timeout) throws Failure {
        var answer = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            var response = answer.get(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS);
            return new Reply(response.statusCode(), body(response), date(response));
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new Failure("Keycloak at " + keycloak.url() + " does not answer ("
                    + cause.getClass().getSimpleName() + ")");
        } catch (TimeoutException _) {
            throw new Failure("Keycloak at " + keycloak.url() + " does not answer in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    private JsonNode body(HttpResponse<byte[]> response) {
        try {
            return response.body().length == 0 ? MissingNode.getInstance() : json.readTree(response.body());
        } catch (IOException _) {
            return MissingNode.getInstance();
        }
    }

    private Instant date(HttpResponse<byte[]> response) {
        try {
            return response.headers()
                    .firstValue("Date")
                    .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)))
                    .orElseGet(clock::instant);
        } catch (DateTimeParseException _) {
            return clock.instant();
        }
    }

    private URI realm(String path) {
        return URI.create(keycloak.url() + "/realms/" + keycloak.realm() + path);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
