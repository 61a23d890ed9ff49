package dev.sallyport.keycloak.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.util.JsonSerialization;

class ClientMetadataTest {
    private static final String REDIRECTS = "\"redirect_uris\": [\"https://app.example/cb\"]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{%s}",
                "{%s, \"scope\": \"openid whatever\", \"foo\": {\"bar\": 1}, \"client_name#fr\": \"x\"}",
                "{%s, \"grant_types\": [\"authorization_code\", \"implicit\", \"password\", \"urn:x\"]}",
                "{%s, \"response_types\": [\"code\", \"token\"]}",
                "{%s, \"contacts\": 7, \"software_id\": \"a\", \"application_type\": \"native\"}",
                "{%s, \"client_name\": 7, \"logo_uri\": {}, \"client_uri\": null}",
            })
    void much_is_read(String json) {
        assertThat(read(json.replace("%s", REDIRECTS)).redirectUris()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]                                                      | invalid_client_metadata",
                "{}                                                      | invalid_redirect_uri",
                "{\"redirect_uris\": []}                                 | invalid_redirect_uri",
                "{\"redirect_uris\": \"https://app.example\"}            | invalid_redirect_uri",
                "{\"redirect_uris\": [7]}                                | invalid_redirect_uri",
                "{\"redirect_uris\": [\"https://a.example\", \"*\"]}     | invalid_redirect_uri",
                "{%s, \"grant_types\": [\"foo\"]}                        | invalid_client_metadata",
                "{%s, \"grant_types\": [\"client_credentials\"]}         | invalid_client_metadata",
                "{%s, \"grant_types\": \"authorization_code\"}           | invalid_client_metadata",
                "{%s, \"response_types\": [\"token\"]}                   | invalid_client_metadata",
                "{%s, \"token_endpoint_auth_method\": \"tls_client_auth\"} | invalid_client_metadata",
                "{%s, \"jwks\": {\"keys\": [{\"kty\": \"EC\", \"d\": \"x\"}]}} | invalid_client_metadata",
                "{%s, \"jwks\": {\"keys\": [{\"kty\": \"oct\", \"k\": \"x\"}]}} | invalid_client_metadata",
                "{%s, \"jwks\": {\"keys\": []}}                          | invalid_client_metadata",
            })
    void little_is_refused_and_by_the_right_name(String json, String error) {
        assertThatThrownBy(() -> read(json.replace("%s", REDIRECTS)))
                .isInstanceOfSatisfying(
                        MetadataException.class,
                        refused -> assertThat(refused.error()).isEqualTo(error));
    }

    @Test
    void a_name_cannot_turn_or_hide_text() {
        var metadata = read("{" + REDIRECTS + ", \"client_name\": \"  Claude\\u202e\\u200b\\u0000\\nDesktop  \"}");

        assertThat(metadata.name()).contains("Claude Desktop");
    }

    @Test
    void a_long_name_is_cut_between_characters() {
        var metadata = read("{" + REDIRECTS + ", \"client_name\": \"" + "😀".repeat(300) + "\"}");

        assertThat(metadata.name()).contains("😀".repeat(100));
    }

    @Test
    void only_web_links_are_kept() {
        var metadata = read("{" + REDIRECTS
                + ", \"client_uri\": \"https://app.example\", \"logo_uri\": \"javascript:alert(1)\","
                + " \"tos_uri\": \"data:text/html,x\", \"policy_uri\": \"//app.example\"}");

        assertThat(metadata.links()).containsOnlyKeys("client_uri");
    }

    private static ClientMetadata read(String json) {
        try {
            return ClientMetadata.read(
                    JsonSerialization.mapper.readTree(json), List.of(AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
