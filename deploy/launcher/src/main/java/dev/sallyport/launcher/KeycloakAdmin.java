package dev.sallyport.launcher;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/** The little that a launcher asks of Keycloak's admin API: make the realm if it is not there. */
record KeycloakAdmin(URI keycloak, String password) {

    private static final Pattern TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    void create(Realm realm) {
        if (Wait.answers(keycloak.resolve("/realms/" + Realm.NAME))) {
            return;
        }
        Say.step("Making the realm and two demo users");
        var answer = send(
                "/admin/realms",
                HttpRequest.newBuilder()
                        .header("Authorization", "Bearer " + token())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(realm.json())));
        if (answer.statusCode() != 201) {
            throw new Failure("Keycloak did not make the realm (status " + answer.statusCode()
                    + "). Its log is in the state folder under logs.");
        }
    }

    private String token() {
        var form = "grant_type=password&client_id=admin-cli&username=admin&password="
                + URLEncoder.encode(password, StandardCharsets.UTF_8);
        var answer = send(
                "/realms/master/protocol/openid-connect/token",
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
        var token = TOKEN.matcher(answer.body());
        if (answer.statusCode() != 200 || !token.find()) {
            throw new Failure(
                    "Keycloak's administrator could not log in: the state folder does not belong to its database."
                            + " Use another folder with --state, or remove this one to start afresh.");
        }
        return token.group(1);
    }

    private HttpResponse<String> send(String path, HttpRequest.Builder request) {
        try {
            return HTTP.send(
                    request.uri(keycloak.resolve(path))
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Failure("Keycloak did not answer: " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.");
        }
    }
}
