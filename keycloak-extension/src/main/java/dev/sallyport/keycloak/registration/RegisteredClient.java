package dev.sallyport.keycloak.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.keycloak.client.ClientMetadata;
import dev.sallyport.keycloak.client.ClientMetadata.AuthMethod;
import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.client.RedirectUri;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.keycloak.authentication.authenticators.client.ClientIdAndSecretAuthenticator;
import org.keycloak.authentication.authenticators.client.JWTClientAuthenticator;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientSecretConstants;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.util.JsonSerialization;

/** Writes metadata into a Keycloak client, and out of it as RFC 7591 section 3.2.1 wants it. */
final class RegisteredClient {
    /** The metadata as registered, for RFC 7592 reads: Keycloak's own fields do not hold all of it. */
    private static final String METADATA = "sallyport.registration.metadata";

    private static final String DEFAULT_NAME = "MCP client";

    private final ClientModel client;

    RegisteredClient(ClientModel client) {
        this.client = client;
    }

    /** @param origins web pages beside those of the redirect URIs that may call the token endpoint */
    void write(ClientMetadata metadata, Set<String> origins) {
        McpClients.furnish(client, McpClients.REGISTERED);
        client.setName(metadata.name().orElse(DEFAULT_NAME));
        McpClients.setRedirects(client, metadata.redirectUris(), origins);
        authenticate(metadata);
        client.setAttribute(METADATA, stored(metadata).toString());
    }

    private void authenticate(ClientMetadata metadata) {
        var method = metadata.authMethod();
        client.setPublicClient(method == AuthMethod.NONE);
        client.setClientAuthenticatorType(
                method == AuthMethod.PRIVATE_KEY_JWT
                        ? JWTClientAuthenticator.PROVIDER_ID
                        : ClientIdAndSecretAuthenticator.PROVIDER_ID);
        if (!method.hasSecret()) {
            client.setSecret(null);
            client.removeAttribute(ClientSecretConstants.CLIENT_SECRET_AUTHENTICATION_ALLOWED_METHOD);
        } else {
            if (client.getSecret() == null) {
                client.setSecret(SecretGenerator.getInstance().randomString(43));
            }
            client.setAttribute(ClientSecretConstants.CLIENT_SECRET_AUTHENTICATION_ALLOWED_METHOD, method.text());
        }
        var settings = OIDCAdvancedConfigWrapper.fromClientModel(client);
        settings.setUseJwksString(method == AuthMethod.PRIVATE_KEY_JWT);
        settings.setJwksString(
                method == AuthMethod.PRIVATE_KEY_JWT
                        ? metadata.jwks().map(JsonNode::toString).orElse(null)
                        : null);
    }

    private static ObjectNode stored(ClientMetadata metadata) {
        var json = JsonSerialization.mapper.createObjectNode();
        var redirects = json.putArray("redirect_uris");
        metadata.redirectUris().stream().map(RedirectUri::text).forEach(redirects::add);
        json.put("token_endpoint_auth_method", metadata.authMethod().text());
        json.putArray("grant_types").add("authorization_code").add("refresh_token");
        json.putArray("response_types").add("code");
        metadata.name().ifPresent(name -> json.put("client_name", name));
        metadata.links().forEach(json::put);
        metadata.jwks().ifPresent(jwks -> json.set("jwks", jwks));
        return json;
    }

    /** What the client is told about itself, with the token by which it may come back. */
    Map<String, Object> information(String registrationToken, String registrationUri, long issuedAt) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("client_id", client.getClientId());
        if (issuedAt > 0) {
            answer.put("client_id_issued_at", issuedAt);
        }
        if (!client.isPublicClient() && client.getSecret() != null) {
            answer.put("client_secret", client.getSecret());
            answer.put("client_secret_expires_at", 0);
        }
        answer.put("registration_access_token", registrationToken);
        answer.put("registration_client_uri", registrationUri);
        try {
            JsonSerialization.mapper
                    .readTree(client.getAttribute(METADATA))
                    .properties()
                    .forEach(field -> answer.put(field.getKey(), field.getValue()));
        } catch (IOException e) {
            throw new IllegalStateException("the stored metadata of a client is not JSON", e);
        }
        return answer;
    }
}
