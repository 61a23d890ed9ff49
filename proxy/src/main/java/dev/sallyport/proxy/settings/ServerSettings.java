package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.oauth.ResourceId;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** One protected MCP server: where clients find it, what stands behind it, and what may be granted. */
public record ServerSettings(
        String name,
        String title,
        String description,
        ResourceId resource,
        UpstreamSettings upstream,
        Optional<IssuerSettings> issuer,
        CredentialSettings credential,
        Optional<IdentitySettings> identity,
        List<PermissionSet> permissions,
        CallRules calls) {

    public ServerSettings {
        permissions = List.copyOf(permissions);
    }

    /** With the rules for calls that hold where the file says nothing. */
    @SuppressWarnings("checkstyle:ParameterNumber") // As many as the record has components.
    public ServerSettings(
            String name,
            String title,
            String description,
            ResourceId resource,
            UpstreamSettings upstream,
            Optional<IssuerSettings> issuer,
            CredentialSettings credential,
            List<PermissionSet> permissions) {
        this(name, title, description, resource, upstream, issuer, credential, permissions, CallRules.defaults());
    }

    /** Of whose callers the MCP server is told nothing. */
    @SuppressWarnings("checkstyle:ParameterNumber") // As many as the record has components.
    public ServerSettings(
            String name,
            String title,
            String description,
            ResourceId resource,
            UpstreamSettings upstream,
            Optional<IssuerSettings> issuer,
            CredentialSettings credential,
            List<PermissionSet> permissions,
            CallRules calls) {
        this(name, title, description, resource, upstream, issuer, credential, Optional.empty(), permissions, calls);
    }

    /**
     * The MCP server is told who calls.
     *
     * @param header where the assertion goes
     * @param audience the MCP server's own name for itself
     */
    public record IdentitySettings(String header, String audience) {}

    /** Another authorization server that mints for this resource: strict checks stay the same. */
    public record IssuerSettings(URI issuer, Optional<URI> jwks) {}
}
