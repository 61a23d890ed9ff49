package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.testkit.as.SigningKey;
import dev.sallyport.testkit.as.SigningKey.Algorithm;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.as.TestToken;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JwtTokensTest {

    private final TestAuthorizationServer issuer = TestAuthorizationServer.start();
    private final SigningKey key = issuer.key();
    private JwtTokens tokens = tokens();

    private JwtTokens tokens() {
        return new JwtTokens(
                Fixtures.settings(issuer, Fixtures.server()),
                new Revocations(InstantSource.system()),
                InstantSource.system());
    }

    @BeforeAll
    void start() {
        tokens = tokens();
    }

    @AfterAll
    void stop() {
        issuer.close();
    }

    /** A change to a sound token, or a text that is none, and what the audit event says of it. */
    record Change(String name, Function<TestToken, String> change, Reason reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Change change(String name, Reason reason, Function<TestToken, TestToken> change) {
        return new Change(name, token -> change.apply(token).sign(), reason);
    }

    private static Change text(String name, Reason reason, Function<TestToken, String> change) {
        return new Change(name, change, reason);
    }

    private static Change accepted(String name, Function<TestToken, TestToken> change) {
        return new Change(name, token -> change.apply(token).sign(), Reason.MALFORMED);
    }

    @Test
    void a_sound_token_proves_who_may_do_what() {
        var bearer = issuer.token(Fixtures.RESOURCE)
                .scope("notes:read", "notes:write")
                .claim("roles", List.of("editor"))
                .sign();

        var token = tokens.verify(bearer, Fixtures.server());

        assertThat(token.subject()).isEqualTo("8d2b3c44-0000-4000-8000-00000000a11c");
        assertThat(token.clientId()).isEqualTo("client-1");
        assertThat(token.issuer()).isEqualTo(issuer.issuer());
        assertThat(token.resource()).hasToString(Fixtures.RESOURCE);
        assertThat(token.scopes()).isEqualTo(Scopes.of("notes:read", "notes:write"));
        assertThat(token.grantId()).contains("4b1f7f0e-0000-4000-8000-000000000001");
        assertThat(token.sessionId()).contains("session-1");
        assertThat(token.roles()).contains(List.of("editor"));
        assertThat(token.groups()).isEmpty();
        assertThat(token.grantSecret()).isPresent();
        assertThat(token.toString()).doesNotContain("Z3JhbnQta2V5");
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"RS256", "PS256", "ES256", "EDDSA"})
    void each_algorithm_of_the_list_is_taken(Algorithm algorithm) {
        try (var other = TestAuthorizationServer.start()) {
            other.add(algorithm);
            var mine = new JwtTokens(
                    Fixtures.settings(other, Fixtures.server()),
                    new Revocations(InstantSource.system()),
                    InstantSource.system());

            assertThat(mine.verify(other.mint(Fixtures.RESOURCE, "a"), Fixtures.server())
                            .scopes())
                    .isEqualTo(Scopes.of("a"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"RS512", "ES384"})
    void no_other_algorithm_is_taken_even_with_a_published_key(Algorithm algorithm) {
        try (var other = TestAuthorizationServer.start()) {
            other.add(algorithm);
            var mine = new JwtTokens(
                    Fixtures.settings(other, Fixtures.server()),
                    new Revocations(InstantSource.system()),
                    InstantSource.system());

            assertThat(reason(mine, other.mint(Fixtures.RESOURCE))).isEqualTo(Reason.ALGORITHM);
        }
    }

    @ParameterizedTest
    @MethodSource
    void what_is_within_the_rules_is_taken(Change change) {
        var bearer = change.change().apply(issuer.token(Fixtures.RESOURCE));

        assertThat(tokens.verify(bearer, Fixtures.server()).subject()).isNotEmpty();
    }

    static Stream<Change> what_is_within_the_rules_is_taken() {
        var now = Instant.now().getEpochSecond();
        return Stream.of(
                accepted("as it comes", token -> token),
                accepted("type with its prefix", token -> token.header("typ", "application/at+jwt")),
                accepted("type in capitals", token -> token.header("typ", "AT+JWT")),
                accepted("Keycloak's type", token -> token.header("typ", "JWT").claim("typ", "Bearer")),
                accepted("both types", token -> token.claim("typ", "Bearer")),
                accepted("audience as a list of one", token -> token.claim("aud", List.of(Fixtures.RESOURCE))),
                accepted(
                        "expired within the skew",
                        token -> token.claim("exp", now - 10).claim("iat", now - 200)),
                accepted("issued within the skew", token -> token.claim("iat", now + 20)),
                accepted("not before within the skew", token -> token.claim("nbf", now + 20)),
                accepted("client_id only", token -> token.without("azp")),
                accepted("azp only", token -> token.without("client_id")),
                accepted("no scope", token -> token.without("scope")),
                accepted("no grant", token -> token.without("grant_id", "grant_key", "sid", "jti")),
                accepted(
                        "fifteen minutes",
                        token -> token.claim("exp", now + 900).claim("iat", now)),
                accepted(
                        "hints to keys that are not followed",
                        token -> token.header("jku", "https://evil.example/keys")
                                .header("x5u", "https://evil.example/cert")
                                .header("jwk", Map.of("kty", "oct", "k", "AAAA"))));
    }

    @ParameterizedTest
    @MethodSource
    void what_breaks_a_rule_is_refused_and_the_reason_is_known_inside(Change change) {
        var bearer = change.change().apply(issuer.token(Fixtures.RESOURCE));

        assertThat(reason(tokens, bearer)).isEqualTo(change.reason());
    }

    Stream<Change> what_breaks_a_rule_is_refused_and_the_reason_is_known_inside() {
        return Stream.of(malformed(), signatures(), claims(), times()).flatMap(List::stream);
    }

    private static List<Change> malformed() {
        return List.of(
                text("nothing", Reason.MALFORMED, _ -> ""),
                text("any text", Reason.MALFORMED, _ -> "sk-anything-at-all"),
                text("two segments", Reason.MALFORMED, token -> token.input()),
                text("four segments", Reason.MALFORMED, token -> token.sign() + ".AAAA"),
                text("an empty segment", Reason.MALFORMED, token -> token.sign().replace(".", "..")),
                text("padding", Reason.MALFORMED, token -> token.sign() + "="),
                text("a line break", Reason.MALFORMED, token -> token.sign() + "\n"),
                text("a space before", Reason.MALFORMED, token -> " " + token.sign()),
                text("base64 instead of base64url", Reason.MALFORMED, token -> token.input() + ".+/+/"),
                text("a second spelling of the signature", Reason.MALFORMED, JwtTokensTest::respelled),
                text("five parts, as if encrypted", Reason.MALFORMED, _ -> "a.b.c.d.e"),
                text(
                        "too long",
                        Reason.MALFORMED,
                        token -> token.claim("x", "y".repeat(20_000)).sign()),
                change("a header that is a list", Reason.MALFORMED, token -> token.headerText(_ -> "[]")),
                change("claims that are text", Reason.MALFORMED, token -> token.claimsText(_ -> "\"x\"")),
                change("no JSON", Reason.MALFORMED, token -> token.claimsText(_ -> "{")),
                change("bytes after the claims", Reason.MALFORMED, token -> token.claimsText(text -> text + "{}")),
                change(
                        "a claim twice",
                        Reason.MALFORMED,
                        token -> token.claimsText(text -> "{\"sub\":\"eve\"," + text.substring(1))),
                change(
                        "a header twice",
                        Reason.MALFORMED,
                        token -> token.headerText(text -> "{\"alg\":\"RS256\"," + text.substring(1))),
                change(
                        "deep claims",
                        Reason.MALFORMED,
                        token -> token.claimsText(
                                text -> "{\"a\":" + "[".repeat(50) + "]".repeat(50) + "," + text.substring(1))),
                change("a critical extension", Reason.MALFORMED, token -> token.header("crit", List.of("exp"))),
                change("an unencoded payload", Reason.MALFORMED, token -> token.header("b64", false)),
                change("a compressed payload", Reason.MALFORMED, token -> token.header("zip", "DEF")),
                change("scope as a list", Reason.MALFORMED, token -> token.claim("scope", List.of("a"))),
                change("a scope that breaks a header", Reason.MALFORMED, token -> token.claim("scope", "a\"b")),
                change("roles as text", Reason.MALFORMED, token -> token.claim("roles", "admin")),
                change("a subject with a line break", Reason.MALFORMED, token -> token.subject("a\nb")),
                change("a subject that is a number", Reason.MALFORMED, token -> token.claim("sub", 1)),
                change("a time that is text", Reason.MALFORMED, token -> token.claim("exp", "9999999999")),
                change("a time before time", Reason.MALFORMED, token -> token.claim("nbf", -1)));
    }

    private List<Change> signatures() {
        var stranger = SigningKey.generate(Algorithm.RS256);
        return List.of(
                text("no algorithm", Reason.MALFORMED, TestToken::unsigned),
                text("none with a signature", Reason.ALGORITHM, token -> token.unsigned() + "AAAA"),
                change("none in other letters", Reason.ALGORITHM, token -> token.header("alg", "nOnE")),
                change("an algorithm in small letters", Reason.ALGORITHM, token -> token.header("alg", "rs256")),
                change("an algorithm that is a number", Reason.ALGORITHM, token -> token.header("alg", 1)),
                change("no algorithm at all", Reason.ALGORITHM, token -> token.withoutHeader("alg")),
                text("a MAC with the public key", Reason.ALGORITHM, TestToken::macWithPublicKey),
                change("another algorithm than the key's", Reason.UNKNOWN_KEY, token -> token.header("alg", "PS256")),
                change("another kind of key", Reason.UNKNOWN_KEY, token -> token.header("alg", "ES256")),
                change("an unknown key", Reason.UNKNOWN_KEY, token -> token.signedBy(stranger)),
                change(
                        "an unknown key that it brings along",
                        Reason.UNKNOWN_KEY,
                        token -> token.signedBy(stranger).header("jwk", stranger.jwk())),
                change("a stranger under a known key id", Reason.SIGNATURE, token -> token.forgedBy(stranger)),
                change(
                        "a stranger without a key id",
                        Reason.SIGNATURE,
                        token -> token.forgedBy(stranger).withoutHeader("kid")),
                text("other claims under the signature", Reason.SIGNATURE, token -> {
                    var signature = token.sign();
                    return token.subject("eve").input() + signature.substring(signature.lastIndexOf('.'));
                }),
                text("a signature cut short", Reason.SIGNATURE, token -> {
                    var bearer = token.sign();
                    return bearer.substring(0, bearer.length() - 42);
                }));
    }

    private static List<Change> claims() {
        return List.of(
                change("another issuer", Reason.ISSUER, token -> token.claim("iss", "https://evil.example/realms/mcp")),
                change(
                        "the issuer in capitals",
                        Reason.ISSUER,
                        token -> token.claim("iss", "HTTP://127.0.0.1/realms/mcp")),
                change("no issuer", Reason.ISSUER, token -> token.without("iss")),
                change("a list of issuers", Reason.MALFORMED, token -> token.claim("iss", List.of("a"))),
                change("no audience", Reason.AUDIENCE, token -> token.without("aud")),
                change("an empty list of audiences", Reason.AUDIENCE, token -> token.claim("aud", List.of())),
                change(
                        "another server's audience",
                        Reason.AUDIENCE,
                        token -> token.claim("aud", "https://mcp.example.com/wiki/mcp")),
                change("a parent's audience", Reason.AUDIENCE, token -> token.claim("aud", "https://mcp.example.com")),
                change(
                        "the audience with a slash",
                        Reason.AUDIENCE,
                        token -> token.claim("aud", Fixtures.RESOURCE + "/")),
                change(
                        "the audience in capitals",
                        Reason.AUDIENCE,
                        token -> token.claim("aud", "https://MCP.example.com/notes/mcp")),
                change(
                        "one audience too many",
                        Reason.AUDIENCE,
                        token -> token.claim("aud", List.of(Fixtures.RESOURCE, "account"))),
                change(
                        "an audience twice",
                        Reason.AUDIENCE,
                        token -> token.claim("aud", List.of(Fixtures.RESOURCE, Fixtures.RESOURCE))),
                change(
                        "an ID token",
                        Reason.TYPE,
                        token -> token.header("typ", "JWT").claim("typ", "ID")),
                change("an ID token in disguise", Reason.TYPE, token -> token.claim("typ", "ID")),
                change(
                        "a refresh token",
                        Reason.TYPE,
                        token -> token.header("typ", "JWT").claim("typ", "Refresh")),
                change(
                        "an offline token",
                        Reason.TYPE,
                        token -> token.header("typ", "JWT").claim("typ", "Offline")),
                change("a logout token", Reason.TYPE, token -> token.header("typ", "logout+jwt")),
                change("a JWT of no type", Reason.TYPE, token -> token.header("typ", "JWT")),
                change(
                        "no type at all",
                        Reason.TYPE,
                        token -> token.withoutHeader("typ").claim("typ", "Bearer")),
                change("events", Reason.TYPE, token -> token.claim("events", Map.of("a", "b"))),
                change("a nonce", Reason.TYPE, token -> token.claim("nonce", "n")),
                change("bound to a key", Reason.TYPE, token -> token.claim("cnf", Map.of("jkt", "x"))),
                change("no subject", Reason.SUBJECT, token -> token.without("sub")),
                change("an empty subject", Reason.MALFORMED, token -> token.subject(" ")),
                change("no client", Reason.CLIENT, token -> token.without("azp", "client_id")),
                change("two clients", Reason.CLIENT, token -> token.claim("azp", "client-2")));
    }

    private static List<Change> times() {
        var now = Instant.now().getEpochSecond();
        return List.of(
                change(
                        "expired",
                        Reason.EXPIRED,
                        token -> token.claim("exp", now - 40).claim("iat", now - 300)),
                change("no expiry", Reason.EXPIRED, token -> token.without("exp")),
                change(
                        "issued in the future",
                        Reason.NOT_YET_VALID,
                        token -> token.claim("iat", now + 90).claim("exp", now + 200)),
                change("not yet valid", Reason.NOT_YET_VALID, token -> token.claim("nbf", now + 90)),
                change("no time of issue", Reason.LIFETIME, token -> token.without("iat")),
                change(
                        "expires before it is issued",
                        Reason.LIFETIME,
                        token -> token.claim("iat", now + 20).claim("exp", now + 10)),
                change("lives too long", Reason.LIFETIME, token -> token.claim("exp", now + 3600)),
                change("lives for ever", Reason.LIFETIME, token -> token.claim("exp", 253_402_300_799L)));
    }

    @Test
    void a_token_is_remembered_for_its_own_resource_only() {
        var bearer = issuer.mint(Fixtures.RESOURCE);
        var other = Fixtures.server("https://mcp.example.com/wiki/mcp", java.util.Optional.empty());

        tokens.verify(bearer, Fixtures.server());

        assertThat(tokens.remembered(bearer, Fixtures.server().resource())).isPresent();
        assertThat(tokens.remembered(bearer, other.resource())).isEmpty();
        assertThatThrownBy(() -> tokens.verify(bearer, other)).isInstanceOf(Refused.class);
    }

    @Test
    void a_refused_token_is_not_remembered() {
        var bearer = issuer.token(Fixtures.RESOURCE)
                .forgedBy(SigningKey.generate(Algorithm.RS256))
                .sign();

        assertThat(reason(tokens, bearer)).isEqualTo(Reason.SIGNATURE);

        assertThat(tokens.remembered(bearer, Fixtures.server().resource())).isEmpty();
        assertThat(key.kid()).isNotEmpty();
    }

    private static String respelled(TestToken token) {
        var bearer = token.sign();
        var last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                .indexOf(bearer.charAt(bearer.length() - 1));
        return bearer.substring(0, bearer.length() - 1)
                + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(last ^ 1);
    }

    private static Reason reason(JwtTokens tokens, String bearer) {
        var refused = catchThrowableOfType(Refused.class, () -> tokens.verify(bearer, Fixtures.server()));
        assertThat(refused).isNotNull();
        assertThat(refused.refusal()).isInstanceOf(Refusal.InvalidToken.class);
        return ((Refusal.InvalidToken) refused.refusal()).reason();
    }
}
