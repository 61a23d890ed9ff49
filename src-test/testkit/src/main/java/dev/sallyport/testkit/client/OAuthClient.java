package dev.sallyport.testkit.client;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** A public client, registered by itself, with one redirect URI. Every request can carry more or other parameters. */
public final class OAuthClient {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonMapper JSON = new JsonMapper();

    private final Discovered discovered;
    private final String clientId;
    private final String redirectUri;

    public OAuthClient(Discovered discovered, String clientId, String redirectUri) {
        this.discovered = discovered;
        this.clientId = clientId;
        this.redirectUri = redirectUri;
    }

    /** Registers as the SDKs do: public, code and refresh token, one redirect URI. */
    public static OAuthClient register(Discovered discovered, String name, String redirectUri) {
        var answer = registration(
                discovered,
                Map.of(
                        "client_name", name,
                        "redirect_uris", List.of(redirectUri),
                        "grant_types", List.of("authorization_code", "refresh_token"),
                        "response_types", List.of("code"),
                        "token_endpoint_auth_method", "none"));
        if (answer.status() != 201) {
            throw new AssertionError("registration: " + answer.status() + " " + answer.body());
        }
        return new OAuthClient(discovered, answer.json().path("client_id").asString(), redirectUri);
    }

    /** Registers with this metadata and gives the plain answer. */
    public static Answer registration(Discovered discovered, Map<String, ?> metadata) {
        return Http.postJson(discovered.registrationEndpoint(), JSON.writeValueAsString(metadata));
    }

    public Discovered discovered() {
        return discovered;
    }

    public String clientId() {
        return clientId;
    }

    public String redirectUri() {
        return redirectUri;
    }

    /** A sound authorization request for this scope (none when empty), with fresh state and verifier. */
    public AuthorizationRequest authorization(String scope) {
        var verifier = random(32);
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("response_type", "code");
        parameters.put("client_id", clientId);
        parameters.put("redirect_uri", redirectUri);
        parameters.put("state", random(16));
        parameters.put("code_challenge", sha256(verifier));
        parameters.put("code_challenge_method", "S256");
        parameters.put("resource", discovered.resource());
        if (!scope.isEmpty()) {
            parameters.put("scope", scope);
        }
        return new AuthorizationRequest(discovered.authorizationEndpoint(), verifier, parameters);
    }

    /** Exchanges what the browser brought back; a wrong {@code state} or {@code iss} fails here, as in a good client. */
    public Tokens exchange(AuthorizationRequest request, URI callback) {
        var parameters = AuthorizationRequest.parametersOf(callback);
        if (!request.parameters().getOrDefault("state", "").equals(parameters.get("state"))) {
            throw new AssertionError("state does not match in " + callback);
        }
        if (!discovered.issuer().equals(parameters.get("iss"))) {
            throw new AssertionError("iss is not " + discovered.issuer() + " in " + callback);
        }
        var code = parameters.get("code");
        if (code == null) {
            throw new AssertionError("no code in " + callback);
        }
        return Tokens.of(token(codeForm(request, code)));
    }

    /** The form with which a code is exchanged, to be sent by {@link #token} as it is or bent. */
    public Map<String, String> codeForm(AuthorizationRequest request, String code) {
        return with(
                Map.of("client_id", clientId, "redirect_uri", redirectUri, "resource", discovered.resource()),
                "grant_type",
                "authorization_code",
                "code",
                code,
                "code_verifier",
                request.verifier());
    }

    public Map<String, String> refreshForm(String refreshToken) {
        return with(
                Map.of("client_id", clientId, "resource", discovered.resource()),
                "grant_type",
                "refresh_token",
                "refresh_token",
                refreshToken);
    }

    public Tokens refresh(Tokens tokens) {
        return Tokens.of(token(refreshForm(tokens.refreshToken())));
    }

    /** Posts this form to the token endpoint and gives the plain answer. */
    public Answer token(Map<String, String> form) {
        return Http.postForm(discovered.tokenEndpoint(), form);
    }

    /** These parameters and those: name, value, name, value. An empty value takes a parameter away. */
    public static Map<String, String> with(Map<String, String> parameters, String... changes) {
        var all = new LinkedHashMap<>(parameters);
        for (var i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        return all.entrySet().stream()
                .filter(parameter -> !parameter.getValue().isEmpty())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, _) -> one, LinkedHashMap::new));
    }

    static String random(int bytes) {
        var value = new byte[bytes];
        RANDOM.nextBytes(value);
        return base64(value);
    }

    /** The S256 challenge of this verifier (RFC 7636 section 4.2). */
    public static String sha256(String verifier) {
        try {
            return base64(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] value) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
    }

    /** The scopes of this text, one each. */
    public static List<String> scopes(String scope) {
        return Arrays.stream(scope.split(" ")).filter(each -> !each.isEmpty()).toList();
    }
}
