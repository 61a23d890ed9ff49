package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refusal.InvalidToken.Reason;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.ServerSettings.IssuerSettings;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RememberedTokensTest {

    private final TestAuthorizationServer keycloak =
            TestAuthorizationServer.startAs("https://mcp.example.com/realms/mcp");
    private Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);
    private final Revocations revocations = new Revocations(clock);
    private final JwtTokens tokens = new JwtTokens(Fixtures.settings(keycloak, Fixtures.server()), revocations, clock);

    @AfterEach
    void stop() {
        keycloak.close();
    }

    @Test
    void a_revoked_token_is_refused_although_it_was_remembered() {
        var bearer = keycloak.mint(Fixtures.RESOURCE);
        var token = tokens.verify(bearer, Fixtures.server());
        assertThat(tokens.remembered(bearer, token.resource())).isPresent();

        revocations.add(new Revocation(
                token.issuedAt(),
                "grant",
                token.grantId(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));

        assertThat(refusal(() -> tokens.remembered(bearer, token.resource())))
                .isEqualTo(new Refusal.InvalidToken(Reason.REVOKED));
        assertThat(refusal(() -> tokens.verify(bearer, Fixtures.server())))
                .isEqualTo(new Refusal.InvalidToken(Reason.REVOKED));
    }

    @Test
    void a_remembered_token_expires() {
        var bearer = keycloak.mint(Fixtures.RESOURCE);
        var token = tokens.verify(bearer, Fixtures.server());

        ahead = Duration.ofSeconds(331);

        assertThat(refusal(() -> tokens.remembered(bearer, token.resource())))
                .isEqualTo(new Refusal.InvalidToken(Reason.EXPIRED));
    }

    @Test
    void other_settings_forget_what_was_verified_under_the_old_ones() {
        var bearer = keycloak.mint(Fixtures.RESOURCE);
        var token = tokens.verify(bearer, Fixtures.server());

        tokens.use(Fixtures.settings(keycloak, Fixtures.server()));

        assertThat(tokens.remembered(bearer, token.resource())).isEmpty();
    }

    @Test
    void it_is_ready_once_every_issuers_keys_were_seen() {
        assertThat(tokens.ready()).isFalse();

        tokens.verify(keycloak.mint(Fixtures.RESOURCE), Fixtures.server());

        assertThat(tokens.ready()).isTrue();
    }

    @Test
    void a_server_with_its_own_issuer_takes_no_token_of_keycloak_and_the_other_way_round() {
        try (var foreign = TestAuthorizationServer.start()) {
            var own = Fixtures.server(
                    Fixtures.RESOURCE, Optional.of(new IssuerSettings(URI.create(foreign.issuer()), Optional.empty())));

            assertThat(tokens.verify(foreign.mint(Fixtures.RESOURCE), own).issuer())
                    .isEqualTo(foreign.issuer());
            assertThat(refusal(() -> tokens.verify(keycloak.mint(Fixtures.RESOURCE), own)))
                    .isInstanceOf(Refusal.InvalidToken.class);
            assertThat(refusal(() -> tokens.verify(foreign.mint(Fixtures.RESOURCE), Fixtures.server())))
                    .isInstanceOf(Refusal.InvalidToken.class);
        }
    }

    @Test
    void a_key_of_keycloak_does_not_sign_for_another_issuer() {
        try (var foreign = TestAuthorizationServer.start()) {
            var own = Fixtures.server(
                    Fixtures.RESOURCE, Optional.of(new IssuerSettings(URI.create(foreign.issuer()), Optional.empty())));
            var forged =
                    foreign.token(Fixtures.RESOURCE).signedBy(keycloak.key()).sign();

            assertThat(refusal(() -> tokens.verify(forged, own)))
                    .isEqualTo(new Refusal.InvalidToken(Reason.UNKNOWN_KEY));
        }
    }

    private static Refusal refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(Refused.class, call).refusal();
    }
}
