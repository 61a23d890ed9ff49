package dev.sallyport.keycloak.clientid;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.keycloak.client.ClientMetadata;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import dev.sallyport.keycloak.client.MetadataException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.keycloak.util.JsonSerialization;

/** A document that was fetched and holds: it names its own URL, has no secret in it, and its public keys are at hand. */
record ClientDocument(ClientMetadata metadata, Duration cacheTime) {
    /** The draft recommends five kilobytes; documents with a few keys in them are larger. */
    static final int SIZE_LIMIT = 10_240;

    private static final int KEYS_LIMIT = 20_480;
    private static final List<AuthMethod> METHODS = List.of(AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT);

    static ClientDocument fetch(DocumentUrl url, DocumentSettings settings) {
        var guard = new GuardedFetch(settings.loopbackAllowed());
        var fetched = guard.get(url.uri(), SIZE_LIMIT);
        var json = parse(fetched.text());
        if (!url.uri().toString().equals(json.path("client_id").asText())) {
            throw DocumentException.refused("the client_id in the document is not exactly its URL");
        }
        if (json.has("client_secret") || json.has("client_secret_expires_at")) {
            throw DocumentException.refused("the document has a client_secret in it");
        }
        try {
            var metadata = ClientMetadata.read(withKeys(json, guard, settings), METHODS);
            if (metadata.authMethod() == AuthMethod.PRIVATE_KEY_JWT
                    && metadata.jwks().isEmpty()) {
                throw DocumentException.refused("private_key_jwt needs jwks or jwks_uri");
            }
            return new ClientDocument(metadata, fetched.cacheTime().duration());
        } catch (MetadataException refused) {
            throw DocumentException.refused(refused.description());
        }
    }

    /** Keys elsewhere are fetched through the same guard, never by Keycloak itself, which would go anywhere. */
    private static JsonNode withKeys(ObjectNode json, GuardedFetch guard, DocumentSettings settings) {
        if (!AuthMethod.PRIVATE_KEY_JWT
                        .text()
                        .equals(json.path("token_endpoint_auth_method").asText())
                || json.has("jwks")
                || !json.path("jwks_uri").isTextual()) {
            return json;
        }
        var keys = DocumentUrl.of(json.path("jwks_uri").textValue(), settings.loopbackAllowed());
        return json.set(
                "jwks",
                parse(guard.get(URI.create(keys.uri().toString()), KEYS_LIMIT).text()));
    }

    private static ObjectNode parse(String text) {
        try {
            var json = JsonSerialization.mapper
                    .reader()
                    .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .readTree(text);
            if (json instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw DocumentException.refused("the document is not JSON, or a field is in it twice");
        }
        throw DocumentException.refused("the document is not a JSON object");
    }
}
