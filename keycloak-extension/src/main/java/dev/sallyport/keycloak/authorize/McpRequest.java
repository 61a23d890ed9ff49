package dev.sallyport.keycloak.authorize;

import dev.sallyport.keycloak.client.McpClients;
import dev.sallyport.keycloak.registry.McpServer;
import dev.sallyport.keycloak.registry.PermissionSet;
import dev.sallyport.keycloak.registry.Registry;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.models.ClientModel;

/** The rules for requests for an MCP server, the same at both doors. */
final class McpRequest {
    /** BASE64URL of a SHA-256, RFC 7636 section 4.2. */
    private static final Pattern S256_CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private static final Pattern SPACES = Pattern.compile("\\s+");

    private McpRequest() {}

    /** Whether it is one: an MCP client sends it, or it names one of our resources or scopes. */
    static boolean isOne(Registry registry, ClientModel client, List<String> resources, Set<String> scopes) {
        return McpClients.isMarked(client)
                || resources.stream()
                        .anyMatch(resource -> registry.byResource(resource).isPresent())
                || scopes.stream().anyMatch(scope -> registry.byScope(scope).isPresent());
    }

    /** In the order of the request, without the empty ones that stray spaces make. */
    static Set<String> scopes(Optional<String> parameter) {
        var scopes = new LinkedHashSet<String>();
        parameter.ifPresent(text -> Arrays.stream(SPACES.split(text, -1))
                .filter(scope -> !scope.isEmpty())
                .forEach(scopes::add));
        return scopes;
    }

    /**
     * The one server a request is for. Several resources in one grant would need several audiences in one token, which is
     * what lets one MCP server use a token at another.
     *
     * @throws AuthorizationRefusal {@code invalid_target} (RFC 8707 section 2)
     */
    static McpServer server(Registry registry, List<String> resources) {
        if (registry.all().isEmpty()) {
            throw new AuthorizationRefusal("temporarily_unavailable", "No MCP server is published here yet.");
        }
        if (resources.size() > 1) {
            throw new AuthorizationRefusal("invalid_target", "One resource at a time, please.");
        }
        if (resources.isEmpty()) {
            // Clients of the revisions before 2025-06-18 know no resource parameter.
            if (registry.all().size() == 1) {
                return registry.all().get(0);
            }
            throw new AuthorizationRefusal(
                    "invalid_target", "The resource parameter is missing, and there are several MCP servers here.");
        }
        return registry.byResource(resources.get(0))
                .orElseThrow(() -> new AuthorizationRefusal("invalid_target", "The resource is not known here."));
    }

    /** What is asked of this server. The rest is dropped: unknown and foreign names, {@code openid}, {@code offline_access}. */
    static List<String> granted(McpServer server, Set<String> asked) {
        return server.permissionSets().stream()
                .map(PermissionSet::scope)
                .filter(asked::contains)
                .toList();
    }

    /** OAuth 2.1 section 4.1.1, for confidential clients as well: {@code plain} protects nothing. */
    static void checkProof(Optional<String> challenge, Optional<String> method) {
        if (challenge.isEmpty()) {
            throw new AuthorizationRefusal(
                    OAuthErrorException.INVALID_REQUEST, "code_challenge is missing (RFC 7636).");
        }
        if (!method.filter(OAuth2Constants.PKCE_METHOD_S256::equals).isPresent()) {
            throw new AuthorizationRefusal(
                    OAuthErrorException.INVALID_REQUEST, "code_challenge_method has to be S256.");
        }
        if (!S256_CHALLENGE.matcher(challenge.get()).matches()) {
            throw new AuthorizationRefusal(OAuthErrorException.INVALID_REQUEST, "code_challenge is not an S256 value.");
        }
    }
}
