package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.testkit.as.SigningKey;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import dev.sallyport.testkit.as.TestAuthorizationServer.Mood;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeySourceTest {

    private final TestAuthorizationServer server = TestAuthorizationServer.start();
    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);
    private final KeySource source = source(Optional.of(server.jwks()));

    private KeySource source(Optional<URI> jwks) {
        return new KeySource(new Issuer(server.issuer(), jwks, Duration.ofHours(1)), new Documents(), clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void keys_are_fetched_once_for_many_tokens() {
        for (var i = 0; i < 10; i++) {
            assertThat(source.find(sound())).isEqualTo(server.key().publicKey());
        }

        assertThat(server.keyRequests()).isEqualTo(1);
    }

    @Test
    void a_new_key_is_found_at_once_and_the_old_one_is_forgotten() {
        var old = sound();
        source.find(old);

        server.rotate();

        assertThat(source.find(sound())).isEqualTo(server.key().publicKey());
        assertThat(refusal(old)).isInstanceOf(Refusal.InvalidToken.class);
    }

    @Test
    void unknown_keys_cannot_be_used_to_flood_the_issuer() {
        source.find(sound());

        for (var i = 0; i < 100; i++) {
            assertThat(refusal(unknown())).isInstanceOf(Refusal.InvalidToken.class);
        }

        assertThat(server.keyRequests()).isLessThanOrEqualTo(3);
    }

    @Test
    void many_at_once_cause_one_fetch() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 50; i++) {
                threads.execute(() -> source.find(sound()));
            }
        }

        assertThat(server.keyRequests()).isLessThanOrEqualTo(3);
    }

    @Test
    void known_keys_serve_on_while_the_issuer_is_down_but_not_for_ever() {
        source.find(sound());
        server.mood(Mood.DOWN);

        ahead = Duration.ofHours(23);
        assertThat(source.find(sound())).isEqualTo(server.key().publicKey());

        ahead = Duration.ofHours(25);
        assertThat(refusal(sound())).isInstanceOf(Refusal.CannotVerify.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"DOWN", "NONSENSE", "ENDLESS", "REDIRECT"})
    void without_any_keys_nothing_is_verified_and_it_is_not_the_clients_fault(Mood mood) {
        server.mood(mood);

        assertThat(refusal(sound())).isInstanceOf(Refusal.CannotVerify.class);
        assertThat(source.seen()).isFalse();
    }

    @Test
    void it_recovers_when_the_issuer_comes_back() {
        server.mood(Mood.DOWN);
        assertThat(refusal(sound())).isInstanceOf(Refusal.CannotVerify.class);

        server.mood(Mood.SOUND);

        assertThat(source.find(sound())).isEqualTo(server.key().publicKey());
    }

    @Test
    void keys_are_found_through_the_issuers_metadata() {
        assertThat(source(Optional.empty()).find(sound()))
                .isEqualTo(server.key().publicKey());
    }

    @Test
    void metadata_of_another_issuer_is_not_believed() {
        try (var other = TestAuthorizationServer.startAs("https://other.example")) {
            var issuer = new Issuer(other.url() + "/realms/mcp", Optional.empty(), Duration.ofHours(1));
            var mine = new KeySource(issuer, new Documents(), clock);

            assertThatThrownBy(() -> mine.find(Jwt.parse(other.mint(Fixtures.RESOURCE))))
                    .isInstanceOf(Refused.class);
            assertThat(other.keyRequests()).isZero();
        }
    }

    @Test
    void odd_keys_in_a_set_do_not_spoil_the_others() {
        server.publish("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"},{},{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"},7,"
                + "{\"kty\":\"RSA\",\"kid\":\"weak\",\"n\":\"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl"
                + "UzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy"
                + "\",\"e\":\"AQAB\"}]}");

        assertThat(refusal(sound())).isInstanceOf(Refusal.InvalidToken.class);
    }

    private Jwt sound() {
        return Jwt.parse(server.mint(Fixtures.RESOURCE));
    }

    private Jwt unknown() {
        return Jwt.parse(server.token(Fixtures.RESOURCE)
                .header("kid", SigningKey.generate(SigningKey.Algorithm.ES256).kid())
                .sign());
    }

    private Refusal refusal(Jwt jwt) {
        return catchThrowableOfType(Refused.class, () -> source.find(jwt)).refusal();
    }
}
