package dev.sallyport.proxy.discovery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.oauth.Scopes;
import dev.sallyport.proxy.settings.PermissionSet;
import dev.sallyport.proxy.settings.ServerSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The protected resource metadata of one server (RFC 9728 section 2). {@code resource} is spelled exactly as in tokens,
 * and the authorization server exactly as in its own metadata, since clients compare both to the letter.
 */
public final class ResourceMetadata {

    /** RFC 9728 section 3: goes between the origin and the resource's own path. */
    public static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";

    private final ServerSettings server;
    private final URI issuer;

    public ResourceMetadata(ServerSettings server, URI issuer) {
        this.server = server;
        this.issuer = issuer;
    }

    /** Where the document of this resource is found: the well-known path inserted before the resource's path. */
    public static String path(ResourceId resource) {
        return WELL_KNOWN + resource.path();
    }

    /** The document's own address, for challenges. */
    public URI address() {
        return server.resource().uri().resolve(path(server.resource()));
    }

    /** The document, UTF-8. */
    public byte[] document() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("resource", server.resource().toString());
        json.putArray("authorization_servers").add(issuer.toString());
        var scopes = json.putArray("scopes_supported");
        server.permissions().forEach(set -> scopes.add(set.scope()));
        json.putArray("bearer_methods_supported").add("header");
        json.put("resource_name", server.title());
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The scopes of a first challenge: the default permission sets and nothing more. */
    public Scopes defaultScopes() {
        return Scopes.of(server.permissions().stream()
                .filter(PermissionSet::byDefault)
                .map(PermissionSet::scope)
                .toList());
    }
}
