package dev.sallyport.keycloak.authorize;

import jakarta.ws.rs.core.UriBuilder;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.OIDCLoginProtocolService;
import org.keycloak.services.resources.RealmsResource;
import org.keycloak.urls.UrlType;

/** The request as it goes on to Keycloak's own endpoint. */
final class CleanRequest {
    /** Copied as they are. Whatever else a client sends, or somebody added to its link, ends here. */
    private static final Set<String> COPIED = Set.of(
            OAuth2Constants.RESPONSE_TYPE,
            OAuth2Constants.CLIENT_ID,
            OAuth2Constants.STATE,
            OAuth2Constants.CODE_CHALLENGE,
            OAuth2Constants.CODE_CHALLENGE_METHOD,
            OIDCLoginProtocol.RESPONSE_MODE_PARAM,
            OIDCLoginProtocol.PROMPT_PARAM,
            OIDCLoginProtocol.MAX_AGE_PARAM,
            OIDCLoginProtocol.LOGIN_HINT_PARAM,
            OIDCLoginProtocol.ACR_PARAM,
            OIDCLoginProtocol.DPOP_JKT,
            OAuth2Constants.UI_LOCALES_PARAM);

    private CleanRequest() {}

    static URI of(
            KeycloakSession session, Parameters parameters, String redirectUri, String resource, List<String> scopes) {
        var builder = endpoint(session);
        for (var name : COPIED) {
            parameters.first(name).ifPresent(value -> builder.queryParam(name, "{" + name + "}"));
        }
        builder.queryParam(OAuth2Constants.REDIRECT_URI, "{" + OAuth2Constants.REDIRECT_URI + "}");
        builder.queryParam(OAuth2Constants.RESOURCE, "{" + OAuth2Constants.RESOURCE + "}");
        var values = new java.util.HashMap<String, Object>();
        COPIED.forEach(name -> parameters.first(name).ifPresent(value -> values.put(name, value)));
        values.put(OAuth2Constants.REDIRECT_URI, redirectUri);
        values.put(OAuth2Constants.RESOURCE, resource);
        if (!scopes.isEmpty()) {
            builder.queryParam(OAuth2Constants.SCOPE, "{" + OAuth2Constants.SCOPE + "}");
            values.put(OAuth2Constants.SCOPE, String.join(" ", scopes));
        }
        values.put("realm", session.getContext().getRealm().getName());
        values.put("protocol", OIDCLoginProtocol.LOGIN_PROTOCOL);
        return builder.buildFromMap(values);
    }

    static URI unchanged(KeycloakSession session, Parameters parameters) {
        var builder = endpoint(session);
        var values = new java.util.HashMap<String, Object>();
        parameters.values().forEach((name, all) -> {
            for (var i = 0; i < all.size(); i++) {
                var slot = "p" + values.size();
                builder.queryParam(encoded(name), "{" + slot + "}");
                values.put(slot, all.get(i));
            }
        });
        values.put("realm", session.getContext().getRealm().getName());
        values.put("protocol", OIDCLoginProtocol.LOGIN_PROTOCOL);
        return builder.buildFromMap(values);
    }

    private static UriBuilder endpoint(KeycloakSession session) {
        return RealmsResource.protocolUrl(session.getContext().getUri(UrlType.FRONTEND))
                .path(OIDCLoginProtocolService.class, "auth");
    }

    private static String encoded(String name) {
        return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8);
    }
}
