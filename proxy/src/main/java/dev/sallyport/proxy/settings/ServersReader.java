package dev.sallyport.proxy.settings;

import dev.sallyport.proxy.oauth.ResourceId;
import dev.sallyport.proxy.settings.Addresses.PlainHttp;
import dev.sallyport.proxy.settings.ServerSettings.IssuerSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code servers} and checks them against each other. */
final class ServersReader {

    /** A name stands in scopes, URLs and headers. */
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]{1,128}){1,8}");
    private static final List<String> RESERVED = List.of(
            "realms",
            "resources",
            "admin",
            ".well-known",
            "connections",
            "connect",
            "approvals",
            "changes",
            "js",
            "health",
            "metrics",
            "q");

    private final Optional<URI> publicUrl;
    private final Report report;
    private final CredentialReader credentials;
    private final UpstreamReader upstreams;

    ServersReader(Optional<URI> publicUrl, SecretReader secrets, Report report) {
        this.publicUrl = publicUrl;
        this.report = report;
        this.credentials = new CredentialReader(secrets);
        this.upstreams = new UpstreamReader(secrets);
    }

    List<ServerSettings> read(Section section) {
        var servers = new ArrayList<ServerSettings>();
        var paths = new HashMap<String, Place>();
        section.entries().forEach((name, value) -> {
            if (!NAME.matcher(name).matches()) {
                value.problem(
                        "the name " + Value.quote(name),
                        "a server's name stands in its scopes and its URL",
                        "use lower case letters, digits and hyphens, at most 63");
            }
            value.section().ifPresent(server -> server(name, server, paths).ifPresent(servers::add));
        });
        if (section.entries().isEmpty()) {
            report.problem(
                    section.place(),
                    "no server",
                    "there is nothing to stand in front of",
                    "name at least one MCP server");
        }
        return servers;
    }

    private Optional<ServerSettings> server(String name, Section section, Map<String, Place> paths) {
        var title = section.text("title").orElse(name);
        var description = section.text("description").orElse("");
        var path = section.value("path").flatMap(Value::text).orElse("/" + name + "/mcp");
        var resource = resource(path, section.place("path"), paths);
        var upstream = section.required("upstream", "write upstream: { url: … } or upstream: { command: […] }")
                .flatMap(Value::section)
                .flatMap(upstreams::read);
        var issuer = section.section("authorizationServer").flatMap(ServersReader::issuer);
        var credential = section.section("credential")
                .map(credentials::read)
                .orElseGet(() -> Optional.of(new CredentialSettings.None()));
        var identity = section.section("identity").flatMap(one -> IdentityReader.read(one, upstream, credential));
        var permissions = section.required(
                        "permissions", "name at least one permission set: nobody could call anything")
                .flatMap(Value::section)
                .map(sets -> new PermissionsReader(name, report).read(sets))
                .orElse(List.of());
        var calls = new CallRulesReader(report).read(section);
        section.done();
        if (upstream.isPresent() && credential.isPresent()) {
            compare(section, upstream.get(), credential.get());
        }
        if (resource.isEmpty() || upstream.isEmpty() || credential.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ServerSettings(
                name,
                title,
                description,
                resource.get(),
                upstream.get(),
                issuer,
                credential.get(),
                identity,
                permissions,
                calls));
    }

    /** What can be sent depends on both. */
    private void compare(Section section, UpstreamSettings upstream, CredentialSettings credential) {
        if (!(upstream instanceof UpstreamSettings.Url) && credential.isInUrl()) {
            report.problem(
                    section.place("credential"),
                    "a query parameter",
                    "only requests to an upstream.url have one",
                    "say in upstream where the credential goes");
        }
        if (upstream instanceof UpstreamSettings.Command command
                && command.credential()
                        .filter(UpstreamSettings.CredentialPlace.Account.class::isInstance)
                        .isPresent()
                && !credential.isAccount()) {
            report.problem(
                    section.place("upstream"),
                    "a user name and a password of a credential that has none",
                    "only credentials with a password have both",
                    "write credential: { variable: API_KEY } in upstream, or another type of credential");
        }
    }

    private Optional<ResourceId> resource(String path, Place place, Map<String, Place> paths) {
        if (!PATH.matcher(path).matches()
                || path.contains("/./")
                || path.contains("/../")
                || path.endsWith("/.")
                || path.endsWith("/..")) {
            report.problem(
                    place,
                    Value.quote(path),
                    "a path is one to eight segments of letters, digits and . _ ~ -",
                    "write for example /notes/mcp");
            return Optional.empty();
        }
        var lower = path.toLowerCase(Locale.ROOT);
        var first = lower.substring(1).split("/", -1)[0];
        if (RESERVED.contains(first)) {
            report.problem(
                    place, Value.quote(path), "/" + first + " is Sallyport's own or Keycloak's", "choose another path");
            return Optional.empty();
        }
        paths.forEach((other, where) -> {
            if (other.equals(lower)) {
                report.problem(
                        place,
                        Value.quote(path),
                        "the server in line " + where.line() + " has the same path",
                        "give every server a path of its own");
            } else if (other.startsWith(lower + "/") || lower.startsWith(other + "/")) {
                report.problem(
                        place,
                        Value.quote(path),
                        "the path of the server in line " + where.line() + " lies within it, or it within that",
                        "give every server a path of its own");
            }
        });
        paths.putIfAbsent(lower, place);
        return publicUrl.map(url -> ResourceId.of(url + path));
    }

    private static Optional<IssuerSettings> issuer(Section section) {
        var issuer = section.required("issuer", "write the issuer exactly as its tokens name it")
                .flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""));
        var jwks = section.value("jwks").flatMap(value -> Addresses.url(value, PlainHttp.LOOPBACK_ONLY, ""));
        section.done();
        return issuer.map(uri -> new IssuerSettings(uri, jwks));
    }
}
