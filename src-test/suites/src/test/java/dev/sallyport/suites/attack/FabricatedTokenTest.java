package dev.sallyport.suites.attack;

import static dev.sallyport.suites.attack.Target.LIST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testkit.as.SigningKey;
import dev.sallyport.testkit.as.TestToken;
import dev.sallyport.testkit.client.Http;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody without a sound token reaches nothing, by no method and on no path (CVE-2026-59822, CVE-2026-77244). */
@Tag("attack")
@ExtendWith(Target.Extension.class)
final class FabricatedTokenTest {

    record Forgery(String name, Function<TestToken, String> forge) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Forgery> forgeries() {
        var stranger = SigningKey.generate(SigningKey.Algorithm.RS256);
        return Stream.of(
                new Forgery(
                        "signed by a stranger who names our key",
                        token -> token.forgedBy(stranger).sign()),
                new Forgery(
                        "signed by a stranger's key",
                        token -> token.signedBy(stranger).sign()),
                new Forgery("alg none", TestToken::unsigned),
                new Forgery("HMAC with the public key", TestToken::macWithPublicKey),
                new Forgery(
                        "expired",
                        token -> token.expiresIn(Duration.ofMinutes(-5)).sign()),
                new Forgery("without exp", token -> token.without("exp").sign()),
                new Forgery("without sub", token -> token.without("sub").sign()),
                new Forgery("without aud", token -> token.without("aud").sign()),
                new Forgery(
                        "of another issuer",
                        token -> token.claim("iss", "https://evil.example").sign()),
                new Forgery("without an issuer", token -> token.without("iss").sign()),
                new Forgery(
                        "an ID token",
                        token -> token.header("typ", "JWT").claim("typ", "ID").sign()),
                new Forgery(
                        "a refresh token",
                        token -> token.header("typ", "JWT")
                                .claim("typ", "Refresh")
                                .sign()),
                new Forgery(
                        "a logout token",
                        token -> token.header("typ", "logout+jwt").sign()),
                new Forgery(
                        "with crit",
                        token -> token.header("crit", java.util.List.of("exp")).sign()),
                new Forgery(
                        "with a key inside",
                        token -> token.header("jwk", java.util.Map.of("kty", "RSA"))
                                .forgedBy(stranger)
                                .sign()),
                new Forgery(
                        "with a key's address inside",
                        token -> token.header("jku", "http://127.0.0.1:1/jwks")
                                .forgedBy(stranger)
                                .sign()),
                new Forgery(
                        "a claim changed afterwards",
                        token -> changed(token.scope("alpha:read").sign())),
                new Forgery("the signature cut off", token -> token.sign().replaceFirst("\\.[^.]*$", ".")));
    }

    @ParameterizedTest
    @MethodSource("forgeries")
    void a_forged_token_opens_nothing_and_learns_nothing(Forgery forgery, Target target) {
        var token = forgery.forge()
                .apply(target.gate()
                        .authorizationServer()
                        .token(target.gate().server("alpha").toString())
                        .scope("alpha:read", "alpha:delete"));

        var answer = target.post(token, LIST);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate").orElseThrow())
                .startsWith("Bearer ")
                .contains("error=\"invalid_token\"")
                .contains("resource_metadata=\"");
        target.nothingWasSent();
    }

    @Test
    void every_reason_gets_the_same_answer(Target target) {
        var answers = forgeries()
                .map(forgery -> forgery.forge()
                        .apply(target.gate()
                                .authorizationServer()
                                .token(target.gate().server("alpha").toString())))
                .map(token -> target.post(token, LIST))
                .map(answer -> answer.status()
                        + answer.header("WWW-Authenticate").orElse("")
                        + answer.body().replaceAll("[0-9a-f-]{16,}", ""))
                .distinct();

        assertThat(answers).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "PROPFIND", "TRACE"})
    void no_method_passes_without_a_token(String method, Target target) {
        var answer = Http.send(Http.request(target.gate().server("alpha"))
                .method(method, method.equals("POST") ? BodyPublishers.ofString(LIST) : BodyPublishers.noBody()));

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate").orElseThrow()).startsWith("Bearer ");
        target.nothingWasSent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "/sse", "/message", "/message?sessionId=1", "/tasks/1", "/.well-known/x", "/health"})
    void no_path_below_a_server_passes_without_a_token(String path, Target target) {
        var answer = Http.postJson(java.net.URI.create(target.gate().server("alpha") + path), LIST);

        assertThat(answer.status()).isEqualTo(401);
        target.nothingWasSent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Bearer", "Bearer ", "Basic YTpi", "bearer null", "DPoP x", "Bearer undefined"})
    void no_made_up_credential_passes(String authorization, Target target) {
        var answer = Http.postJson(target.gate().server("alpha"), LIST, "Authorization", authorization);

        assertThat(answer.status()).isIn(400, 401);
        target.nothingWasSent();
    }

    /** Adds a scope to the payload and keeps the signature. */
    private static String changed(String token) {
        var parts = token.split("\\.", -1);
        var payload = new String(Base64.getUrlDecoder().decode(parts[1]), java.nio.charset.StandardCharsets.UTF_8)
                .replace("alpha:read", "alpha:read alpha:delete");
        var bytes = payload.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return parts[0] + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "." + parts[2];
    }
}
