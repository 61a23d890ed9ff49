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
import dev.sallyport.proxy.provider.Tokens;
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
import dev.sallyport.proxy.settings.CredentialSettings.TokenExchange;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import dev.sallyport.proxy.store.Leases;
import dev.sallyport.proxy.store.MemoryStore;
import dev.sallyport.proxy.token.TokenFixture;
import dev.sallyport.proxy.token.VerifiedToken;
import dev.sallyport.proxy.vault.KeyRing;
import dev.sallyport.proxy.vault.Vault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TradedCredentialsTest {

    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String REDEEM = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of(PUBLIC + "/notes/mcp");

    private final FakeProvider provider = FakeProvider.start();
    private final SecureRandom random = new SecureRandom();
    private final Instant begin = Instant.now();
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> begin.plus(ahead);
    private final TradedCredentials credentials = credentials(Optional.empty());

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void calls_with_one_token_get_one_token_with_one_request() throws InterruptedException, ExecutionException {
        Callable<String> call = () -> value(credentials.issueFor(call("alice")));

        var tokens = new HashSet<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var got :
                    threads.invokeAll(IntStream.range(0, 30).mapToObj(_ -> call).toList())) {
                tokens.add(got.get());
            }
        }

        assertThat(tokens).hasSize(1).allMatch(token -> token.startsWith("Bearer access-of-alice-"));
        assertThat(provider.requests()).containsExactly(EXCHANGE);
    }

    @Test
    void a_thousand_people_at_once_get_their_own_each() throws InterruptedException, ExecutionException {
        var calls = IntStream.range(0, 1000)
                .mapToObj(i -> (Callable<String>) () -> {
                    var name = "person" + i % 500;
                    return name + " " + value(credentials.issueFor(call(name)));
                })
                .toList();

        try (var threads = Executors.newFixedThreadPool(16)) {
            for (var got : threads.invokeAll(calls)) {
                var words = got.get().split(" ", -1);
                assertThat(words[2]).startsWith("access-of-" + words[0] + "-");
            }
        }
    }

    @Test
    void it_is_got_anew_before_it_ends_and_for_each_new_token() {
        provider.expiresIn(100);
        var first = value(credentials.issueFor(call("alice")));
        ahead = Duration.ofSeconds(60);
        assertThat(value(credentials.issueFor(call("alice")))).isEqualTo(first);

        ahead = Duration.ofSeconds(71);
        assertThat(value(credentials.issueFor(call("alice")))).isNotEqualTo(first);
        credentials.issueFor(call("alice2"));

        assertThat(provider.requests()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_grant", "invalid_request", "invalid_target"})
    void somebody_for_whom_there_is_none_is_told_so_and_nobody_else_suffers(String error) {
        provider.refusesWith(error);

        for (var i = 0; i < 5; i++) {
            assertThatThrownBy(() -> credentials.issueFor(calling("stranger")))
                    .satisfies(refusedAs(Refusal.NotPermitted.class));
        }
        assertThat(provider.requests()).containsExactly(EXCHANGE);
        assertThat(value(credentials.issueFor(call("alice")))).startsWith("Bearer access-of-alice-");

        ahead = Duration.ofSeconds(11);
        assertThatThrownBy(() -> credentials.issueFor(calling("stranger")))
                .satisfies(refusedAs(Refusal.NotPermitted.class));
        assertThat(provider.requests()).hasSize(3);
    }

    @Test
    void what_is_wrong_with_our_client_leaves_the_provider_alone() {
        provider.refusesWith("invalid_client");

        for (var i = 0; i < 5; i++) {
            var who = "stranger" + i;
            assertThatThrownBy(() -> credentials.issueFor(calling(who)))
                    .satisfies(refusedAs(Refusal.Unavailable.class));
        }

        assertThat(provider.requests()).containsExactly(EXCHANGE);
    }

    @Test
    void an_outage_is_not_made_worse_and_what_was_got_is_used_on() {
        var before = value(credentials.issueFor(call("alice")));
        provider.down(true);

        assertThat(value(credentials.issueFor(call("alice")))).isEqualTo(before);
        for (var i = 0; i < 5; i++) {
            assertThatThrownBy(() -> credentials.issueFor(call("bob"))).satisfies(refusedAs(Refusal.Unavailable.class));
        }
        assertThat(provider.requests()).containsExactly(EXCHANGE, "down");
    }

    @Test
    void a_server_that_refuses_every_token_does_not_make_us_ask_for_ever() {
        var first = credentials.issueFor(call("alice"));
        for (var i = 0; i < 5; i++) {
            assertThat(credentials.renew(call("alice"), first)).isEmpty();
        }
        assertThat(provider.requests()).hasSize(1);

        ahead = Duration.ofSeconds(11);
        var second = credentials.renew(call("alice"), first).orElseThrow();

        assertThat(value(second)).isNotEqualTo(value(first));
        assertThat(credentials.renew(call("alice"), second)).isEmpty();
        assertThat(provider.requests()).hasSize(2);
    }

    @Test
    void an_identity_assertion_is_redeemed_at_the_other_server() {
        try (var other = FakeProvider.start()) {
            provider.exchangesFor(other.issuer());
            var chained = credentials(Optional.of(oauth(other)));

            assertThat(value(chained.issueFor(call("alice")))).startsWith("Bearer access-of-alice-");
            assertThat(provider.requests()).containsExactly(EXCHANGE);
            assertThat(other.requests()).containsExactly(REDEEM);
        }
    }

    @Test
    void what_is_no_identity_assertion_is_not_redeemed() {
        try (var other = FakeProvider.start()) {
            provider.exchangesFor(other.issuer());
            var chained = credentials(Optional.of(oauth(other)));

            // A name with a dot makes something of four parts, which is no JWT.
            assertThatThrownBy(() -> chained.issueFor(calling("mcp-token-of-a.b")))
                    .satisfies(refusedAs(Refusal.Unavailable.class));
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void what_ended_is_got_anew_and_everybody_elses_is_used_on() {
        var hers = value(credentials.issueFor(call("alice")));
        var his = value(credentials.issueFor(call("bob")));

        credentials.forget(token -> presented(token).equals("mcp-token-of-alice"));

        assertThat(value(credentials.issueFor(call("bob")))).isEqualTo(his);
        assertThat(value(credentials.issueFor(call("alice")))).isNotEqualTo(hers);
        assertThat(provider.requests()).hasSize(3);
    }

    @Test
    void what_ends_while_it_is_being_got_serves_nobody_who_comes_later() {
        var trades = new ArrayList<Secret>();
        var ends = new ArrayList<Runnable>();
        var slow = new TradedCredentials(
                server(settings(Optional.empty())),
                settings(Optional.empty()),
                presented -> {
                    trades.add(presented);
                    // Another thread's doing, in the middle of the trade.
                    ends.forEach(Runnable::run);
                    return new Tokens(
                            Secret.of("got-" + trades.size()), Optional.empty(), Optional.empty(), Optional.empty());
                },
                new Refusal.NotPermitted("no access"),
                clock);
        ends.add(() -> slow.forget(_ -> true));

        assertThat(value(slow.issueFor(call("alice")))).isEqualTo("Bearer got-1");
        ends.clear();

        assertThat(value(slow.issueFor(call("alice")))).isEqualTo("Bearer got-2");
        assertThat(value(slow.issueFor(call("alice")))).isEqualTo("Bearer got-2");
    }

    @Test
    void what_is_forgotten_or_replaced_is_overwritten_later_and_not_at_once() {
        var later = new ArrayList<Runnable>();
        var count = new AtomicInteger();
        var wiping = new TradedCredentials(
                server(settings(Optional.empty())),
                settings(Optional.empty()),
                _ -> new Tokens(
                        Secret.of("got-" + count.incrementAndGet()),
                        Optional.empty(),
                        Optional.of(clock.instant().plusSeconds(60)),
                        Optional.empty()),
                new Refusal.NotPermitted("no access"),
                new TradedCredentials.Time(clock, later::add));
        var first = wiping.issueFor(call("alice"));
        ahead = Duration.ofSeconds(61);
        var second = wiping.issueFor(call("alice"));
        wiping.forget(_ -> true);
        assertThat(value(first) + value(second)).isEqualTo("Bearer got-1Bearer got-2");

        later.forEach(Runnable::run);

        assertThat(value(first) + value(second)).doesNotContain("got");
    }

    private static String presented(VerifiedToken token) {
        return token.presented().orElseThrow().revealText();
    }

    private TradedCredentials credentials(Optional<OAuthSettings> then) {
        var settings = settings(then);
        var server = server(settings);
        var store = new MemoryStore();
        var vault = Vault.open(store, KeyRing.fresh(random, clock.instant()), random);
        var leases = new Leases(store, random, System::nanoTime);
        var providers = Providers.of(new Providers.Means(vault, leases, new Secrets(Map.of()), PUBLIC), random, clock);
        return new TradedCredentials(
                server,
                settings,
                presented -> providers.exchange(server, settings, presented),
                new Refusal.NotPermitted("no access"),
                clock);
    }

    private TokenExchange settings(Optional<OAuthSettings> then) {
        return new TokenExchange(
                oauth(provider),
                Optional.empty(),
                then,
                List.of(new CredentialSettings.HeaderTemplate("Authorization", "Bearer ", "")));
    }

    private ServerSettings server(TokenExchange settings) {
        return new ServerSettings(
                "notes",
                "Notes",
                "",
                NOTES,
                new UpstreamSettings.Url(provider.mcp()),
                Optional.empty(),
                settings,
                List.of());
    }

    private static OAuthSettings oauth(FakeProvider where) {
        return new OAuthSettings(
                new CredentialSettings.Source.Issuer(URI.create(where.issuer())),
                new CredentialSettings.Client.Known(
                        "gate",
                        Optional.of(new SecretRef.Inline(Secret.of("canary-secret"))),
                        CredentialSettings.Authentication.BASIC),
                List.of(),
                Optional.empty(),
                Map.of());
    }

    private static PermittedCall call(String person) {
        return calling("mcp-token-of-" + person);
    }

    private static PermittedCall calling(String presented) {
        var ping = MessageReader.read(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        var server = new ServerSettings(
                "notes",
                "Notes",
                "",
                NOTES,
                new UpstreamSettings.Url(URI.create("https://notes.example/mcp")),
                Optional.empty(),
                new CredentialSettings.None(),
                List.of());
        var token = TokenFixture.presented(TokenFixture.token(NOTES), presented);
        return Permissions.of(server, PermissionState.inMemory()).permit(token, Optional.of(ping), "POST");
    }

    private static String value(UpstreamCredential credential) {
        return credential.headers().getFirst().value().revealText();
    }

    private static Consumer<Throwable> refusedAs(Class<? extends Refusal> kind) {
        return thrown -> assertThat(((Refused) thrown).refusal()).isInstanceOf(kind);
    }
}
