package dev.sallyport.proxy.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that {@code sallyport.yaml} says, checked. Immutable; a reload makes a new one.
 *
 * @param trust a PEM file with authorities that may vouch for whom the proxy connects to, beside those of the system
 */
public record Settings(
        URI publicUrl,
        Listen listen,
        Management management,
        Optional<KeycloakSettings> keycloak,
        Optional<Path> trust,
        Limits limits,
        Path stateDirectory,
        StoreSettings store,
        Optional<SecretRef> keyRing,
        AuditSettings audit,
        Optional<TracingSettings> tracing,
        List<ServerSettings> servers) {

    public Settings {
        servers = List.copyOf(servers);
    }

    /** Trusting the system's certificate authorities only, with a key ring of the proxy's own, and without traces. */
    @SuppressWarnings("checkstyle:ParameterNumber") // As many as the record has components, but three.
    public Settings(
            URI publicUrl,
            Listen listen,
            Management management,
            Optional<KeycloakSettings> keycloak,
            Limits limits,
            Path stateDirectory,
            StoreSettings store,
            AuditSettings audit,
            List<ServerSettings> servers) {
        this(
                publicUrl,
                listen,
                management,
                keycloak,
                Optional.empty(),
                limits,
                stateDirectory,
                store,
                Optional.empty(),
                audit,
                Optional.empty(),
                servers);
    }

    /**
     * The public listener. {@code trustedProxies} are CIDR blocks whose {@code X-Forwarded-*} headers are believed; {@code
     * allowedOrigins} are origins whose pages may call MCP servers from a browser, beside our own.
     */
    public record Listen(
            String host, int port, Optional<Tls> tls, List<String> trustedProxies, List<String> allowedOrigins) {
        public Listen {
            trustedProxies = List.copyOf(trustedProxies);
            allowedOrigins = List.copyOf(allowedOrigins);
        }

        /** Without pages of other origins. */
        public Listen(String host, int port, Optional<Tls> tls, List<String> trustedProxies) {
            this(host, port, tls, trustedProxies, List.of());
        }
    }

    /** PEM files, reloaded when they change. */
    public record Tls(Path certificate, Path key) {}

    /** Health and metrics: a separate port, loopback unless said otherwise. */
    public record Management(String host, int port) {}
}
