package dev.sallyport.testkit.keycloak;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A person at a plain browser who lets clients have tokens: logs in when asked, ticks what the test says, and hands over
 * the code. The person stays logged in from one authorization to the next, as in a browser.
 */
public final class LoginDriver {
    /** S256 of {@link #VERIFIER} (RFC 7636 appendix B). */
    public static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    public static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TOKEN = "/protocol/openid-connect/token";

    private final TestRealm realm;
    private final String username;
    private final String password;
    private final PlainBrowser browser = new PlainBrowser();

    /** A client as a test knows it; the secret is empty for a public one. */
    public record Client(String clientId, String secret, String redirectUri) {}

    /** What the token endpoint answered, with the parts that tests look at. It prints tokens: of tests only. */
    public record Tokens(TestRealm.Answer answer) {
        public boolean ok() {
            return answer.status() == 200;
        }

        public String access() {
            return answer.json().path("access_token").asString("");
        }

        public String refresh() {
            return answer.json().path("refresh_token").asString("");
        }

        public List<String> scopes() {
            var scope = answer.json().path("scope").asString("");
            return scope.isEmpty() ? List.of() : List.of(scope.split(" ", -1));
        }

        public String error() {
            return answer.json().path("error").asString("");
        }

        /** The claims of the access token, unverified. */
        public JsonNode claims() {
            return claimsOf(access());
        }
    }

    public LoginDriver(TestRealm realm) {
        this(realm, TestRealm.USER, TestRealm.USER);
    }

    public LoginDriver(TestRealm realm, String username, String password) {
        this.realm = realm;
        this.username = username;
        this.password = password;
    }

    public PlainBrowser browser() {
        return browser;
    }

    /** A public client as registration would make it, with this redirect URI. */
    public static Client client(TestRealm realm, String clientId, String redirectUri) {
        var client = JSON.createObjectNode()
                .put("clientId", clientId)
                .put("name", "Client " + clientId)
                .put("publicClient", true)
                .put("consentRequired", true)
                .put("fullScopeAllowed", false)
                .put("standardFlowEnabled", true);
        client.putArray("redirectUris").add(redirectUri);
        client.putArray("defaultClientScopes").add("basic");
        realm.server().admin().createClient(realm.name(), client.toString());
        return new Client(clientId, "", redirectUri);
    }

    /** Authorizes, agrees to these scopes, and exchanges the code. Without scopes to tick, all that is offered is. */
    public Tokens connect(Client client, String resource, String scope, String... ticked) {
        return exchange(client, resource, code(client, resource, scope, ticked));
    }

    /** The code that the client's redirect URI got. */
    public String code(Client client, String resource, String scope, String... ticked) {
        var left = authorize(client, resource, scope, ticked);
        if (!left.left() || left.parameter("code").isEmpty()) {
            throw new IllegalStateException("no code: " + left.url() + " " + left.status() + "\n" + left.body());
        }
        return left.parameter("code");
    }

    /** From the authorization request to where the browser ends up. */
    public PlainBrowser.Page authorize(Client client, String resource, String scope, String... ticked) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", client.clientId());
        parameters.put("redirect_uri", client.redirectUri());
        parameters.put("resource", resource);
        parameters.put("state", "state");
        parameters.put("code_challenge", CHALLENGE);
        parameters.put("code_challenge_method", "S256");
        if (!scope.isEmpty()) {
            parameters.put("scope", scope);
        }
        return agree(browser.open(realm.url("/sallyport/authorize?" + encoded(parameters))), scope, ticked);
    }

    /** Through the login and the consent page, whichever there are. */
    public PlainBrowser.Page agree(PlainBrowser.Page first, String scope, String... ticked) {
        var page = first;
        if (page.body().contains("name=\"password\"")) {
            page = browser.login(page, username, password);
        }
        if (page.left() || !page.body().contains("name=\"decision\"")) {
            return page;
        }
        var fields = new ArrayList<Map.Entry<String, String>>();
        fields.add(Map.entry("decision", "allow"));
        for (var each : ticked.length == 0 ? scope.split(" ", -1) : ticked) {
            fields.add(Map.entry("scope", each));
        }
        return browser.submit(page, fields);
    }

    public Tokens exchange(Client client, String resource, String code) {
        return token(
                client,
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        code,
                        "redirect_uri",
                        client.redirectUri(),
                        "code_verifier",
                        VERIFIER,
                        "resource",
                        resource));
    }

    public Tokens refresh(Client client, String refreshToken) {
        return refresh(client, refreshToken, Map.of());
    }

    public Tokens refresh(Client client, String refreshToken, Map<String, String> more) {
        var form = new LinkedHashMap<>(Map.of("grant_type", "refresh_token", "refresh_token", refreshToken));
        form.putAll(more);
        return token(client, form);
    }

    /** RFC 7009 at our endpoint. */
    public TestRealm.Answer revoke(Client client, String token) {
        return realm.form("/sallyport/revoke", withClient(client, Map.of("token", token)), Map.of());
    }

    /** Any form to the token endpoint, with the client's own authentication. */
    public Tokens token(Client client, Map<String, String> form) {
        return new Tokens(realm.form(TOKEN, withClient(client, form), Map.of()));
    }

    private static Map<String, String> withClient(Client client, Map<String, String> form) {
        var all = new LinkedHashMap<>(form);
        all.put("client_id", client.clientId());
        if (!client.secret().isEmpty()) {
            all.put("client_secret", client.secret());
        }
        return all;
    }

    /** The claims of a token, unverified. */
    public static JsonNode claimsOf(String token) {
        var payload = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
        return JSON.readTree(new String(payload, StandardCharsets.UTF_8));
    }

    private static String encoded(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter ->
                        parameter.getKey() + "=" + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
