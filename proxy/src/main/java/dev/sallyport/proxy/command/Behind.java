package dev.sallyport.proxy.command;

import dev.sallyport.proxy.command.Outside.Result.Answered;
import dev.sallyport.proxy.command.Outside.Result.Silent;
import dev.sallyport.proxy.registry.ServiceClient;
import dev.sallyport.proxy.settings.CredentialSettings;
import dev.sallyport.proxy.settings.CredentialSettings.HeaderTemplate;
import dev.sallyport.proxy.settings.CredentialSettings.Piece;
import dev.sallyport.proxy.settings.KeycloakSettings;
import dev.sallyport.proxy.settings.SecretUnreadable;
import dev.sallyport.proxy.settings.Secrets;
import dev.sallyport.proxy.settings.ServerSettings;
import dev.sallyport.proxy.settings.Settings;
import dev.sallyport.proxy.settings.UpstreamSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at what the proxy itself needs: Keycloak, its keys, the right to publish, and every MCP server. */
final class Behind {

    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"sallyport-doctor","version":"1"}}}""";

    private final Outside outside;
    private final Secrets secrets;
    private final InstantSource clock;
    private final List<Finding> findings = new ArrayList<>();

    Behind(Outside outside, Secrets secrets, InstantSource clock) {
        this.outside = outside;
        this.secrets = secrets;
        this.clock = clock;
    }

    List<Finding> look(Settings settings) {
        settings.keycloak().ifPresent(keycloak -> {
            keys(keycloak);
            rights(keycloak);
        });
        settings.servers().forEach(this::upstream);
        return findings;
    }

    private void keys(KeycloakSettings keycloak) {
        var address = URI.create(keycloak.url() + "/realms/" + keycloak.realm() + "/protocol/openid-connect/certs");
        findings.add(
                switch (outside.get(address, Map.of())) {
                    case Silent(var why) ->
                        Finding.bad(
                                "Keycloak at " + keycloak.url() + " does not answer: " + why,
                                "start it, or correct authorizationServer.keycloak");
                    case Answered answered
                    when answered.status() == 404 ->
                        Finding.bad(
                                "Keycloak has no realm " + keycloak.realm(),
                                "create it, or correct authorizationServer.realm");
                    case Answered answered
                    when answered.body().path("keys").isEmpty() ->
                        Finding.bad(
                                "no keys at " + address + " (status " + answered.status() + ")",
                                "check the realm's keys");
                    case Answered answered ->
                        Finding.good("Keycloak publishes "
                                + answered.body().path("keys").size() + " key(s)");
                });
    }

    private void rights(KeycloakSettings keycloak) {
        try {
            var reply = new ServiceClient(keycloak, secrets, clock)
                    .call("GET", "/revocations", Optional.empty(), Duration.ofSeconds(10));
            findings.add(
                    switch (reply.status()) {
                        case 200 ->
                            Finding.good("the client " + keycloak.clientId() + " may publish and hear of revocations");
                        case 401, 403 ->
                            Finding.bad(
                                    "the client " + keycloak.clientId() + " may not publish",
                                    "give its service account the role publish of the client sallyport");
                        case 404 ->
                            Finding.bad(
                                    "Keycloak does not have the extension",
                                    "put the jar into providers/ and restart Keycloak");
                        default ->
                            Finding.bad(
                                    "the extension answers with status " + reply.status(), "look at Keycloak's log");
                    });
        } catch (ServiceClient.Failure e) {
            findings.add(
                    Finding.bad(String.valueOf(e.getMessage()), "the registry cannot be published until this works"));
        }
    }

    private static String filled(HeaderTemplate template, String value) {
        return template.pieces().stream()
                .map(piece -> switch (piece) {
                    case Piece.Text(var text) -> text;
                    case Piece.Hole _ -> value;
                })
                .collect(Collectors.joining());
    }

    private void upstream(ServerSettings server) {
        var headers = new HashMap<>(
                Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"));
        var personal = false;
        switch (server.credential()) {
            case CredentialSettings.None _ -> {}
            case CredentialSettings.Connectable _,
                    CredentialSettings.ClientCredentials _,
                    CredentialSettings.Traded _ -> personal = true;
            case CredentialSettings.Shared shared when shared.query().isPresent() -> personal = true;
            case CredentialSettings.Shared(var templates, var reference, var _) -> {
                try {
                    var value = secrets.read(reference).revealText();
                    templates.forEach(template -> headers.put(template.name(), filled(template, value)));
                } catch (SecretUnreadable e) {
                    findings.add(Finding.bad(server.name() + ": " + e.getMessage(), "every call needs it"));
                    return;
                }
            }
        }
        findings.add(
                switch (server.upstream()) {
                    case UpstreamSettings.Url(var url) ->
                        finding(server, outside.send("POST", url, headers, INITIALIZE), personal);
                    case UpstreamSettings.Sse(var url) -> stream(server, outside.head(url, headers), personal);
                    case UpstreamSettings.Command command -> program(server, command);
                });
    }

    /** Only looked for: starting it could change something. */
    private static Finding program(ServerSettings server, UpstreamSettings.Command command) {
        var program = command.words().getFirst();
        var found = program.contains("/")
                ? Files.isExecutable(command.directory().orElse(Path.of("")).resolve(program))
                : Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        return found
                ? Finding.good(server.name() + ": the command " + program + " is there")
                : Finding.bad(
                        server.name() + ": there is no program " + program,
                        "install it, or write its whole path in upstream.command");
    }

    /** The head of the event stream is all that is wanted. */
    private static Finding stream(ServerSettings server, Outside.Result result, boolean personal) {
        var where = server.name() + ": the MCP server at " + server.upstream().shown();
        if (!(result instanceof Answered answered) || answered.status() == 401 || answered.status() == 403) {
            return finding(server, result, personal);
        }
        return answered.status() == 200
                        && answered.header("Content-Type").orElse("").startsWith("text/event-stream")
                ? Finding.good(where + " opens its event stream")
                : Finding.bad(
                        where + " does not open an event stream (status " + answered.status() + ")",
                        "correct upstream.sse; for a newer server write upstream.url");
    }

    private static String key(ServerSettings server) {
        return server.upstream() instanceof UpstreamSettings.Sse ? "sse" : "url";
    }

    private static Finding finding(ServerSettings server, Outside.Result result, boolean personal) {
        var where = server.name() + ": the MCP server at " + server.upstream().shown();
        return switch (result) {
            case Silent(var why) ->
                Finding.bad(where + " does not answer: " + why, "start it, or correct upstream." + key(server));
            case Answered answered when answered.status() / 100 == 2 -> Finding.good(where + " answers initialize");
            case Answered answered
            when (answered.status() == 401 || answered.status() == 403) && personal ->
                Finding.good(where + " answers and wants a credential that is got when somebody calls");
            case Answered answered
            when answered.status() == 401 || answered.status() == 403 ->
                Finding.bad(
                        where + " does not take the credential (status " + answered.status() + ")",
                        "check credential: type, place and secret");
            case Answered answered
            when answered.status() == 404 ->
                Finding.bad(where + " has no such path", "correct the path in upstream.url; often it is /mcp");
            case Answered answered ->
                Finding.doubtful(
                        where + " answers initialize with status " + answered.status(),
                        "newer servers refuse it; if calls work, all is well");
        };
    }
}
