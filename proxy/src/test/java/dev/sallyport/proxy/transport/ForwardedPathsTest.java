package dev.sallyport.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.SecretRef;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedPathsTest {

    private final AuthorizationServerPaths paths = paths(false, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/realms/mcp",
                "/realms/mcp/protocol/openid-connect/auth",
                "/realms/mcp/login-actions/authenticate",
                "/realms/mcp/broker/google/endpoint",
                "/realms/mcp/account/",
                "/realms/mcp/sallyport/authorize",
                "/realms/mcp/sallyport/revoke",
                "/resources/abc/login/keycloak.v2/css/styles.css",
            })
    void the_realm_and_the_files_of_its_pages_are_forwarded(String path) {
        assertThat(paths.find(path))
                .get()
                .isInstanceOfSatisfying(
                        Route.AuthorizationServer.class,
                        route -> assertThat(route.path()).isEqualTo(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/realms/mcp/sallyport/registry",
                "/realms/mcp/sallyport/registry/",
                "/realms/mcp/sallyport/brokered/google",
                "/realms/mcp/sallyport/revocations",
                "/realms/mcp/sallyport/connections/notes/alice",
                "/realms/mcp/sallyport/grants",
                "/realms/mcp/sallyport/grants/1",
                "/realms/mcpx",
                "/realms/master",
                "/realms/master/protocol/openid-connect/token",
                "/realms/other/account",
                "/realms",
                "/realms/",
                "/Realms/mcp",
                "/admin",
                "/admin/realms/mcp/users",
                "/metrics",
                "/health/ready",
                "/js/keycloak.js",
                "/resources",
            })
    void the_rest_of_keycloak_is_not(String path) {
        assertThat(paths.find(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/.well-known/oauth-authorization-server, /.well-known/oauth-authorization-server/realms/mcp",
        "/.well-known/oauth-authorization-server/realms/mcp, /.well-known/oauth-authorization-server/realms/mcp",
        "/.well-known/openid-configuration/realms/mcp, /realms/mcp/.well-known/openid-configuration",
        "/realms/mcp/.well-known/openid-configuration, /realms/mcp/.well-known/openid-configuration",
        "/realms/mcp/.well-known/oauth-authorization-server, /realms/mcp/.well-known/oauth-authorization-server",
    })
    void every_spelling_under_which_clients_look_for_metadata_leads_to_it(String asked, String served) {
        var expected = new Route.AuthorizationServer(served, Route.Access.DOCUMENT);

        assertThat(paths.find(asked)).contains(expected);
        assertThat(paths(true, false).find(asked)).contains(expected);
    }

    @Test
    void with_an_origin_of_its_own_nothing_but_metadata_is_forwarded() {
        assertThat(paths(true, false).find("/realms/mcp/protocol/openid-connect/token"))
                .isEmpty();
        assertThat(paths(true, false).find("/resources/a/b.css")).isEmpty();
    }

    @Test
    void the_admin_console_is_forwarded_only_when_switched_on() {
        assertThat(paths(false, true).find("/admin/master/console/")).isPresent();
        assertThat(paths(false, true).find("/realms/master/protocol/openid-connect/auth"))
                .isPresent();
        assertThat(paths(false, true).find("/realms/mcp/sallyport/registry")).isEmpty();
    }

    private static AuthorizationServerPaths paths(boolean ownOrigin, boolean adminConsole) {
        return new AuthorizationServerPaths(new KeycloakSettings(
                URI.create("http://127.0.0.1:8180"),
                "mcp",
                URI.create("https://mcp.example.com/realms/mcp"),
                ownOrigin,
                adminConsole,
                "sallyport-proxy",
                new SecretRef.Inline(Secret.of("unused"))));
    }
}
