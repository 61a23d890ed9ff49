package dev.sallyport.suites.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.as.SigningKey;
import dev.sallyport.testkit.as.SigningKey.Algorithm;
import dev.sallyport.testkit.keycloak.LoginDriver.Client;
import dev.sallyport.testkit.keycloak.LoginDriver.Tokens;
import dev.sallyport.testkit.keycloak.TestRealm;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Machines that prove who they are by a signature ({@code private_key_jwt}, RFC 7523), and what does not prove it. */
@Tag("keycloak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SigningMachineTest {
    private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final GrantScene scene = new GrantScene();
    private final SigningKey key = SigningKey.generate(Algorithm.ES256);

    @BeforeAll
    void administer() {
        machine("signer", key);
        machine("other-signer", SigningKey.generate(Algorithm.ES256));
    }

    @AfterAll
    void remove() {
        scene.close();
    }

    @Test
    void a_signed_assertion_gets_a_token_for_one_server_with_the_sets_that_were_given() {
        var tokens = credentials(signed(claims(), key), Map.of());

        assertThat(tokens.ok()).isTrue();
        assertThat(tokens.claims().path("aud").asString()).isEqualTo(TestRealm.NOTES);
        assertThat(tokens.claims().path("client_id").asString()).isEqualTo("signer");
        assertThat(tokens.scopes()).containsExactly("notes:read");
    }

    @Test
    void the_rules_on_resource_and_scope_are_those_of_a_secret() {
        assertThat(credentials(signed(claims(), key), Map.of("resource", "https://elsewhere.test/mcp"))
                        .error())
                .isEqualTo("invalid_target");
        assertThat(credentials(signed(claims(), key), Map.of("scope", "notes:delete"))
                        .error())
                .isEqualTo("invalid_scope");
    }

    @Test
    void an_assertion_counts_once() {
        var assertion = signed(claims(), key);

        assertThat(credentials(assertion, Map.of()).ok()).isTrue();
        refused(credentials(assertion, Map.of()));
    }

    /** A claim and what it becomes; an empty text takes it away. */
    record Broken(String what, String claim, Object value) {
        private void in(Map<String, Object> claims) {
            if ("".equals(value)) {
                claims.remove(claim);
            } else {
                claims.put(claim, value);
            }
        }

        @Override
        public String toString() {
            return what;
        }
    }

    /** Everything that has to hold, each broken alone. */
    List<Broken> broken() {
        return List.of(
                new Broken("for an MCP server", "aud", TestRealm.NOTES),
                new Broken("for another realm", "aud", "https://elsewhere.test/realms/mcp"),
                new Broken("for several", "aud", List.of(scene.realm.url(""), "https://elsewhere.test/")),
                new Broken("for nobody", "aud", ""),
                new Broken("issued by another", "iss", "other-signer"),
                new Broken("about another", "sub", "other-signer"),
                new Broken("expired", "exp", Instant.now().minusSeconds(120).getEpochSecond()),
                new Broken("without an end", "exp", ""),
                new Broken("not yet", "nbf", Instant.now().plusSeconds(600).getEpochSecond()),
                new Broken("without a number", "jti", ""));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void an_assertion_that_does_not_hold_in_one_point_proves_nothing(Broken broken) {
        var claims = claims();
        broken.in(claims);

        refused(credentials(signed(claims, key), Map.of()));
    }

    @Test
    void only_the_registered_key_signs_and_only_by_its_own_algorithm() throws GeneralSecurityException {
        refused(credentials(
                signed(claims(), SigningKey.generate(Algorithm.ES256).withKid(key.kid())), Map.of()));
        refused(credentials(
                signed(claims(), SigningKey.generate(Algorithm.RS256).withKid(key.kid())), Map.of()));
        var unsigned = part(Map.of("alg", "none", "kid", key.kid())) + "." + part(claims()) + ".";
        refused(credentials(unsigned, Map.of()));
        var input = part(Map.of("alg", "HS256", "kid", key.kid())) + "." + part(claims());
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.publicKey().getEncoded(), "HmacSHA256"));
        refused(credentials(input + "." + encoded(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII))), Map.of()));
    }

    @Test
    void an_assertion_of_one_machine_is_not_taken_for_another() {
        refused(credentials(signed(claims(), key), Map.of("client_id", "other-signer")));
    }

    @Test
    void a_secret_does_not_stand_for_a_signature() {
        var secret = new Client("signer", "secret", "");

        refused(scene.alice.token(secret, Map.of("grant_type", "client_credentials", "resource", TestRealm.NOTES)));
    }

    private static void refused(Tokens tokens) {
        assertThat(tokens.answer().status()).isIn(400, 401);
        assertThat(tokens.error()).isIn("invalid_client", "unauthorized_client");
        assertThat(tokens.answer().body()).doesNotContain("access_token");
    }

    private void machine(String name, SigningKey signer) {
        var json = JsonMapper.shared();
        var client = json.createObjectNode()
                .put("clientId", name)
                .put("publicClient", false)
                .put("standardFlowEnabled", false)
                .put("serviceAccountsEnabled", true)
                .put("clientAuthenticatorType", "client-jwt");
        client.putObject("attributes")
                .put("use.jwks.string", "true")
                .put("jwks.string", json.writeValueAsString(Map.of("keys", List.of(signer.jwk()))));
        client.putArray("defaultClientScopes").add("basic").add("notes:read");
        scene.realm.server().admin().createClient(scene.realm.name(), client.toString());
    }

    private Map<String, Object> claims() {
        var now = Instant.now().getEpochSecond();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("iss", "signer");
        claims.put("sub", "signer");
        claims.put("aud", scene.realm.url(""));
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("iat", now);
        claims.put("exp", now + 30);
        return claims;
    }

    private static String signed(Map<String, Object> claims, SigningKey signer) {
        var header = Map.<String, Object>of("alg", signer.algorithm().wireName(), "kid", signer.kid(), "typ", "JWT");
        var input = part(header) + "." + part(claims);
        return input + "." + encoded(signer.sign(input.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String part(Map<String, Object> json) {
        return encoded(JsonMapper.shared().writeValueAsBytes(json));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Tokens credentials(String assertion, Map<String, String> more) {
        var form = new HashMap<>(Map.of("grant_type", "client_credentials", "resource", TestRealm.NOTES));
        form.put("client_assertion_type", ASSERTION);
        form.put("client_assertion", assertion);
        form.putAll(more);
        return new Tokens(scene.realm.form("/protocol/openid-connect/token", form, Map.of()));
    }
}
