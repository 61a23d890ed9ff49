package dev.sallyport.proxy.token;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.AuditSettings;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.Limits;
import dev.sallyport.proxy.settings.SecretRef;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.StoreSettings;
import dev.sallyport.testkit.as.TestAuthorizationServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Settings around a test authorization server. */
public final class Fixtures {

    public static final String RESOURCE = "https://mcp.example.com/notes/mcp";

    private Fixtures() {}

    /** A server whose tokens come from the Keycloak of the settings. */
    public static ServerSettings server() {
        return server(RESOURCE, Optional.empty());
    }

    public static ServerSettings server(String resource, Optional<ServerSettings.IssuerSettings> issuer) {
        return new ServerSettings(
                "notes",
                "Notes",
                "",
                ResourceId.of(resource),
                new dev.sallyport.proxy.settings.UpstreamSettings.Url(URI.create("http://127.0.0.1:1/mcp")),
                issuer,
                new CredentialSettings.None(),
                List.of());
    }

    static Settings settings(TestAuthorizationServer keycloak, ServerSettings... servers) {
        return new Settings(
                URI.create("https://mcp.example.com"),
                new Settings.Listen("127.0.0.1", 0, Optional.empty(), List.of()),
                new Settings.Management("127.0.0.1", 0),
                Optional.of(new KeycloakSettings(
                        keycloak.url(),
                        "mcp",
                        URI.create(keycloak.issuer()),
                        false,
                        false,
                        "sallyport-proxy",
                        new SecretRef.Inline(Secret.of("unused")))),
                Limits.defaults(),
                Path.of("state"),
                new StoreSettings.Embedded(),
                new AuditSettings(Optional.empty(), false, false),
                List.of(servers));
    }
}
