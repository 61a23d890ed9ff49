package dev.sallyport.keycloak.metadata;

import dev.sallyport.keycloak.clientid.DocumentSettings;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.Registry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keycloak.OAuth2Constants;
import org.keycloak.crypto.ClientSignatureVerifierProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.OIDCLoginProtocolService;
import org.keycloak.protocol.oidc.endpoints.TokenEndpoint;
import org.keycloak.services.Urls;
import org.keycloak.services.clientregistration.ClientRegistrationProvider;
import org.keycloak.services.resources.RealmsResource;
import org.keycloak.urls.UrlType;

/**
 * The document for MCP clients: only what they may use. {@code offline_access} and {@code openid} are left out on purpose,
 * because SDKs ask for whatever is listed; long-lived grants are given without being asked for.
 */
final class AuthorizationServerMetadata {
    private static final List<String> AUTHENTICATION_METHODS =
            List.of("none", "client_secret_basic", "client_secret_post", "private_key_jwt");

    private final KeycloakSession session;

    AuthorizationServerMetadata(KeycloakSession session) {
        this.session = session;
    }

    /** Every URL is the public one, whichever way the document was fetched. */
    Map<String, Object> document() {
        var realm = session.getContext().getRealm().getName();
        var base = session.getContext().getUri(UrlType.FRONTEND);
        var issuer = Urls.realmIssuer(base.getBaseUri(), realm);
        var protocol = RealmsResource.protocolUrl(base);
        var token = protocol.clone()
                .path(OIDCLoginProtocolService.class, "token")
                .build(realm, OIDCLoginProtocol.LOGIN_PROTOCOL)
                .toString();
        var document = new LinkedHashMap<String, Object>();
        document.put("issuer", issuer);
        document.put("authorization_endpoint", issuer + "/sallyport/authorize");
        document.put("token_endpoint", token);
        document.put(
                "jwks_uri",
                protocol.clone()
                        .path(OIDCLoginProtocolService.class, "certs")
                        .build(realm, OIDCLoginProtocol.LOGIN_PROTOCOL)
                        .toString());
        if (session.getKeycloakSessionFactory().getProviderFactory(ClientRegistrationProvider.class, "mcp") != null) {
            document.put("registration_endpoint", issuer + "/clients-registrations/mcp");
        }
        document.put("revocation_endpoint", issuer + "/sallyport/revoke");
        document.put(
                "introspection_endpoint",
                protocol.clone()
                        .path(OIDCLoginProtocolService.class, "token")
                        .path(TokenEndpoint.class, "introspect")
                        .build(realm, OIDCLoginProtocol.LOGIN_PROTOCOL)
                        .toString());
        document.put("scopes_supported", scopes());
        document.put("response_types_supported", List.of("code"));
        document.put("response_modes_supported", List.of("query", "fragment", "form_post"));
        document.put("grant_types_supported", List.of("authorization_code", "refresh_token", "client_credentials"));
        document.put("token_endpoint_auth_methods_supported", AUTHENTICATION_METHODS);
        document.put("token_endpoint_auth_signing_alg_values_supported", signatures());
        document.put("revocation_endpoint_auth_methods_supported", AUTHENTICATION_METHODS);
        document.put("revocation_endpoint_auth_signing_alg_values_supported", signatures());
        document.put("code_challenge_methods_supported", List.of(OAuth2Constants.PKCE_METHOD_S256));
        document.put("authorization_response_iss_parameter_supported", true);
        if (DocumentSettings.current().accepted()) {
            document.put("client_id_metadata_document_supported", true);
        }
        return document;
    }

    private List<String> scopes() {
        return Registry.of(session).all().stream()
                .map(McpServer::permissionSets)
                .flatMap(List::stream)
                .map(PermissionSet::scope)
                .toList();
    }

    /** For {@code private_key_jwt}; the symmetric ones belong to another method. */
    private List<String> signatures() {
        return session.getKeycloakSessionFactory()
                .getProviderFactoriesStream(ClientSignatureVerifierProvider.class)
                .map(factory -> factory.getId())
                .filter(algorithm -> !algorithm.startsWith("HS"))
                .sorted()
                .toList();
    }
}
