package dev.sallyport.testkit.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keycloak's admin API as far as tests need it. Paths begin after {@code /admin/realms}: {@code /mcp/clients}. Every
 * answer that is not a success is an exception with the whole answer in its message.
 */
public final class KeycloakAdmin {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String url;

    KeycloakAdmin(String url) {
        this.url = url;
    }

    /** An enabled realm in which everybody may use http; the extension prepares it as any other. */
    public void createRealm(String realm) {
        importRealm(JSON.createObjectNode()
                .put("realm", realm)
                .put("enabled", true)
                .put("sslRequired", "none")
                .toString());
    }

    /** From a realm representation, as {@code kc.sh import} takes it. */
    public void importRealm(String json) {
        post("", json);
    }

    public void deleteRealm(String realm) {
        delete("/" + realm);
    }

    /** A user who can log in at once: password set, nothing left to do, with the realm's default roles. Returns the id. */
    public String createUser(String realm, String username, String password) {
        var user = JSON.createObjectNode()
                .put("username", username)
                .put("enabled", true)
                .put("email", username + "@example.test")
                .put("emailVerified", true)
                .put("firstName", "First")
                .put("lastName", "Last");
        user.putArray("credentials")
                .addObject()
                .put("type", "password")
                .put("value", password)
                .put("temporary", false);
        return post("/" + realm + "/users", user.toString());
    }

    /** From a client representation; returns the internal id. */
    public String createClient(String realm, String json) {
        return post("/" + realm + "/clients", json);
    }

    /** The representation of a client by its OAuth {@code client_id}; an exception if there is none. */
    public JsonNode client(String realm, String clientId) {
        var found = get("/" + realm + "/clients?clientId=" + encode(clientId));
        if (found.isEmpty()) {
            throw new IllegalStateException("no client " + clientId);
        }
        return found.get(0);
    }

    public boolean hasClient(String realm, String clientId) {
        return !get("/" + realm + "/clients?clientId=" + encode(clientId)).isEmpty();
    }

    public void logout(String realm, String userId) {
        post("/" + realm + "/users/" + userId + "/logout", "{}");
    }

    public JsonNode get(String path) {
        return JSON.readTree(send("GET", path, "").body());
    }

    /** Returns the last part of {@code Location} if the answer has one, else the body. */
    public String post(String path, String json) {
        var answer = send("POST", path, json);
        return answer.headers()
                .firstValue("Location")
                .map(location -> location.substring(location.lastIndexOf('/') + 1))
                .orElseGet(answer::body);
    }

    public void put(String path, String json) {
        send("PUT", path, json);
    }

    public void delete(String path) {
        send("DELETE", path, "");
    }

    /** For the few deletions that say in a body what to delete. */
    public void delete(String path, String json) {
        send("DELETE", path, json);
    }

    private HttpResponse<String> send(String method, String path, String body) {
        var request = HttpRequest.newBuilder(URI.create(url + "/admin/realms" + path))
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return successful(request);
    }

    /** A fresh one each time: they live for a minute, tests longer. */
    private String token() {
        var form = Map.of(
                "grant_type",
                "password",
                "client_id",
                "admin-cli",
                "username",
                KeycloakServer.ADMIN,
                "password",
                KeycloakServer.ADMIN_PASSWORD);
        var request = HttpRequest.newBuilder(URI.create(url + "/realms/master/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(form)))
                .build();
        return JSON.readTree(successful(request).body()).path("access_token").asString();
    }

    private static HttpResponse<String> successful(HttpRequest request) {
        try {
            var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        request.method() + " " + request.uri() + " -> " + answer.statusCode() + " " + answer.body());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** {@code application/x-www-form-urlencoded}; also good for a query. */
    public static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
