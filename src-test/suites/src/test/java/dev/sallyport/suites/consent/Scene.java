package dev.sallyport.suites.consent;

import dev.sallyport.testkit.keycloak.PlainBrowser;
import dev.sallyport.testkit.keycloak.SharedKeycloak;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A realm with MCP servers and a person, and clients that come to it with authorization requests. */
final class Scene implements AutoCloseable {
    static final String WEB = "https://app.test/callback";
    static final String LOOPBACK = "http://127.0.0.1:39517/callback";
    static final String ALL = "notes:read notes:write notes:delete";

    /** S256 of {@link #VERIFIER} (RFC 7636 appendix B). */
    static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private static final JsonMapper JSON = JsonMapper.shared();

    final TestRealm realm = TestRealm.create(SharedKeycloak.server());

    /** A client as registration would have made it; returns its identifier. */
    String client(String clientId, String name, String... redirectUris) {
        var client = JSON.createObjectNode()
                .put("clientId", clientId)
                .put("name", name)
                .put("publicClient", true)
                .put("consentRequired", true)
                .put("fullScopeAllowed", false)
                .put("standardFlowEnabled", true);
        if (clientId.startsWith("https://")) {
            // As after a fetch of the document, which is still fresh.
            client.putObject("attributes")
                    .put("sallyport.client", "document")
                    .put(
                            "sallyport.document.expires",
                            Long.toString(Instant.now().plus(Duration.ofDays(1)).getEpochSecond()));
        }
        var uris = client.putArray("redirectUris");
        List.of(redirectUris).forEach(uris::add);
        client.putArray("defaultClientScopes").add("basic");
        var optional = client.putArray("optionalClientScopes");
        List.of("notes:read", "notes:write", "notes:delete", "calendar:read").forEach(optional::add);
        realm.server().admin().createClient(realm.name(), client.toString());
        return clientId;
    }

    /** An authorization request for the notes server. */
    String request(String clientId, String redirectUri, String scope) {
        return request(clientId, redirectUri, scope, Map.of());
    }

    String request(String clientId, String redirectUri, String scope, Map<String, String> more) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", clientId);
        parameters.put("redirect_uri", redirectUri);
        parameters.put("resource", TestRealm.NOTES);
        parameters.put("state", "s-t-a-t-e");
        parameters.put("code_challenge", CHALLENGE);
        parameters.put("code_challenge_method", "S256");
        if (!scope.isEmpty()) {
            parameters.put("scope", scope);
        }
        parameters.putAll(more);
        return realm.url("/protocol/openid-connect/auth?") + encoded(parameters);
    }

    /** What Keycloak's own consent of the person to a client says, as its admin API and account console show it. */
    List<String> consented(String clientId) {
        for (var consent : realm.server().admin().get("/" + realm.name() + "/users/" + realm.userId() + "/consents")) {
            if (consent.path("clientId").asString().equals(clientId)) {
                return consent.path("grantedClientScopes")
                        .valueStream()
                        .map(JsonNode::asString)
                        .filter(scope -> !scope.equals("offline_access"))
                        .sorted()
                        .toList();
            }
        }
        return List.of();
    }

    /** From the page to the client, with these sets ticked. */
    PlainBrowser.Page allow(PlainBrowser browser, PlainBrowser.Page page, String... scopes) {
        var fields = new ArrayList<Map.Entry<String, String>>();
        List.of(scopes).forEach(scope -> fields.add(Map.entry("scope", scope)));
        fields.add(Map.entry("decision", "allow"));
        return browser.submit(page, fields);
    }

    /** From an authorization request through the login to the page after it. */
    PlainBrowser.Page login(PlainBrowser browser, String request) {
        var page = browser.open(request);
        return page.body().contains("name=\"password\"") ? browser.login(page, TestRealm.USER, TestRealm.USER) : page;
    }

    /** The scope of the tokens that a code is good for. */
    String scopeOf(String clientId, PlainBrowser.Page left) {
        return exchange(
                        clientId,
                        left.parameter("code"),
                        left.url().substring(0, left.url().indexOf('?')))
                .json()
                .path("scope")
                .asString();
    }

    TestRealm.Answer exchange(String clientId, String code, String redirectUri) {
        return realm.form(
                "/protocol/openid-connect/token",
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "client_id",
                        clientId,
                        "code",
                        code,
                        "redirect_uri",
                        redirectUri,
                        "code_verifier",
                        VERIFIER,
                        "resource",
                        TestRealm.NOTES),
                Map.of());
    }

    static String encoded(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> URLEncoder.encode(parameter.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    @Override
    public void close() {
        realm.close();
    }
}
