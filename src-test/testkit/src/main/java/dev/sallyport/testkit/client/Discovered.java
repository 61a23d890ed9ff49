package dev.sallyport.testkit.client;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a client has found out about an MCP server, in the order that the MCP specification gives: challenge, protected
 * resource metadata, authorization server metadata.
 *
 * @param scope the challenge's scope
 */
public record Discovered(
        URI server, String resource, Optional<String> scope, JsonNode resourceMetadata, JsonNode authorizationServer) {

    private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    /** Asks without a token and follows what the challenge names. */
    public static Discovered at(URI server) {
        var challenge = Http.postJson(server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}")
                .header("WWW-Authenticate")
                .orElseThrow(() -> new AssertionError("no challenge from " + server));
        var metadata = Http.get(URI.create(parameter(challenge, "resource_metadata")
                        .orElseThrow(() -> new AssertionError("no resource_metadata in " + challenge))))
                .json();
        var issuer = URI.create(metadata.path("authorization_servers").path(0).asString());
        var wellKnown = issuer.resolve("/.well-known/oauth-authorization-server" + issuer.getRawPath());
        return new Discovered(
                server,
                metadata.path("resource").asString(),
                parameter(challenge, "scope"),
                metadata,
                Http.get(wellKnown).json());
    }

    /** A parameter of a challenge. */
    public static Optional<String> parameter(String challenge, String name) {
        var matcher = PARAMETER.matcher(challenge);
        while (matcher.find()) {
            if (matcher.group(1).equals(name)) {
                return Optional.of(matcher.group(2));
            }
        }
        return Optional.empty();
    }

    public String issuer() {
        return authorizationServer.path("issuer").asString();
    }

    public URI registrationEndpoint() {
        return endpoint("registration_endpoint");
    }

    public URI authorizationEndpoint() {
        return endpoint("authorization_endpoint");
    }

    public URI tokenEndpoint() {
        return endpoint("token_endpoint");
    }

    public URI revocationEndpoint() {
        return endpoint("revocation_endpoint");
    }

    private URI endpoint(String name) {
        return URI.create(authorizationServer
                .path(name)
                .asStringOpt()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + authorizationServer)));
    }
}
