package dev.sallyport.proxy.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.proxy.mcp.MessageReader;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.permission.PermissionState;
import dev.sallyport.proxy.permission.Permissions;
import dev.sallyport.proxy.permission.PermittedCall;
import dev.sallyport.proxy.provider.FakeProvider;
import dev.sallyport.proxy.provider.Providers;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientCredentialsTest {

    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of(PUBLIC + "/notes/mcp");

    private final FakeProvider provider = FakeProvider.start();
    private final SecureRandom random = new SecureRandom();
    private final Instant begin = Instant.now();
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> begin.plus(ahead);
    private final CredentialSettings.ClientCredentials settings = new CredentialSettings.ClientCredentials(
            new CredentialSettings.OAuthSettings(
                    new CredentialSettings.Source.Issuer(URI.create(provider.issuer())),
                    new CredentialSettings.Client.Known(
                            "gate",
                            Optional.of(new SecretRef.Inline(Secret.of("canary-secret"))),
                            CredentialSettings.Authentication.BASIC),
                    List.of("read"),
                    Optional.empty(),
                    Map.of()),
            List.of(new CredentialSettings.HeaderTemplate("X-Token", "", "")));
    private final ServerSettings server = new ServerSettings(
            "notes",
            "Notes",
            "",
            NOTES,
            new UpstreamSettings.Url(provider.mcp()),
            Optional.empty(),
            settings,
            List.of());
    private final ClientCredentials credentials = credentials();

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void many_calls_at_once_get_one_token_with_one_request() throws InterruptedException, ExecutionException {
        Callable<String> call = () -> value(credentials.issueFor(call()));

        var tokens = new HashSet<String>();
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (var future : threads.invokeAll(Collections.nCopies(100, call))) {
                tokens.add(future.get());
            }
        }

        assertThat(tokens).singleElement().asString().startsWith("access-of-machine-");
        assertThat(provider.requests()).containsExactly("client_credentials");
        assertThat(credentials.atHand()).isTrue();
    }

    @Test
    void a_token_is_replaced_before_it_ends_and_when_the_server_refuses_it() {
        var first = credentials.issueFor(call());
        ahead = Duration.ofMinutes(59).plusSeconds(45);
        var second = credentials.issueFor(call());
        var third = credentials.renew(call(), second).orElseThrow();
        var same = credentials.renew(call(), second).orElseThrow();

        assertThat(List.of(value(first), value(second), value(third))).doesNotHaveDuplicates();
        assertThat(value(same)).isEqualTo(value(third));
    }

    @Test
    void a_provider_that_is_away_is_asked_once_and_calls_are_refused() {
        provider.down(true);

        for (var i = 0; i < 5; i++) {
            assertThatThrownBy(() -> credentials.issueFor(call())).isInstanceOf(Refused.class);
        }

        assertThat(provider.requests()).containsExactly("down");
    }

    private ClientCredentials credentials() {
        var store = new MemoryStore();
        var vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
        var leases = new Leases(store, random, System::nanoTime);
        var providers = Providers.of(new Providers.Means(vault, leases, new Secrets(Map.of()), PUBLIC), random, clock);
        return new ClientCredentials(server, settings, providers, clock);
    }

    private PermittedCall call() {
        var body = MessageReader.read(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        return Permissions.of(server, PermissionState.inMemory())
                .permit(TokenFixture.token(NOTES, "alice", List.of()), Optional.of(body), "POST");
    }

    private static String value(UpstreamCredential credential) {
        return credential.headers().getFirst().value().revealText();
    }
}
