package dev.sallyport.proxy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The schema that editors use and the reader that decides must say the same. */
class SchemaTest {

    private static final Path DOCS = Path.of("../docs/reference");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void the_full_the_minimal_and_the_example_file_are_sound_for_schema_and_reader() throws IOException {
        var example = Files.readString(Path.of("../deploy/sallyport.example.yaml"));

        for (var yaml : List.of(Cases.resource("full.yaml"), Cases.MINIMAL, example)) {
            assertThat(faults(yaml)).isEmpty();
            assertThat(read(yaml)).isInstanceOf(Loaded.Valid.class);
        }
    }

    @Test
    void the_example_names_the_schema() throws IOException {
        assertThat(Files.readString(Path.of("../deploy/sallyport.example.yaml")))
                .startsWith("# yaml-language-server: $schema=../docs/reference/sallyport.schema.json");
    }

    @ParameterizedTest
    @MethodSource
    void what_the_reader_refuses_the_schema_refuses_where_it_can_tell(Cases.Case refused) throws IOException {
        assertThat(faults(refused.yaml())).isNotEmpty();
    }

    static List<Cases.Case> what_the_reader_refuses_the_schema_refuses_where_it_can_tell() {
        return Cases.refused().stream()
                .filter(refused -> refused.schema() == Cases.Schema.REFUSES)
                .toList();
    }

    /** An unknown key makes the reader list the keys that it knows: the schema has these and no others. */
    @ParameterizedTest
    @MethodSource({"schema_and_reader_know_the_same_keys", "ofProviders"})
    void schema_and_reader_know_the_same_keys(Group group) throws IOException {
        var problems = ((Loaded.Invalid) read(group.yaml())).problems();

        var known = problems.stream()
                .filter(problem -> problem.place().key().endsWith("zzzzzz"))
                .map(problem -> problem.instead().replaceAll(".*known here: ([^)]*).*", "$1"))
                .findFirst()
                .orElseThrow();

        var expected = new TreeSet<String>();
        schema().at(group.pointer()).fieldNames().forEachRemaining(expected::add);
        assertThat(new TreeSet<>(List.of(known.split(", ", -1)))).isEqualTo(expected);
    }

    /** A place in the schema, and a file with an unknown key at that place. */
    record Group(String pointer, String yaml) {
        @Override
        public String toString() {
            return pointer;
        }
    }

    static List<Group> schema_and_reader_know_the_same_keys() {
        var minimal = Cases.MINIMAL;
        var credential = "    credential: ";
        return List.of(
                new Group("/properties", minimal + "zzzzzz: 1\n"),
                new Group("/properties/listen/properties", minimal + "listen: { zzzzzz: 1 }\n"),
                new Group("/properties/listen/properties/tls/properties", minimal + "listen: { tls: { zzzzzz: 1 } }\n"),
                new Group("/properties/management/properties", minimal + "management: { zzzzzz: 1 }\n"),
                new Group(
                        "/properties/authorizationServer/properties",
                        minimal.replace("  keycloak:", "  zzzzzz: 1\n  keycloak:")),
                new Group("/properties/limits/properties", minimal + "limits: { zzzzzz: 1 }\n"),
                new Group("/properties/store/properties", minimal + "store: { zzzzzz: 1 }\n"),
                new Group("/$defs/cluster/properties", minimal + "store: { cluster: { zzzzzz: 1 } }\n"),
                new Group("/$defs/remote/properties", minimal + "store: { remote: { zzzzzz: 1 } }\n"),
                new Group("/properties/audit/properties", minimal + "audit: { zzzzzz: 1 }\n"),
                new Group("/properties/tracing/properties", minimal + "tracing: { zzzzzz: 1 }\n"),
                new Group(
                        "/$defs/server/properties",
                        minimal.replace("    title: Team", "    zzzzzz: 1\n    title: Team")),
                new Group(
                        "/$defs/server/properties/upstream/properties", minimal.replace("{ url:", "{ zzzzzz: 1, url:")),
                new Group(
                        "/$defs/server/properties/upstream/properties/limits/properties",
                        minimal.replace("{ url:", "{ command: [x], limits: { zzzzzz: 1 }, url:")),
                new Group(
                        "/$defs/server/properties/upstream/properties/credential/properties",
                        minimal.replace("{ url:", "{ command: [x], credential: { zzzzzz: 1 }, url:")),
                new Group(
                        "/$defs/server/properties/authorizationServer/properties",
                        minimal.replace("    title: Team", "    authorizationServer: { zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/server/properties/identity/properties",
                        minimal.replace("    title: Team", "    identity: { zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/server/properties/rates/properties",
                        minimal.replace("    title: Team", "    rates: { zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/server/properties/approvals/properties",
                        minimal.replace("    title: Team", "    approvals: { zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/credentialShared/properties",
                        minimal.replace(
                                "    title: Team", credential + "{ type: shared, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/credentialApiKey/properties",
                        minimal.replace(
                                "    title: Team", credential + "{ type: api-key, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/credentialBasic/properties",
                        minimal.replace("    title: Team", credential + "{ type: basic, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/credentialNone/properties",
                        minimal.replace("    title: Team", credential + "{ type: none, zzzzzz: 1 }\n    title: Team")),
                new Group("/$defs/permissionSet/properties", minimal.replace("default: true", "zzzzzz: 1")),
                new Group(
                        "/$defs/permissionSet/properties/grantableTo/properties",
                        minimal.replace("default: true", "grantableTo: { zzzzzz: 1 }")),
                new Group("/$defs/rule/properties", minimal.replace("{ tools:", "{ zzzzzz: 1, tools:")));
    }

    static List<Group> ofProviders() {
        var minimal = Cases.MINIMAL;
        var credential = "    credential: ";
        return List.of(
                new Group(
                        "/$defs/credentialOAuth2/properties",
                        minimal.replace(
                                "    title: Team", credential + "{ type: oauth2, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/oauthEndpoints/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: oauth2, endpoints: { zzzzzz: 1 } }\n    title: Team")),
                new Group(
                        "/$defs/oauthTokenEndpoint/properties",
                        minimal.replace(
                                "    title: Team",
                                credential
                                        + "{ type: client-credentials, endpoints: { zzzzzz: 1 } }\n    title: Team")),
                new Group(
                        "/$defs/oauthClient/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: oauth2, client: { zzzzzz: 1 } }\n    title: Team")),
                new Group(
                        "/$defs/credentialTokenExchange/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: token-exchange, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/idJag/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: token-exchange, idJag: { zzzzzz: 1 } }\n    title: Team")),
                new Group(
                        "/$defs/credentialKeycloakBroker/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: keycloak-broker, zzzzzz: 1 }\n    title: Team")),
                new Group(
                        "/$defs/credentialClientCredentials/properties",
                        minimal.replace(
                                "    title: Team",
                                credential + "{ type: client-credentials, zzzzzz: 1 }\n    title: Team")));
    }

    @Test
    void the_reference_is_what_the_schema_says() throws IOException {
        var file = DOCS.resolve("configuration.md");
        var rendered = new ReferencePage(schema()).render();
        if ("true".equals(System.getenv("SALLYPORT_WRITE"))) {
            Files.writeString(file, rendered);
        }

        assertThat(Files.readString(file)).isEqualTo(rendered);
    }

    private static JsonNode schema() throws IOException {
        return JSON.readTree(Files.readString(DOCS.resolve("sallyport.schema.json")));
    }

    private static List<Error> faults(String yaml) throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(DOCS.resolve("sallyport.schema.json")), InputFormat.JSON);
        var values = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        return new ArrayList<>(schema.validate(JSON.writeValueAsString(values), InputFormat.JSON));
    }

    private static Loaded read(String yaml) {
        return SettingsFile.read(Path.of("/nowhere/sallyport.yaml"), yaml.getBytes(StandardCharsets.UTF_8), Map.of());
    }
}
