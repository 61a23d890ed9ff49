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
import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.OAuth2;
import dev.sallyport.proxy.settings.CredentialSettings.OAuthSettings;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OAuthCredentialsTest {

    private static final URI PUBLIC = URI.create("https://mcp.example.com");
    private static final ResourceId NOTES = ResourceId.of(PUBLIC + "/notes/mcp");

    private final FakeProvider provider = FakeProvider.start();
    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore();
    private final Vault vault = Vault.open(store, KeyRing.fresh(random, Instant.EPOCH), random);
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final OAuth2 settings = new OAuth2(
            new OAuthSettings(
                    new CredentialSettings.Source.McpServer(),
                    new CredentialSettings.Client.Own(CredentialSettings.Way.AUTOMATIC),
                    List.of("read"),
                    Optional.empty(),
                    Map.of()),
            List.of(new CredentialSettings.HeaderTemplate("Authorization", "Bearer ", "")),
            "");
    private final ServerSettings server = new ServerSettings(
            "notes",
            "Notes",
            "",
            NOTES,
            new UpstreamSettings.Url(provider.mcp()),
            Optional.empty(),
            settings,
            List.of());
    private volatile Duration ahead = Duration.ZERO;
    private final Instant begin = Instant.now();
    private final InstantSource clock = () -> begin.plus(ahead);
    private final Node one = new Node();
    private final Node other = new Node();

    /** What each node of a cluster has for itself; the store is theirs together. */
    private final class Node {
        private final Leases leases = new Leases(store, random, System::nanoTime);
        private final Providers providers =
                Providers.of(new Providers.Means(vault, leases, new Secrets(Map.of()), PUBLIC), random, clock);
        private final OAuthCredentials credentials = new OAuthCredentials(
                server,
                settings,
                new OAuthCredentials.Means(
                        vault,
                        providers,
                        leases,
                        (event, _, _, subject, _) -> events.add(event + " " + subject),
                        clock),
                PUBLIC + "/connect/notes");

        String token(String person) {
            return value(credentials.issueFor(call(person)));
        }
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void an_access_token_goes_where_it_is_due_and_is_not_fetched_again_while_it_lives() {
        connect("alice");

        assertThat(one.token("alice")).startsWith("Bearer access-of-alice-").isEqualTo(one.token("alice"));
        assertThat(provider.requests()).containsExactly("register", "authorization_code");
    }

    @Test
    void many_calls_on_two_nodes_redeem_a_rotating_refresh_token_once() throws Exception {
        connect("alice");
        ahead = Duration.ofMinutes(59).plusSeconds(30);

        var calls = new ArrayList<Callable<String>>();
        for (var i = 0; i < 20; i++) {
            calls.add(() -> one.token("alice"));
            calls.add(() -> other.token("alice"));
        }
        var tokens = new HashSet<>(all(calls));

        assertThat(tokens).hasSize(1);
        assertThat(provider.requests().stream().filter("refresh_token"::equals)).hasSize(1);
    }

    /** Tokens that live for less than the minute in which they are refreshed were refreshed by every call. */
    @Test
    void a_short_lived_token_is_used_for_half_of_its_life() {
        provider.expiresIn(40);
        connect("alice");

        var first = one.token("alice");
        ahead = Duration.ofSeconds(15);
        assertThat(one.token("alice")).isEqualTo(first);
        assertThat(other.token("alice")).isEqualTo(first);
        assertThat(provider.requests()).doesNotContain("refresh_token");

        ahead = Duration.ofSeconds(21);
        assertThat(one.token("alice")).isNotEqualTo(first).isEqualTo(other.token("alice"));
        assertThat(provider.requests().stream().filter("refresh_token"::equals)).hasSize(1);
    }

    @Test
    void a_rotated_refresh_token_is_stored_before_the_new_access_token_is_used() {
        connect("alice");
        ahead = Duration.ofHours(1);
        one.token("alice");

        ahead = Duration.ofHours(2);
        var third = other.token("alice");

        assertThat(third).startsWith("Bearer access-of-alice-");
        assertThat(events).isEmpty();
    }

    @Test
    void when_the_store_fails_nothing_is_asked_of_the_provider_and_no_token_is_used() {
        connect("alice");
        ahead = Duration.ofHours(1);
        store.down(true);

        assertThatThrownBy(() -> one.token("alice")).satisfies(refusedAs(Refusal.Unavailable.class));
        assertThat(provider.requests()).doesNotContain("refresh_token");
    }

    @Test
    void a_refresh_token_that_is_refused_asks_the_person_and_leaves_the_provider_alone() {
        connect("alice");
        provider.forgetEverybody();
        ahead = Duration.ofHours(1);

        for (var i = 0; i < 5; i++) {
            assertThatThrownBy(() -> one.token("alice")).satisfies(refusedAs(Refusal.ConnectionRequired.class));
            assertThatThrownBy(() -> other.token("alice")).satisfies(refusedAs(Refusal.ConnectionRequired.class));
        }

        assertThat(provider.requests().stream().filter("refresh_token"::equals)).hasSize(1);
        assertThat(events).containsExactly("DIED alice");
    }

    @Test
    void an_outage_of_the_provider_kills_nothing_and_is_not_made_worse() {
        connect("alice");
        provider.down(true);
        ahead = Duration.ofHours(1);

        for (var i = 0; i < 5; i++) {
            assertThatThrownBy(() -> one.token("alice")).satisfies(refusedAs(Refusal.Unavailable.class));
        }
        assertThat(provider.requests().stream().filter("down"::equals)).hasSize(1);

        provider.down(false);
        ahead = Duration.ofHours(1).plusMinutes(2);
        assertThat(one.token("alice")).startsWith("Bearer access-of-alice-");
    }

    @Test
    void a_token_that_still_lives_is_used_while_the_provider_is_away() {
        connect("alice");
        var before = one.token("alice");
        provider.down(true);
        ahead = Duration.ofMinutes(59).plusSeconds(20);

        assertThat(other.token("alice")).isEqualTo(before);
    }

    @Test
    void a_token_that_the_server_refuses_is_renewed_once() {
        connect("alice");
        var refused = one.credentials.issueFor(call("alice"));

        var renewed = one.credentials.renew(call("alice"), refused);
        var again = other.credentials.renew(call("alice"), refused);

        assertThat(renewed).isPresent();
        assertThat(value(renewed.orElseThrow())).isNotEqualTo(value(refused));
        assertThat(value(again.orElseThrow())).isEqualTo(value(renewed.orElseThrow()));
        assertThat(provider.requests().stream().filter("refresh_token"::equals)).hasSize(1);
    }

    @Test
    void a_token_endpoint_that_moved_freezes_the_connection_and_gets_nothing() {
        connect("alice");
        one.token("alice");
        provider.moveTokenEndpoint();
        ahead = Duration.ofHours(1);
        var before = provider.requests().size();

        assertThatThrownBy(() -> one.token("alice")).satisfies(refusedAs(Refusal.ConnectionRequired.class));
        assertThatThrownBy(() -> other.token("alice")).satisfies(refusedAs(Refusal.ConnectionRequired.class));

        assertThat(provider.requests()).hasSize(before);
        assertThat(events).containsExactly("FROZEN alice");
    }

    @Test
    void a_server_that_suddenly_names_the_resource_of_another_gets_nothing() {
        connect("alice");
        provider.nameResource("https://bank.example.com/mcp");
        ahead = Duration.ofMinutes(10);

        assertThatThrownBy(() -> one.token("alice")).satisfies(refusedAs(Refusal.ConnectionRequired.class));
        assertThat(events).containsExactly("FROZEN alice");
    }

    @Test
    void somebody_without_an_account_is_told_where_to_connect_one() {
        assertThatThrownBy(() -> one.token("bob")).satisfies(refusedAs(Refusal.ConnectionRequired.class));
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void a_thousand_people_in_any_order_never_get_the_token_of_another() throws Exception {
        var people = new ArrayList<String>();
        for (var i = 0; i < 1000; i++) {
            people.add("canary" + i + "x");
        }
        for (var person : people) {
            connect(person);
        }
        ahead = Duration.ofHours(1);

        var calls = new ArrayList<Callable<String>>();
        for (var round = 0; round < 3; round++) {
            for (var person : people) {
                calls.add(() -> person + " " + (person.hashCode() % 2 == 0 ? one : other).token(person));
                calls.add(() -> person + " " + (person.hashCode() % 3 == 0 ? one : other).token(person));
            }
        }
        java.util.Collections.shuffle(calls, new java.util.Random(7));
        var got = all(calls);

        assertThat(got).hasSize(6000).allSatisfy(line -> {
            var person = line.substring(0, line.indexOf(' '));
            assertThat(line).startsWith(person + " Bearer access-of-" + person + "-");
        });
        assertThat(provider.requests().stream().filter("refresh_token"::equals)).hasSize(1000);
    }

    @Test
    void what_is_revoked_is_the_refresh_token_and_the_access_token() {
        connect("alice");
        var id = Vault.userRecord(NOTES, "https://as.example/realms/mcp", "alice");

        var done = vault.asOwner(id, connection -> one.providers.revoke(server, settings.oauth(), connection));

        assertThat(done).contains(true);
        assertThat(provider.revoked())
                .anyMatch(token -> token.startsWith("refresh-of-alice"))
                .anyMatch(token -> token.startsWith("access-of-alice"));
    }

    private void connect(String person) {
        var begun = one.providers.begin(server, settings);
        var back = provider.agree(begun.location(), person);
        var connection = one.providers.redeem(server, settings, begun, new HashMap<>(back).getOrDefault("code", ""));
        vault.connect(Vault.userRecord(NOTES, "https://as.example/realms/mcp", person), Optional.empty(), connection);
    }

    private PermittedCall call(String person) {
        var body = MessageReader.read(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        return Permissions.of(server, PermissionState.inMemory())
                .permit(TokenFixture.token(NOTES, person, List.of()), Optional.of(body), "POST");
    }

    private static String value(UpstreamCredential credential) {
        return credential.headers().getFirst().value().revealText();
    }

    private static java.util.function.Consumer<Throwable> refusedAs(Class<? extends Refusal> kind) {
        return thrown -> assertThat(thrown)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.refusal()).isInstanceOf(kind));
    }

    private static List<String> all(List<Callable<String>> calls) throws InterruptedException, ExecutionException {
        try (var threads = Executors.newFixedThreadPool(16)) {
            var results = new ArrayList<String>();
            for (var future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        }
    }
}
