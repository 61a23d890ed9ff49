package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.settings.Addresses.PlainHttp;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the whole file, section by section; servers have their own reader. Goes on after a problem to find them all. */
final class SettingsReader {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Pattern REALM = Pattern.compile("[A-Za-z0-9._-]{1,255}");
    private static final Pattern CLIENT_ID = Pattern.compile("[\\x21-\\x7e&&[^:]]{1,255}");

    private final Path folder;
    private final Report report;
    private final SecretReader secrets;

    SettingsReader(Path folder, Map<String, String> environment, Report report) {
        this.folder = folder;
        this.report = report;
        this.secrets = new SecretReader(this::path, environment, report);
    }

    /** Empty, or incomplete, only if problems were reported. */
    Optional<Settings> read(Section root) {
        var publicUrl = root.required("publicUrl", "write the https origin that clients use")
                .flatMap(this::origin);
        var listen = root.section("listen").map(this::listen).orElseGet(SettingsReader::defaultListen);
        var management = root.section("management").map(this::management).orElseGet(SettingsReader::defaultManagement);
        var keycloak = root.section("authorizationServer").flatMap(section -> keycloak(section, publicUrl));
        var trust = root.value("trust").flatMap(this::authorities);
        var limits = root.section("limits").map(this::limits).orElseGet(Limits::defaults);
        var state = root.value("state").flatMap(this::path).orElseGet(() -> folder.resolve(".sallyport"));
        var store = root.section("store")
                .map(section -> new StoreReader(this::path, secrets, report).read(section))
                .orElseGet(StoreSettings.Embedded::new);
        var keyRing = root.value("keyRing").flatMap(secrets::read);
        var audit = root.section("audit")
                .map(this::audit)
                .orElseGet(() -> new AuditSettings(Optional.empty(), false, false));
        var tracing = root.section("tracing").flatMap(SettingsReader::tracing);
        var servers = root.required("servers", "name at least one MCP server")
                .flatMap(Value::section)
                .map(section -> new ServersReader(publicUrl, secrets, report).read(section))
                .orElse(List.of());
        root.done();
        if (listen.port() != 0 && listen.port() == management.port()) {
            root.report()
                    .problem(
                            root.place("management"),
                            "port " + management.port(),
                            "the public listener has the same one",
                            "give management.port another number");
        }
        checkAuthorizationServers(root, servers);
        return publicUrl.map(url -> new Settings(
                url, listen, management, keycloak, trust, limits, state, store, keyRing, audit, tracing, servers));
    }

    private void checkAuthorizationServers(Section root, List<ServerSettings> servers) {
        servers.stream()
                .filter(server ->
                        !root.has("authorizationServer") || server.issuer().isPresent())
                .filter(server -> server.permissions().stream().anyMatch(PermissionSet::asks))
                .forEach(server -> report.problem(
                        new Place(
                                report.source(),
                                "servers." + server.name() + ".permissions",
                                root.place("servers").line(),
                                root.place("servers").column()),
                        "a rule with ask",
                        "people sign in at Keycloak to approve, and nobody of this server's tokens can",
                        "write authorizationServer at the top and none at the server, or remove ask"));
        if (!root.has("authorizationServer")) {
            servers.stream()
                    .filter(server ->
                            server.credential().isKept() || server.identity().isPresent())
                    .forEach(server -> report.problem(
                            new Place(
                                    report.source(),
                                    "servers." + server.name() + ".credential",
                                    root.place("servers").line(),
                                    root.place("servers").column()),
                            "a credential or an identity that the proxy has to keep something for",
                            whyKeycloak(server.credential()),
                            "write authorizationServer at the top, or use type: shared"));
        }
        if (!root.has("authorizationServer")) {
            servers.stream()
                    .filter(server -> server.issuer().isEmpty())
                    .forEach(server -> report.problem(
                            new Place(
                                    report.source(),
                                    "servers." + server.name(),
                                    root.place("servers").line(),
                                    root.place("servers").column()),
                            "no authorization server",
                            "somebody has to mint tokens for it",
                            "write authorizationServer at the top (Keycloak), or servers." + server.name()
                                    + ".authorizationServer"));
        } else if (!servers.isEmpty()
                && servers.stream().allMatch(server -> server.issuer().isPresent())) {
            report.warn(root.place("authorizationServer"), "unused: every server names its own authorization server");
        }
    }

    private static String whyKeycloak(CredentialSettings credential) {
        return switch (credential) {
            case CredentialSettings.Connectable _ ->
                "people sign in to connect theirs, and the vault is opened with the pages: both need Keycloak";
            case CredentialSettings.ClientCredentials _ ->
                "the proxy is the client here, nobody signs in; but what it is at the provider is kept in the vault, which"
                        + " is opened only with Keycloak";
            case CredentialSettings.TokenExchange _ ->
                "what the proxy is at the provider is kept in the vault, which is opened only with Keycloak";
            case CredentialSettings.KeycloakBroker _ -> "it is Keycloak that keeps the tokens of identity providers";
            case CredentialSettings.None _, CredentialSettings.Shared _ ->
                "the keys that sign it are kept in the vault, which is opened only with Keycloak";
        };
    }

    private Optional<URI> origin(Value value) {
        var url = Addresses.url(value, PlainHttp.LOOPBACK_ONLY, "");
        if (url.isPresent()
                && !url.get().getRawPath().isEmpty()
                && !url.get().getRawPath().equals("/")) {
            value.problem(
                    value.found(),
                    "one origin serves everything, so this is an origin without a path",
                    "write " + url.get().getScheme() + "://" + url.get().getRawAuthority()
                            + " and give the server a path");
            return Optional.empty();
        }
        return url.map(SettingsReader::withoutSlash);
    }

    private static URI withoutSlash(URI uri) {
        var text = uri.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
    }

    private static Settings.Listen defaultListen() {
        return new Settings.Listen("127.0.0.1", 8080, Optional.empty(), List.of());
    }

    private static Settings.Management defaultManagement() {
        return new Settings.Management("127.0.0.1", 8081);
    }

    private Settings.Listen listen(Section section) {
        var otherwise = defaultListen();
        var host = section.value("host").flatMap(Addresses::host).orElse(otherwise.host());
        var port = section.integer("port", 0, 65_535, otherwise.port());
        var tls = section.section("tls").flatMap(this::tls);
        var trusted = section.texts("trustedProxies");
        for (var block : trusted) {
            if (!Addresses.isBlock(block)) {
                report.problem(
                        section.place("trustedProxies"),
                        Value.quote(block),
                        "the address of a proxy, or a block of them, is wanted here",
                        "write for example 10.0.0.0/8 or ::1");
            } else if (block.endsWith("/0")) {
                report.warn(section.place("trustedProxies"), "everybody's X-Forwarded-* headers are believed");
            }
        }
        var origins = section.texts("allowedOrigins");
        for (var origin : origins) {
            if (!Addresses.isOrigin(origin)) {
                report.problem(
                        section.place("allowedOrigins"),
                        Value.quote(origin),
                        "the origin of a page is wanted here: scheme, host and port, nothing more",
                        "write for example https://app.example.com");
            }
        }
        section.done();
        if (tls.isEmpty() && !Addresses.isLoopback(host)) {
            report.warn(
                    section.place(),
                    "plain HTTP on " + host + ": put something that speaks TLS in front, or set listen.tls");
        }
        return new Settings.Listen(host, port, tls, trusted, origins);
    }

    private Optional<Settings.Tls> tls(Section section) {
        var certificate = section.required("certificate", "name the PEM file with the certificate chain")
                .flatMap(this::readable);
        var key = section.required("key", "name the PEM file with the private key")
                .flatMap(this::readable);
        section.done();
        return certificate.flatMap(chain -> key.map(path -> new Settings.Tls(chain, path)));
    }

    private Settings.Management management(Section section) {
        var otherwise = defaultManagement();
        var host = section.value("host").flatMap(Addresses::host).orElse(otherwise.host());
        var port = section.integer("port", 0, 65_535, otherwise.port());
        section.done();
        return new Settings.Management(host, port);
    }

    private Optional<KeycloakSettings> keycloak(Section section, Optional<URI> publicUrl) {
        var plainHttp = section.bool("allowPlainHttp") ? PlainHttp.ALLOWED : PlainHttp.LOOPBACK_ONLY;
        var url = section.required("keycloak", "write the URL at which the proxy reaches Keycloak")
                .flatMap(value -> Addresses.url(value, plainHttp, "authorizationServer.allowPlainHttp"))
                .map(SettingsReader::withoutSlash);
        var realm = section.value("realm")
                .flatMap(value -> matching(
                        value, REALM, "letters, digits, dots, underscores and hyphens make a realm's name here", "mcp"))
                .orElse("mcp");
        var ownOrigin = section.bool("ownOrigin");
        var adminConsole = section.bool("adminConsole");
        var issuer = section.value("issuer")
                .flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""))
                .or(() -> (ownOrigin ? url : publicUrl).map(base -> URI.create(base + "/realms/" + realm)));
        var clientId = section.value("clientId")
                .flatMap(value -> matching(
                        value, CLIENT_ID, "a client id is printable text without spaces and colons", "sallyport-proxy"))
                .orElse("sallyport-proxy");
        var secret = section.required(
                        "clientSecret", "write clientSecret: { file: … }, the secret of the client " + clientId)
                .flatMap(secrets::read);
        section.done();
        if (adminConsole && ownOrigin) {
            report.problem(
                    section.place("adminConsole"),
                    "true",
                    "with ownOrigin nothing is forwarded to Keycloak",
                    "remove one of the two keys");
        } else if (adminConsole) {
            report.warn(
                    section.place("adminConsole"),
                    "Keycloak's admin console can be reached from where the clients are");
        }
        if (url.isEmpty() || issuer.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new KeycloakSettings(url.get(), realm, issuer.get(), ownOrigin, adminConsole, clientId, secret.get()));
    }

    private Limits limits(Section section) {
        var otherwise = Limits.defaults();
        var limits = new Limits(
                section.size("body", 1024, 256 << 20, otherwise.body()),
                section.size("bodies", 1024, 1 << 30, otherwise.bodies()),
                section.size("headers", 4096, 1 << 20, otherwise.headers()),
                section.integer("connections", 1, 1_000_000, otherwise.connections()),
                section.integer("connectionsPerUpstream", 1, 1_000_000, otherwise.connectionsPerUpstream()),
                section.duration("firstRequest", DAY, otherwise.firstRequest()),
                section.duration("betweenRequests", DAY, otherwise.betweenRequests()),
                section.duration("bodyTime", DAY, otherwise.bodyTime()),
                section.duration("connect", DAY, otherwise.connect()),
                section.duration("firstByte", DAY, otherwise.firstByte()),
                section.duration("idleStream", DAY, otherwise.idleStream()),
                section.duration("shutdown", Duration.ofHours(1), otherwise.shutdown()));
        section.done();
        if (limits.bodies() < limits.body()) {
            report.problem(
                    section.place(),
                    "bodies " + Quantities.size(limits.bodies()) + ", body " + Quantities.size(limits.body()),
                    "all bodies together cannot take less than one of them",
                    "raise limits.bodies, or lower limits.body");
        }
        return limits;
    }

    private AuditSettings audit(Section section) {
        var file = section.value("file").flatMap(this::path);
        var collector = section.value("collector").flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""));
        var required = section.bool("required");
        var values = section.bool("values");
        section.done();
        if (section.has("file") && section.has("collector")) {
            report.problem(
                    section.place("collector"),
                    "a collector beside a file",
                    "events go to one place, so that it is clear whose loss counts",
                    "remove one of the two; a collector can read the file");
        }
        if (required && !section.has("file") && !section.has("collector")) {
            report.problem(
                    section.place("required"),
                    "true without a file or a collector",
                    "the log does not tell whether an event was written",
                    "add audit.file or audit.collector, or remove required");
        }
        if (values) {
            report.warn(
                    section.place("values"), "argument values are recorded: the audit log then holds what people send");
        }
        return new AuditSettings(file, collector, required, values);
    }

    private static Optional<TracingSettings> tracing(Section section) {
        var collector = section.required(
                        "collector", "write the base URL of an OpenTelemetry collector, such as http://127.0.0.1:4318")
                .flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""));
        var percent = section.integer("percent", 0, 100, 100);
        section.done();
        return collector.map(url -> new TracingSettings(url, percent));
    }

    private static Optional<String> matching(Value value, Pattern pattern, String why, String example) {
        return value.text().filter(text -> {
            if (pattern.matcher(text).matches()) {
                return true;
            }
            value.problem(value.found(), why, "write for example " + example);
            return false;
        });
    }

    private Optional<Path> authorities(Value value) {
        return path(value)
                .filter(path -> Authorities.problem(path)
                        .map(why -> {
                            value.problem(
                                    value.found(),
                                    why,
                                    "name a PEM file with the certificates of the authorities, one or more");
                            return false;
                        })
                        .orElse(true));
    }

    private Optional<Path> readable(Value value) {
        return path(value).filter(path -> {
            if (Files.isReadable(path)) {
                return true;
            }
            value.problem(
                    "the name of a file that cannot be read",
                    "it is needed to serve TLS",
                    "create it, or let Sallyport read it: " + path);
            return false;
        });
    }

    /** Relative paths count from the folder of the file. */
    private Optional<Path> path(Value value) {
        return value.text().flatMap(text -> {
            try {
                return Optional.of(folder.resolve(text).normalize());
            } catch (InvalidPathException _) {
                value.problem("text that is not a path", "a file is wanted here", "write the path of a file");
                return Optional.empty();
            }
        });
    }
}
