package dev.sallyport.testkit.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A fresh realm as a proxy would leave it: two MCP servers published, {@code notes} and {@code calendar}, and a user
 * {@code alice} with the password {@code alice}.
 */
public final class TestRealm implements AutoCloseable {
    public static final String NOTES = "https://gate.test/notes/mcp";
    public static final String CALENDAR = "https://gate.test/calendar/mcp";
    public static final String USER = "alice";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Published by {@link #create}: {@code notes:read} is the default set, the others are asked for by name. */
    public static final String REGISTRY = """
            {"publicUrl": "https://gate.test", "servers": [
              {"name": "notes", "resource": "https://gate.test/notes/mcp", "title": "Team notes",
               "description": "Notes of the team", "connect": "none", "permissionSets": [
                {"name": "read", "scope": "notes:read", "title": "Read your notes", "description": "List, search and read.",
                 "default": true, "effect": "read", "tools": ["list_*", "get_*"], "includes": [], "roles": [], "groups": []},
                {"name": "write", "scope": "notes:write", "title": "Write notes", "description": "Create and change.",
                 "default": false, "effect": "change", "tools": ["create_note"], "includes": ["read"], "roles": [], "groups": []},
                {"name": "delete", "scope": "notes:delete", "title": "Delete notes", "description": "For good.",
                 "default": false, "effect": "delete", "tools": ["delete_note"], "includes": [], "roles": [], "groups": []}]},
              {"name": "calendar", "resource": "https://gate.test/calendar/mcp", "title": "Calendar",
               "description": "", "connect": "none", "permissionSets": [
                {"name": "read", "scope": "calendar:read", "title": "Read your calendar", "description": "See appointments.",
                 "default": true, "effect": "read", "tools": ["list_events"], "includes": [], "roles": [], "groups": []}]}]}
            """;

    private final KeycloakServer server;
    private final String name;
    private final String userId;

    /** An answer with its status and its body, read as JSON where it is JSON. */
    public record Answer(int status, String body, Map<String, String> headers) {
        public JsonNode json() {
            return JSON.readTree(body);
        }
    }

    private TestRealm(KeycloakServer server, String name, String userId) {
        this.server = server;
        this.name = name;
        this.userId = userId;
    }

    public static TestRealm create(KeycloakServer server) {
        var name = "t" + UUID.randomUUID().toString().substring(0, 8);
        server.admin().createRealm(name);
        var user = server.admin().createUser(name, USER, USER);
        var realm = new TestRealm(server, name, user);
        realm.publish(REGISTRY);
        return realm;
    }

    public String name() {
        return name;
    }

    public String userId() {
        return userId;
    }

    public KeycloakServer server() {
        return server;
    }

    /** {@code http://127.0.0.1:port/realms/name}, followed by the path. */
    public String url(String path) {
        return server.url() + "/realms/" + name + path;
    }

    public Answer publish(String registry) {
        var answer =
                send("PUT", url("/sallyport/registry"), registry, Map.of("Authorization", "Bearer " + proxyToken()));
        if (answer.status() != 200) {
            throw new IllegalStateException("registry not published: " + answer);
        }
        return answer;
    }

    /** An access token of the proxy's service client. */
    public String proxyToken() {
        var basic = Base64.getEncoder()
                .encodeToString(("sallyport-proxy:" + KeycloakSetup.PROXY_SECRET).getBytes(StandardCharsets.UTF_8));
        var answer = form(
                "/protocol/openid-connect/token",
                Map.of("grant_type", "client_credentials"),
                Map.of("Authorization", "Basic " + basic));
        return answer.json().path("access_token").asString();
    }

    /** Posts a form to a path of this realm. */
    public Answer form(String path, Map<String, String> fields, Map<String, String> headers) {
        var all = new java.util.HashMap<>(headers);
        all.put("Content-Type", "application/x-www-form-urlencoded");
        return send("POST", url(path), KeycloakAdmin.form(fields), all);
    }

    public Answer get(String path, Map<String, String> headers) {
        return send("GET", url(path), "", headers);
    }

    /** Sends a body, as JSON unless the headers say otherwise. Redirects are not followed. */
    public static Answer send(String method, String url, String body, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(URI.create(url)).method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty() && !headers.containsKey("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        try {
            var answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            var first = new java.util.TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            answer.headers().map().forEach((header, values) -> first.put(header, values.getFirst()));
            return new Answer(answer.statusCode(), answer.body(), first);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.admin().deleteRealm(name);
    }
}
