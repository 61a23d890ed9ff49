package dev.sallyport.keycloak.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.util.JsonSerialization;

class PublicationTest {
    private static final String GOOD = """
            {"publicUrl": "https://gate.test", "servers": [{"name": "notes", "resource": "https://Gate.test:443/notes/mcp/",
             "connect": "none", "permissionSets": [
              {"name": "read", "scope": "notes:read", "effect": "read", "default": true},
              {"name": "write", "scope": "notes:write", "includes": ["read"]}]}]}
            """;

    @Test
    void a_publication_survives_being_stored() {
        var publication = parse(GOOD);

        assertThat(parse(publication.toJson())).isEqualTo(publication);
    }

    @Test
    void the_resource_is_canonical_and_what_is_left_out_has_a_safe_meaning() {
        var server = parse(GOOD).servers().get(0);

        assertThat(server.resource()).isEqualTo("https://gate.test/notes/mcp");
        assertThat(server.title()).isEqualTo("notes");
        assertThat(server.permissionSets().get(1).byDefault()).isFalse();
        assertThat(server.permissionSets().get(1).effect()).isEqualTo(PermissionSet.Effect.CHANGE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"name\": \"notes\"              | \"name\": \"no tes\"            | name",
                "\"name\": \"write\"              | \"name\": \"read\"              | given twice",
                "notes:write                      | notes:read                      | given twice",
                "notes:read                       | openid                          | reserved",
                "notes:read                       | offline_access                  | reserved",
                "notes:read                       | notes read                      | scope",
                "[\"read\"]                       | [\"gone\"]                      | includes",
                "\"effect\": \"read\"             | \"effect\": \"all\"             | effect",
                "\"default\": true                | \"default\": \"yes\"            | default",
                "\"connect\": \"none\"            | \"connect\": \"user\"           | connectUrl",
                "https://Gate.test:443/notes/mcp/ | https://gate.test/mcp?x=1       | resource",
                "https://Gate.test:443/notes/mcp/ | https://u@gate.test/mcp         | resource",
                "https://Gate.test:443/notes/mcp/ | ftp://gate.test/mcp             | resource",
            })
    void whatever_is_wrong_refuses_all_of_it_and_says_where(String good, String bad, String reason) {
        assertThatThrownBy(() -> parse(GOOD.replace(good, bad)))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining(reason);
    }

    private static Publication parse(String json) {
        try {
            return Publication.parse(JsonSerialization.mapper.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
