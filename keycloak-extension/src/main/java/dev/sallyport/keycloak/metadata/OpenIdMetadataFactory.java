package dev.sallyport.keycloak.metadata;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.sallyport.keycloak.registry.Registry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCWellKnownProviderFactory;
import org.keycloak.util.JsonSerialization;
import org.keycloak.wellknown.WellKnownProvider;
import org.keycloak.wellknown.WellKnownProviderFactory;

/**
 * Adds to {@code openid-configuration} what is true for a realm with MCP clients, and takes nothing away: the OpenID
 * Connect clients of the realm go on reading their own endpoints. It is also there at the path that RFC 8414 would give
 * it, where MCP clients look second.
 *
 * <p>A realm that has only MCP clients can set its attribute {@link #FOR_MCP} to {@code mcp}: then the document leads to
 * the same endpoints as the one for MCP clients does, for clients that read no other.
 */
public class OpenIdMetadataFactory implements WellKnownProviderFactory {
    /** Realm attribute. */
    static final String FOR_MCP = "sallyport.openid-configuration";

    private static final TypeReference<LinkedHashMap<String, Object>> DOCUMENT = new TypeReference<>() {};
    private static final String REVOCATION = "revocation_endpoint";
    private static final String METHODS = "token_endpoint_auth_methods_supported";

    @Override
    public WellKnownProvider create(KeycloakSession session) {
        return new WellKnownProvider() {
            @Override
            public Object getConfig() {
                var realm = session.getContext().getRealm();
                var own = session.getProvider(WellKnownProvider.class, OIDCWellKnownProviderFactory.PROVIDER_ID)
                        .getConfig();
                return Registry.serves(session) ? extended(session, realm, own) : own;
            }

            @Override
            public void close() {}
        };
    }

    private static Map<String, Object> extended(KeycloakSession session, RealmModel realm, Object own) {
        Map<String, Object> document = JsonSerialization.mapper.convertValue(own, DOCUMENT);
        var forMcp = new AuthorizationServerMetadata(session).document();
        if ("mcp".equals(realm.getAttribute(FOR_MCP))) {
            document.putAll(forMcp);
            return document;
        }
        var methods = new ArrayList<Object>();
        if (document.get(METHODS) instanceof List<?> stock) {
            methods.addAll(stock);
        }
        if (!methods.contains("none")) {
            methods.add("none");
        }
        document.put(METHODS, methods);
        // Ours takes every token; those of grants are better ended there.
        document.put(REVOCATION, forMcp.get(REVOCATION));
        return document;
    }

    @Override
    public String getId() {
        return "sallyport-openid-configuration";
    }

    @Override
    public String getAlias() {
        return OIDCWellKnownProviderFactory.PROVIDER_ID;
    }

    /** The lowest wins; Keycloak's own has 100. */
    @Override
    public int getPriority() {
        return 0;
    }

    @Override
    public boolean isAvailableViaServerMetadata() {
        return true;
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}
}
