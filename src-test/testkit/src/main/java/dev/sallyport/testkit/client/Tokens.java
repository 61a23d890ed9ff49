package dev.sallyport.testkit.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the token endpoint gave. A record of test tokens: it prints them. */
public record Tokens(String accessToken, String refreshToken, List<String> scopes, long expiresIn) {

    private static final JsonMapper JSON = new JsonMapper();

    public Tokens {
        scopes = List.copyOf(scopes);
    }

    /** Anything but a sound answer fails the test. */
    static Tokens of(Answer answer) {
        if (answer.status() != 200) {
            throw new AssertionError("token endpoint: " + answer.status() + " " + answer.body());
        }
        var json = answer.json();
        return new Tokens(
                json.path("access_token").asString(),
                json.path("refresh_token").asString(""),
                OAuthClient.scopes(json.path("scope").asString("")),
                json.path("expires_in").asLong());
    }

    /** The claims of the access token, unverified. */
    public JsonNode claims() {
        var payload = accessToken.split("\\.", 3)[1];
        return JSON.readTree(new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8));
    }
}
