package dev.sallyport.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.Loaded.Invalid;
import dev.sallyport.proxy.settings.Loaded.Valid;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {

    @TempDir
    Path folder;

    @Test
    void every_key_of_a_full_file_arrives() {
        var settings = valid(resource("full.yaml")).settings();

        assertThat(settings.publicUrl()).isEqualTo(URI.create("https://mcp.example.com"));
        assertThat(settings.listen())
                .isEqualTo(new Settings.Listen(
                        "0.0.0.0",
                        8443,
                        Optional.empty(),
                        List.of("10.0.0.0/8", "fd00::/8"),
                        List.of("https://app.example.com")));
        assertThat(settings.management()).isEqualTo(new Settings.Management("127.0.0.1", 9001));
        assertThat(settings.keycloak())
                .contains(new KeycloakSettings(
                        URI.create("http://keycloak:8180"),
                        "company",
                        URI.create("https://mcp.example.com/realms/company"),
                        false,
                        true,
                        "gate",
                        new SecretRef.InEnvironment("GATE_SECRET")));
        assertThat(settings.limits())
                .isEqualTo(new Limits(
                        2 << 20,
                        32 << 20,
                        16 << 10,
                        500,
                        100,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(90),
                        Duration.ofSeconds(10)));
        assertThat(settings.stateDirectory()).isEqualTo(folder.resolve("data"));
        assertThat(settings.audit())
                .isEqualTo(new AuditSettings(Optional.of(folder.resolve("audit.jsonl")), true, true));
        assertThat(settings.servers()).extracting(ServerSettings::name).containsExactly("notes", "wiki");
    }

    @Test
    void a_server_arrives_with_its_credential_and_its_permission_sets() {
        var servers = valid(resource("full.yaml")).settings().servers();

        var notes = servers.get(0);
        assertThat(notes.resource()).hasToString("https://mcp.example.com/notes");
        assertThat(notes.credential())
                .isEqualTo(new CredentialSettings.Shared(
                        List.of(new HeaderTemplate("X-Api-Key", "", "")),
                        new SecretRef.FromCommand(List.of("cat", "/run/secrets/notes"))));
        assertThat(notes.permissions()).extracting(PermissionSet::scope).containsExactly("notes:read", "notes:write");
        assertThat(notes.permissions().get(1).allow().get(1))
                .isEqualTo(new PermissionSet.Rule(
                        List.of("update_note"),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of("idempotent"),
                        Optional.of("args.size < 100"),
                        true));
        var wiki = servers.get(1);
        assertThat(wiki.resource()).hasToString("https://mcp.example.com/wiki/mcp");
        assertThat(wiki.credential())
                .isEqualTo(new CredentialSettings.Shared(
                        List.of(new HeaderTemplate("Authorization", "Basic ", "")),
                        new SecretRef.Basic("gate", new SecretRef.InFile(folder.resolve("wiki.secret")))));
    }

    @Test
    void what_a_minimal_file_leaves_out_has_the_safe_value() {
        var settings = valid(Cases.MINIMAL).settings();

        assertThat(settings.listen().host()).isEqualTo("127.0.0.1");
        assertThat(settings.management().host()).isEqualTo("127.0.0.1");
        assertThat(settings.limits()).isEqualTo(Limits.defaults());
        assertThat(settings.stateDirectory()).isEqualTo(folder.resolve(".sallyport"));
        assertThat(settings.servers().getFirst().credential()).isEqualTo(new CredentialSettings.None());
        assertThat(settings.keycloak().orElseThrow().issuer()).hasToString("https://mcp.example.com/realms/mcp");
        assertThat(settings.keycloak().orElseThrow().adminConsole()).isFalse();
    }

    @Test
    void unsafe_choices_work_but_are_said_at_every_start() {
        var warnings = valid(resource("full.yaml")).warnings();

        assertThat(warnings)
                .extracting(warning -> warning.place().key())
                .contains(
                        "listen",
                        "authorizationServer.keycloak",
                        "authorizationServer.adminConsole",
                        "audit.values",
                        "servers.notes.upstream.url");
    }

    @Test
    void all_problems_are_said_at_once_and_in_order() {
        var invalid = invalid("""
                publicUrl: ftp://x
                listen: { port: many }
                limits: { body: 4 parsecs }
                serverz: {}
                """);

        assertThat(invalid.problems()).hasSize(5);
        assertThat(invalid.problems()).isSortedAccordingTo((a, b) -> a.place().compareTo(b.place()));
        assertThat(invalid.problems().toString()).contains("did you mean servers?");
    }

    @Test
    void a_problem_says_where_what_why_and_what_instead() {
        var problem = invalid(Cases.MINIMAL.replace("url: http://127.0.0.1:9000/mcp", "url: gopher://x"))
                .problems()
                .getFirst();

        assertThat(problem)
                .hasToString("sallyport.yaml:8:22 servers.notes.upstream.url: found \"gopher://x\","
                        + " but an absolute URL with a host is wanted here; write https://host/path");
    }

    @Test
    void the_environment_takes_the_place_of_keys() {
        var environment = Map.of(
                "SALLYPORT_PUBLIC_URL", "http://127.0.0.1:7777",
                "SALLYPORT_LISTEN_HOST", "127.0.0.2",
                "SALLYPORT_LISTEN_PORT", "7777",
                "SALLYPORT_MANAGEMENT_PORT", "7778",
                "SALLYPORT_KEYCLOAK_URL", "http://127.0.0.1:7779",
                "SALLYPORT_REALM", "1",
                "SALLYPORT_CLIENT_SECRET_FILE", "/run/secret",
                "SALLYPORT_STATE", "/var/lib/sallyport");

        var settings = ((Valid) load(Cases.MINIMAL, environment)).settings();

        assertThat(settings.publicUrl()).hasToString("http://127.0.0.1:7777");
        assertThat(settings.listen()).extracting("host", "port").containsExactly("127.0.0.2", 7777);
        assertThat(settings.management().port()).isEqualTo(7778);
        assertThat(settings.stateDirectory()).isEqualTo(Path.of("/var/lib/sallyport"));
        var keycloak = settings.keycloak().orElseThrow();
        assertThat(keycloak.url()).hasToString("http://127.0.0.1:7779");
        assertThat(keycloak.issuer()).hasToString("http://127.0.0.1:7777/realms/1");
        assertThat(keycloak.secret()).isEqualTo(new SecretRef.InFile(Path.of("/run/secret")));
    }

    @Test
    void a_wrong_variable_is_named_as_the_place() {
        var invalid = (Invalid) load(Cases.MINIMAL, Map.of("SALLYPORT_LISTEN_PORT", "many"));

        assertThat(invalid.problems().getFirst().place()).hasToString("SALLYPORT_LISTEN_PORT listen.port");
    }

    @Test
    void a_missing_file_is_a_problem_and_not_an_exception() {
        var loaded = SettingsFile.load(folder.resolve("absent.yaml"), Map.of());

        assertThat(loaded).isInstanceOf(Invalid.class).asString().contains("no such file", "SALLYPORT_CONFIG");
    }

    @Test
    void bytes_that_are_not_text_are_a_problem() throws IOException {
        var file = folder.resolve("sallyport.yaml");
        Files.write(file, new byte[] {(byte) 0xff, 0x00, 0x41});

        assertThat(SettingsFile.load(file, Map.of())).asString().contains("not UTF-8");
    }

    @Test
    void an_alias_bomb_ends_at_once() {
        var bomb = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 200; i++) {
            bomb.append("a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [")
                    .append("*a")
                    .append(i - 1)
                    .append(", *a")
                    .append(i - 1)
                    .append("]\n");
        }

        assertThat(invalid(bomb.toString()).problems().getFirst().why()).contains("aliases");
    }

    @Test
    void an_alias_that_contains_itself_ends_at_once() {
        var invalid = invalid(Cases.MINIMAL.replace("allow: { tools: [list_*] }", "allow: &a [*a, { tools: *a }]"));

        assertThat(invalid.problems()).isNotEmpty();
    }

    @Test
    void a_deep_or_huge_file_ends_at_once() {
        assertThat(invalid("a: " + "[".repeat(10_000)).problems()).hasSize(1);
        assertThat(invalid("# " + "x".repeat(YamlText.MAX_CHARACTERS)).problems())
                .hasSize(1);
    }

    @Test
    void a_tag_constructs_nothing() {
        var invalid = invalid(Cases.MINIMAL.replace("title: Team notes", "title: !!java.io.File /etc/passwd"));

        assertThat(invalid.problems()).hasSize(1).asString().contains("tag is not allowed");
    }

    @Test
    void a_secret_is_in_no_message() {
        for (var credential : List.of(
                "{ type: shared, header: \"X-Api-Key: s3cr3t\", value: { env: K } }",
                "{ type: shared, bearer: s3cr3t, value: { env: K } }",
                "{ type: shared, bearer: true, value: [s3cr3t] }",
                "{ type: shared, bearer: true, value: { env: s3cr3t! } }",
                "{ type: shared, bearer: true, value: { command: s3cr3t } }",
                "{ type: s3cr3t, bearer: true }",
                "{ type: shared, basic: s3cr3t, value: 123 }")) {
            var text = Cases.MINIMAL.replace(
                    "url: http://127.0.0.1:9000/mcp }", "url: http://u:s3cr3t@h/mcp }\n    credential: " + credential);

            var invalid = invalid(text);

            assertThat(invalid.problems()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(invalid.toString()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void an_inline_secret_works_with_a_warning_and_does_not_print() {
        var text = Cases.MINIMAL.replace("clientSecret: { file: secret }", "clientSecret: s3cr3t");

        var valid = valid(text);

        assertThat(valid.warnings().toString()).contains("authorizationServer.clientSecret");
        assertThat(valid.toString()).doesNotContain("s3cr3t");
    }

    private Valid valid(String text) {
        return assertThat(load(text, Map.of())).isInstanceOf(Valid.class).actual() instanceof Valid valid
                ? valid
                : org.assertj.core.api.Assertions.fail("not valid");
    }

    private Invalid invalid(String text) {
        return load(text, Map.of()) instanceof Invalid invalid
                ? invalid
                : org.assertj.core.api.Assertions.fail("not invalid");
    }

    private Loaded load(String text, Map<String, String> environment) {
        return SettingsFile.read(folder.resolve("sallyport.yaml"), text.getBytes(StandardCharsets.UTF_8), environment);
    }

    private static String resource(String name) {
        return Cases.resource(name);
    }
}
