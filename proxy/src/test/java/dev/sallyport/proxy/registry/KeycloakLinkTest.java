package dev.sallyport.proxy.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Loaded;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.SettingsFile;
import dev.sallyport.proxy.token.Revocation;
import dev.sallyport.proxy.token.Revocations;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeycloakLinkTest {

    private static final String YAML = """
            publicUrl: https://mcp.example.com
            authorizationServer: { keycloak: http://127.0.0.1:1, clientSecret: { env: X } }
            servers:
              notes:
                title: Team notes
                upstream: { url: http://127.0.0.1:9000/mcp }
                credential: { type: basic }
                permissions:
                  read: { title: Read, default: true, allow: { tools: [list_*], resources: "notes://**" } }
                  look: { title: Look, grantableTo: { roles: [editor] }, includes: [read], allow: { hints: readOnly, when: "'/staff' in groups" } }
              wiki:
                upstream: { url: https://wiki.example/mcp }
                authorizationServer: { issuer: https://id.example.com }
                permissions: { read: { title: Read, default: true, allow: { hints: readOnly } } }
            """;

    @TempDir
    Path folder;

    private final FakeExtension keycloak = new FakeExtension();
    private final Revocations revocations = new Revocations(InstantSource.system());
    private final BlockingQueue<Revocation> heard = new LinkedBlockingQueue<>();
    private Optional<KeycloakLink> link = Optional.empty();

    @AfterEach
    void stop() {
        link.ifPresent(KeycloakLink::close);
        keycloak.close();
    }

    @Test
    void servers_and_permission_sets_are_published_as_the_contract_says() throws Exception {
        start(FakeExtension.SECRET);

        var published = new ObjectMapper().readTree(keycloak.nextPublication().orElseThrow());

        assertThat(published).isEqualTo(new ObjectMapper().readTree("""
                        {"publicUrl":"https://mcp.example.com","servers":[{"name":"notes",
                        "resource":"https://mcp.example.com/notes/mcp","title":"Team notes","description":"","connect":"user",
                        "connectUrl":"https://mcp.example.com/connect/notes","claims":["groups"],
                        "permissionSets":[{"name":"read","scope":"notes:read","title":"Read","description":"","default":true,
                        "effect":"read","tools":["list_*","resource notes://**"],"includes":[],"roles":[],"groups":[]},
                        {"name":"look","scope":"notes:look","title":"Look","description":"","default":false,"effect":"change",
                        "tools":["every tool marked readOnly"],"includes":["read"],"roles":["editor"],"groups":[]}]}]}
                        """));
    }

    @Test
    void it_is_published_only_when_keycloak_said_so() throws Exception {
        keycloak.refuseRegistry(400);
        var mine = start(FakeExtension.SECRET);
        keycloak.nextPublication();
        assertThat(mine.published()).isFalse();

        keycloak.refuseRegistry(200);
        keycloak.nextPublication();
        keycloak.nextPublication();

        assertThat(mine.published()).isTrue();
    }

    @Test
    void keycloak_may_start_later() throws Exception {
        keycloak.away(true);
        var mine = start(FakeExtension.SECRET);
        assertThat(mine.published()).isFalse();

        keycloak.away(false);

        assertThat(keycloak.nextPublication()).isPresent();
        assertThat(next().type()).isEqualTo("unknown");
    }

    @Test
    void what_keycloak_may_have_lost_is_published_again_after_it_was_away() throws Exception {
        start(FakeExtension.SECRET);
        assertThat(keycloak.nextPublication()).isPresent();
        next();

        keycloak.revoke("\"at\":1790000000,\"type\":\"user\",\"sub\":\"bob\"");
        next();
        keycloak.away(true);
        keycloak.awaitTurnedAway();
        keycloak.away(false);

        assertThat(keycloak.nextPublication()).isPresent();
    }

    @Test
    void a_new_token_is_fetched_when_the_old_one_is_refused() throws Exception {
        var mine = start(FakeExtension.SECRET);
        keycloak.nextPublication();
        next();
        keycloak.expireTokens();

        mine.use(settings());

        assertThat(keycloak.nextPublication()).isPresent();
        assertThat(keycloak.tokensIssued()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void a_revocation_arrives_at_once() throws Exception {
        start(FakeExtension.SECRET);
        next();
        var before = System.nanoTime();

        keycloak.revoke("\"at\":1790000000,\"type\":\"grant\",\"grantId\":\"g1\",\"sub\":\"alice\"");

        var event = next();
        assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(2));
        assertThat(event)
                .isEqualTo(new Revocation(
                        Instant.ofEpochSecond(1_790_000_000),
                        "grant",
                        Optional.of("g1"),
                        Optional.of("alice"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void revocations_of_the_time_when_keycloak_was_unreachable_arrive_afterwards() throws Exception {
        start(FakeExtension.SECRET);
        next();
        keycloak.away(true);
        keycloak.revoke("\"at\":1790000000,\"type\":\"user\",\"sub\":\"bob\"");

        keycloak.away(false);

        assertThat(next().subject()).contains("bob");
    }

    @Test
    void where_the_log_was_lost_everything_counts_as_revoked() throws Exception {
        start(FakeExtension.SECRET);
        next();

        keycloak.dropLog();

        var event = next();
        assertThat(event.subject()).isEmpty();
        assertThat(event.at())
                .isBetween(Instant.now().minusSeconds(10), Instant.now().plusSeconds(1));
    }

    @Test
    void after_a_restart_what_could_concern_a_living_token_is_read_again() throws Exception {
        start(FakeExtension.SECRET);
        var floor = next().at();
        keycloak.revoke("\"at\":1790000000,\"type\":\"user\",\"sub\":\"carol\"");
        assertThat(next().subject()).contains("carol");
        link.ifPresent(KeycloakLink::close);

        start(FakeExtension.SECRET);

        assertThat(next().at().getEpochSecond()).isEqualTo(floor.getEpochSecond());
        assertThat(next().subject()).contains("carol");
    }

    @Test
    void a_wrong_secret_is_no_crash() throws Exception {
        var mine = start("wrong");

        assertThat(heard.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(mine.published()).isFalse();
        assertThat(mine.following()).isFalse();
    }

    private KeycloakLink start(String secret) throws IOException {
        var settings = settings();
        var target = new KeycloakSettings(
                keycloak.url(),
                "mcp",
                URI.create("https://mcp.example.com/realms/mcp"),
                false,
                false,
                "sallyport-proxy",
                new SecretRef.Inline(Secret.of(secret)));
        if (heard.isEmpty() && link.isEmpty()) {
            revocations.onRevoked(heard::add);
        }
        var mine = new KeycloakLink(settings, target, new Secrets(Map.of()), revocations, InstantSource.system());
        mine.start();
        link = Optional.of(mine);
        return mine;
    }

    private Settings settings() throws IOException {
        var file = Files.writeString(folder.resolve("sallyport.yaml"), YAML);
        return ((Loaded.Valid) SettingsFile.load(file, Map.of())).settings();
    }

    private Revocation next() throws InterruptedException {
        return Optional.ofNullable(heard.poll(10, TimeUnit.SECONDS)).orElseThrow();
    }
}
