package dev.sallyport.suites.imitation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.suites.product.Stack;
import dev.sallyport.testkit.client.Answer;
import dev.sallyport.testkit.client.AuthorizationRequest;
import dev.sallyport.testkit.client.Discovered;
import dev.sallyport.testkit.client.Http;
import dev.sallyport.testkit.client.OAuthClient;
import dev.sallyport.testkit.keycloak.PlainBrowser;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One person's use of an imitated client against the running product, step by step. */
final class Imitated {

    /** A client registers once: registrations are limited, and applications keep theirs. */
    private static final Map<String, JsonNode> REGISTERED = new ConcurrentHashMap<>();

    private static final Pattern BOX =
            Pattern.compile("<input type=\"checkbox\" name=\"scope\" value=\"([^\"]*)\"[^>]*>");

    private final Imitation client;
    private final URI server;
    private final Stack.User user;
    private final PlainBrowser browser = new PlainBrowser();
    private final Map<String, String> known = new LinkedHashMap<>();
    private final JsonNode authorizationServer;
    private final JsonNode registered;
    private final String verifier = "v".repeat(43) + UUID.randomUUID();

    private Imitated(Imitation client, Stack stack, Stack.User user) {
        this.client = client;
        this.server = stack.notes();
        this.user = user;
        this.authorizationServer = discover();
        this.registered = REGISTERED.computeIfAbsent(client.name(), _ -> register());
    }

    /** A fresh browser, and the client as far as it gets without a person: discovery and registration. */
    static Imitated start(Imitation client, Stack stack, Stack.User user) {
        return new Imitated(client, stack, user);
    }

    private JsonNode discover() {
        known.put("{resource}", server.toString());
        known.put("{challenge}", "");
        known.put("{supported}", "");
        JsonNode found = null;
        for (var step : client.discovery()) {
            var words = step.split(" ", -1);
            var at = server.resolve(words[1]);
            var answer = words[0].equals("POST") ? post(at, "", "initialize", initialization()) : get(at);
            assertThat(answer.status()).as(step).isEqualTo(Integer.parseInt(words[2]));
            answer.header("WWW-Authenticate")
                    .flatMap(challenge -> Discovered.parameter(challenge, "scope"))
                    .ifPresent(scope -> known.put("{challenge}", scope));
            if (answer.status() == 200 && words[0].equals("GET")) {
                var document = answer.json();
                if (document.has("token_endpoint")) {
                    found = document;
                    known.put("{authorization server}", words(document.path("scopes_supported")));
                } else {
                    known.put("{resource}", document.path("resource").asString());
                    known.put("{supported}", words(document.path("scopes_supported")));
                }
            }
        }
        if (found == null) {
            throw new AssertionError(client + " found no authorization server");
        }
        return found;
    }

    private JsonNode register() {
        var answer = Http.send(request(endpoint("registration_endpoint"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(client.registration().toString())));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        var given = answer.json();
        client.registration()
                .path("redirect_uris")
                .forEach(uri -> assertThat(words(given.path("redirect_uris")).split(" "))
                        .contains(uri.asString()));
        return given;
    }

    /** Sends the person to the authorization endpoint, through the login if need be; the page or where it ends. */
    PlainBrowser.Page ask(String scope) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", registered.path("client_id").asString());
        parameters.put("redirect_uri", client.redirectUri());
        parameters.put("state", state());
        parameters.put("code_challenge", OAuthClient.sha256(verifier));
        parameters.put("code_challenge_method", "S256");
        filled(client.authorization()).forEach(parameters::put);
        parameters.put("scope", scope);
        parameters.values().removeIf(String::isEmpty);
        var request = new AuthorizationRequest(endpoint("authorization_endpoint"), verifier, parameters);
        var page = browser.open(request.url().toString());
        return page.body().contains("name=\"password\"") ? browser.login(page, user.username(), user.password()) : page;
    }

    /** The scope that the client asks for at first. */
    String scope() {
        return filled(client.authorization()).getOrDefault("scope", "");
    }

    static List<String> offered(PlainBrowser.Page page) {
        return BOX.matcher(page.body()).results().map(box -> box.group(1)).toList();
    }

    static List<String> ticked(PlainBrowser.Page page) {
        return BOX.matcher(page.body())
                .results()
                .filter(box -> box.group().contains(" checked"))
                .map(box -> box.group(1))
                .toList();
    }

    /** The person agrees to these sets; gives what the token endpoint then gives for the code. */
    JsonNode allow(PlainBrowser.Page page, List<String> scopes) {
        var fields = new ArrayList<Map.Entry<String, String>>();
        fields.add(Map.entry("decision", "allow"));
        scopes.forEach(scope -> fields.add(Map.entry("scope", scope)));
        var left = browser.submit(page, fields);
        assertThat(left.url()).startsWith(client.redirectUri());
        assertThat(left.parameter("state")).isEqualTo(state());
        assertThat(left.parameter("iss"))
                .isEqualTo(authorizationServer.path("issuer").asString());
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", left.parameter("code"));
        form.put("redirect_uri", client.redirectUri());
        form.put("code_verifier", verifier);
        form.putAll(filled(client.token()));
        return token(form);
    }

    JsonNode refresh(String refreshToken) {
        var form = new LinkedHashMap<>(Map.of("grant_type", "refresh_token", "refresh_token", refreshToken));
        form.putAll(filled(client.refresh()));
        return token(form);
    }

    private JsonNode token(Map<String, String> form) {
        var request = request(endpoint("token_endpoint")).header("Content-Type", "application/x-www-form-urlencoded");
        var id = registered.path("client_id").asString();
        var secret = registered.path("client_secret").asString("");
        if (client.tokenEndpointAuth().equals("client_secret_basic")) {
            var pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        } else {
            form.put("client_id", id);
        }
        if (client.tokenEndpointAuth().equals("client_secret_post")) {
            form.put("client_secret", secret);
        }
        var answer = Http.send(request.POST(HttpRequest.BodyPublishers.ofString(AuthorizationRequest.query(form))));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    /** Initializes a session with this token, lists the tools, and calls {@code list_notes}; the names of the tools. */
    List<String> use(String accessToken) {
        var initialized = post(server, accessToken, "initialize", initialization());
        assertThat(initialized.status()).as(initialized.body()).isEqualTo(200);
        var session = initialized.header("Mcp-Session-Id").orElse("");
        var tools = result(call(accessToken, session, "tools/list", "{}")).path("tools");
        var called = result(call(accessToken, session, "tools/call", "{\"name\":\"list_notes\",\"arguments\":{}}"));
        assertThat(called.path("isError").asBoolean(false)).isFalse();
        assertThat(called.path("content").path(0).path("text").asString()).isNotBlank();
        return tools.valueStream().map(tool -> tool.path("name").asString()).toList();
    }

    /** The scope that a refused call is told to ask for. */
    String demanded(String accessToken) {
        var session = post(server, accessToken, "initialize", initialization())
                .header("Mcp-Session-Id")
                .orElse("");
        var refused = call(
                accessToken,
                session,
                "tools/call",
                "{\"name\":\"create_note\",\"arguments\":{\"title\":\"t\",\"text\":\"t\"}}");
        assertThat(refused.status()).isEqualTo(403);
        var challenge = refused.header("WWW-Authenticate").orElse("");
        assertThat(challenge).contains("error=\"insufficient_scope\"");
        return Discovered.parameter(challenge, "scope").orElse("");
    }

    private Answer call(String accessToken, String session, String method, String parameters) {
        return post(server, accessToken, method, parameters, "Mcp-Session-Id", session);
    }

    private Answer post(URI at, String accessToken, String method, String parameters, String... headers) {
        var request = request(at)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .header("MCP-Protocol-Version", client.protocolVersion());
        if (!accessToken.isEmpty()) {
            request.header("Authorization", "Bearer " + accessToken);
        }
        for (var i = 0; i < headers.length; i += 2) {
            if (!headers[i + 1].isEmpty()) {
                request.header(headers[i], headers[i + 1]);
            }
        }
        return Http.send(request.POST(HttpRequest.BodyPublishers.ofString(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + parameters + "}")));
    }

    private Answer get(URI at) {
        return Http.send(request(at)
                .header("Accept", "application/json")
                .header("MCP-Protocol-Version", client.protocolVersion())
                .GET());
    }

    private HttpRequest.Builder request(URI at) {
        return Http.request(at, "User-Agent", client.userAgent());
    }

    private String initialization() {
        return "{\"protocolVersion\":\"" + client.protocolVersion()
                + "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"imitation\",\"version\":\"1\"}}";
    }

    private static JsonNode result(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var streamed = answer.header("Content-Type").orElse("").startsWith("text/event-stream");
        var json = streamed
                ? answer.body()
                        .lines()
                        .filter(line -> line.startsWith("data:"))
                        .map(line -> line.substring("data:".length()).strip())
                        .reduce("", (_, last) -> last)
                : answer.body();
        return new JsonMapper().readTree(json).path("result");
    }

    private String state() {
        return client.state().isEmpty() ? "state-of-" + verifier : client.state();
    }

    private Map<String, String> filled(Map<String, String> parameters) {
        var all = new LinkedHashMap<String, String>();
        parameters.forEach((name, value) -> {
            var text = value;
            for (var each : known.entrySet()) {
                text = text.replace(each.getKey(), each.getValue());
            }
            all.put(name, text);
        });
        return all;
    }

    private URI endpoint(String name) {
        return URI.create(authorizationServer.path(name).asString());
    }

    private static String words(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).collect(Collectors.joining(" "));
    }
}
